import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { firstLines } from '../helpers.ts';

// What is shipped is the model: nothing is found in it, whichever stanza is chosen.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  writeFileSync(
    join(folder, 'map.yaml'),
    "mappings: [{ id: '*', map: { eventClass: a, eventName: a, severity: 1 } }]",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All findings about configurations that are one installation. */
async function findings(config: string, files: readonly string[]): Promise<string[]> {
  const { loaded, diagnostics } = await load(config, {});
  const read = files.map((file) => readConfiguration(file, diagnostics, {}));
  checkInstallation(new Installation(config, loaded!.settings, read), diagnostics);
  return firstLines(diagnostics);
}

const shipped = (name: string): string => join(packageRoot, name);
const destinations = shipped('mappings/destinations.yaml');

test.each([
  [['fluent-bit.conf']],
  [['fluent-bit-single.conf']],
  [['fluent-bit.yaml']],
  [['fluent-bit.conf', 'fluent-bit-single.conf']],
])('%s', async (names) => {
  expect(await findings(destinations, names.map(shipped))).toEqual([]);
});

/** The format each destination's stanza is for. */
const formats: Readonly<Record<string, string>> = {
  splunk: 'splunk-hec',
  logscale: 'splunk-hec',
  sentinel: 'sentinel',
  sumologic: 'sumo',
  datadog: 'datadog',
  newrelic: 'newrelic',
  elasticsearch: 'ecs',
  generic: 'json',
  syslog: 'cef',
  files: 'json',
};

function destinationsWith(name: string, hasGate: boolean): string {
  const config = join(folder, 'destinations.yaml');
  const format = formats[name];
  expect(format, name).toBeDefined();
  const sentinel = format === 'sentinel' ? ', sentinel: { table: FileCloud_CL }' : '';
  const gate = hasGate ? ", deliver: { to: 'http://127.0.0.1:9/in' }" : '';
  writeFileSync(
    config,
    `destinations: { ${name}: { format: ${format}, mappings: [map.yaml]${sentinel}${gate} } }`,
  );
  return config;
}

const stanzas = readdirSync(shipped('outputs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(conf|yaml)$/.test(name) && !/^(map|kafka|dead-letter)\./.test(name))
  .sort();

describe('fluent-bit.conf and fluent-bit.yaml with each stanza', () => {
  test.each(stanzas)('outputs/%s', async (stanza) => {
    const text = readFileSync(shipped(`outputs/${stanza}`), 'utf8');
    const [, name] = /match:?\s+siem\.(\w+)\.\*/i.exec(text)!;
    const isYaml = stanza.endsWith('.yaml');
    const main = isYaml ? 'fluent-bit.yaml' : 'fluent-bit.conf';
    const changed = readFileSync(shipped(main), 'utf8')
      .replace(`outputs/splunk.${isYaml ? 'yaml' : 'conf'}`, shipped(`outputs/${stanza}`))
      .replace(/(@INCLUDE |- )outputs\/dead/, (_whole, before: string) => before + shipped('outputs/dead'));
    expect(changed).toContain(shipped(`outputs/${stanza}`));
    const file = join(folder, main);
    writeFileSync(file, changed);
    expect(await findings(destinationsWith(name!, /deliver/.test(text)), [file])).toEqual([]);
  });
});

describe('a collector with each input', () => {
  const inputs = readdirSync(shipped('inputs'));
  test.each(inputs)('inputs/%s', async (name) => {
    const file = join(folder, 'collector.conf');
    const includes = [`inputs/${name}`, 'outputs/map.conf'].map((one) => `@INCLUDE ${shipped(one)}\n`);
    writeFileSync(file, `[SERVICE]\n    storage.path /var/lib/collector\n\n${includes.join('')}`);
    expect(await findings(destinations, [file])).toEqual([]);
  });
});
