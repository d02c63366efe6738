import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';
import { parseTime } from '../../plugin/mapping/time.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { Loop } from './loop.ts';
import * as providers from './providers.ts';
import { alerts, audit, expected, filescom, type Sample, sorted } from './samples.ts';
import { stanzaFor } from './stanza.ts';

const { path: binary, version } = await findFluentBit();
const plugins = spawnSync(binary, ['-h'], { encoding: 'utf8' }).stdout;
const isSince = (least: string): boolean => version.localeCompare(least, 'en', { numeric: true }) >= 0;

// rsyslog takes 8 KB unless told otherwise, Fluent Bit's own header included.
const line = `record_limit: 8000${isSince(providers.keepsHeader) ? ', syslog: { format: rfc5424 }' : ''}`;

interface Row {
  /** The destination's name, and what destinations.yaml says about it. A second one for a stanza has a hyphen. */
  readonly name: string;
  readonly settings: string;
  /** The file in outputs/ that delivers to it. */
  readonly stanza: string;
  readonly provider: providers.MakeProvider;
  /** The Fluent Bit that its stanza asks for. */
  readonly since: string;
}

const { splunk, sentinel, syslog } = providers;
const rows: readonly Row[] = (
  [
    ['splunk', 'format: splunk-hec', 'splunk', splunk],
    ['splunk-cef', 'format: splunk-hec, event: cef', 'splunk', splunk],
    ['splunk-record', 'format: splunk-hec, event: record', 'splunk', splunk],
    ['splunk-native', 'format: splunk-hec', 'native/splunk', splunk, '3.1'],
    ['sentinel', 'format: sentinel', 'sentinel', sentinel],
    ['sentinel-cef', 'format: sentinel, sentinel: { table: CommonSecurityLog }', 'sentinel', sentinel],
    ['sentinel-record', 'format: sentinel, event: record', 'sentinel', sentinel],
    ['sentinel-native', 'format: sentinel', 'native/sentinel', providers.sentinelPlugin, '5.0.3'],
    ['sumologic', 'format: sumo', 'sumologic', providers.sumologic],
    ['sumologic-record', 'format: sumo, event: record', 'sumologic', providers.sumologic],
    ['datadog', 'format: datadog, datadog: { tags: { env: prod } }', 'datadog', providers.datadog],
    ['datadog-record', 'format: datadog, event: record', 'datadog', providers.datadog],
    ['datadog-native', 'format: datadog', 'native/datadog', providers.datadog, '2.0'],
    ['newrelic', 'format: newrelic', 'newrelic', providers.newrelic],
    ['newrelic-record', 'format: newrelic, event: record', 'newrelic', providers.newrelic],
    ['newrelic-native', 'format: newrelic', 'native/newrelic', providers.newrelicPlugin],
    ['generic', 'format: json', 'generic-http', providers.jsonArrays],
    ['generic-lines', 'format: ocsf', 'generic-http', providers.jsonLines],
    ['generic-cef', 'format: cef', 'generic-http', providers.jsonArrays],
    ['logscale', 'format: splunk-hec', 'logscale', providers.logscale],
    ['elasticsearch', 'format: ecs', 'elasticsearch', providers.elasticsearch],
    ['files', 'format: json, event: record, batch: { by: tag }', 'file', providers.jsonFiles],
    ['files-csv', 'format: csv, batch: { by: tag }', 'file', providers.csvFiles],
    ['cef-tcp', `format: cef, ${line}`, 'syslog', syslog('tcp')],
    ['cef-tls', `format: cef, ${line}`, 'syslog', syslog('tls')],
    ['cef-udp', `format: cef, ${line}`, 'syslog', syslog('udp')],
    ['leef-tls', `format: leef, ${line}`, 'syslog', syslog('tls')],
  ] as const
).map(([name, settings, stanza, provider, since = '1.8']) => ({ name, settings, stanza, provider, since }));

// What FileCloud's own sample maps leave out, the extended ones say: every sample becomes an event.
const folders = ['filecloud/extended', 'filecloud', 'filescom'];
const mappings = folders.map((folder) => join(packageRoot, 'mappings', folder, '*.yaml'));

/** Whether this Fluent Bit has the stanza's plugin, in a version that does what the stanza says. */
function runs({ stanza, since }: Row): boolean {
  const text = readFileSync(join(packageRoot, 'outputs', `${stanza}.conf`), 'utf8');
  const [, plugin] = /^ +Name +(\w+)$/im.exec(text)!;
  return isSince(since) && new RegExp(`^ +${plugin} `, 'm').test(plugins);
}

const samples: readonly Sample[] = [...audit, ...alerts, ...filescom];
const started = Date.now();

/** What has no time of its own gets that of this run, which nobody can know beforehand: 0 in its place. */
function withoutThisRun(value: unknown): unknown {
  const text = toJsonText(value).replace(/\b1\d{9}(?:\d{3}|\.\d+)?\b|\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
    Math.abs(parseTime(time)! - started) < 600_000 ? '0' : time,
  );
  return parseJson(text);
}

/** One row at work. */
interface End {
  readonly provider: providers.Provider;
  /** What is to arrive. */
  readonly wanted: readonly unknown[];
}

describe(`every sample record comes through Fluent Bit ${version} as the mapping and the format say`, () => {
  const loop = new Loop({
    destinations: 'destinations.yaml',
    stanza: 'providers',
    collector: '@INCLUDE inputs/filecloud.conf\n@INCLUDE inputs/filescom.conf\n@INCLUDE outputs/maps.conf\n',
  });
  const ends = new Map<string, End>();

  beforeAll(async () => {
    const there = rows.filter(runs);
    await makeEnds(there);
    await writeStanzas(there);
    await loop.start();
    loop.feed(audit.map(({ line }) => line));
    loop.feed(
      alerts.map(({ line }) => line),
      'system-alerts',
    );
    for (const { tag, line } of filescom) expect((await loop.post(tag, line)).status).toBe(201);
    const isComplete = ({ provider, wanted }: End): boolean => provider.arrived().length >= wanted.length;
    await until(() => [...ends.values()].every(isComplete), 60_000);
    await loop.settle();
  });

  afterAll(async () => {
    await loop.stop();
    await Promise.all([...ends.values()].map(({ provider }) => provider.receiver?.close()));
  });

  async function makeEnds(there: readonly Row[]): Promise<void> {
    const config = join(loop.folder, 'destinations.yaml');
    const written = there.map(
      ({ name, settings }) => `  ${name}: { ${settings}, mappings: [${mappings}] }\n`,
    );
    writeFileSync(config, `destinations:\n${written.join('')}`);
    const { destinations } = (await load(config)).loaded!;
    for (const [index, { name, provider: make }] of there.entries()) {
      const destination = destinations[index]!;
      const tagged = samples.flatMap((sample) =>
        expected(destination, [sample], started).map((event) => ({ event, tag: sample.tag })),
      );
      const events = tagged.map(({ event }) => event);
      const provider = make({ destination, events, folder: loop.folder, isSince });
      const { sees = (event) => event } = provider;
      const wanted = tagged.map(({ event, tag }) => sees(event, tag));
      ends.set(name, { provider, wanted });
      await provider.receiver?.listen();
    }
  }

  /** What delivers, and what brings the records to each destination: copies of the shipped stanzas. */
  async function writeStanzas(there: readonly Row[]): Promise<void> {
    const delivering: string[] = [];
    const mapping: string[] = [];
    for (const { name, stanza } of there) {
      const { change, ...changes } = await ends.get(name)!.provider.changes();
      // A name without a hyphen is the one that the shipped stanza matches.
      const own = name.includes('-') ? { Alias: name, Match: `siem.${name}.*` } : {};
      const { text, environment } = stanzaFor(name, stanza, { ...changes, change: { ...own, ...change } });
      Object.assign(loop.environment, environment);
      delivering.push(text);
      mapping.push(stanzaFor(name, 'map', { change: { Alias: name, URI: `/map/${name}` } }).text);
    }
    mkdirSync(join(loop.folder, 'outputs'));
    writeFileSync(join(loop.folder, 'outputs', 'providers.conf'), delivering.join('\n'));
    writeFileSync(join(loop.folder, 'outputs', 'maps.conf'), mapping.join('\n'));
    writeFileSync(join(loop.folder, providers.authority.file), providers.authority.text);
    mkdirSync(join(loop.folder, 'var', 'files'), { recursive: true });
  }

  for (const row of rows) {
    test.skipIf(!runs(row))(`${row.name}, by outputs/${row.stanza}.conf`, () => {
      const { provider, wanted } = ends.get(row.name)!;
      expect(provider.problems()).toEqual([]);
      const arrived = provider.arrived();
      expect(sorted(arrived.map(withoutThisRun))).toEqual(sorted(wanted.map(withoutThisRun)));
      expect(arrived).toHaveLength(samples.length);
    });
  }
});
