import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pack } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import { Loop } from '../end-to-end/loop.ts';
import { received } from '../helpers.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { findRsyslog } from '../setup/rsyslog.mjs';
import { wantedCef, wantedLeef } from './events.ts';
import { type LeefForm, Lognormalizer } from './lognormalizer.ts';
import { Rsyslogd, type Transport, transports } from './rsyslogd.ts';

const rsyslog = await findRsyslog();
const reader = rsyslog && new Lognormalizer(rsyslog);
const carets: LeefForm = { version: '2.0', delimiter: '^' };

function recordsOf(...path: string[]): AuditRecord[] {
  const lines = readFileSync(join(packageRoot, ...path), 'utf8')
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => parseJson(line) as AuditRecord);
}

/** All sample records, by the tag that they have. */
const samples = new Map([
  ['filecloud.audit', recordsOf('mappings', 'examples', 'filecloud-audit.ndjson')],
  ['filecloud.alert', recordsOf('test', 'data', 'filecloud-system-alerts.ndjson')],
]);
for (const { log_type, record } of recordsOf('test', 'data', 'filescom.ndjson')) {
  const tag = `filescom.${log_type}`;
  samples.set(tag, [...(samples.get(tag) ?? []), record as AuditRecord]);
}

/** From 2.2 on Fluent Bit leaves a line alone that has a header; before, it puts its own in front of any. */
const [major = 0, minor = 0] = (await findFluentBit()).version.split('.').map(Number);
const hasOwnHeader = major > 2 || (major === 2 && minor >= 2);
const header = hasOwnHeader ? ', record_limit: 60KB, syslog: { format: rfc5424 }' : '';

const ways = transports.flatMap((transport) => [
  { name: `cef-${transport}`, settings: `format: cef${header}`, transport },
  { name: `leef-${transport}`, settings: `format: leef, leef: { delimiter: '^' }${header}`, transport },
]);

describe.skipIf(!rsyslog)('every sample record comes through a real Fluent Bit to a real rsyslog', () => {
  const config = join(mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-')), 'destinations.yaml');
  const loop = new Loop({ destinations: config, stanza: 'rsyslog' });
  let server: Rsyslogd;

  beforeAll(async () => {
    const global = 'maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off"';
    server = new Rsyslogd(rsyslog!, { global, leef: [carets] });
    await server.start();
    const device = 'device: { vendor: FileCloud, product: FileCloud, version: "23.1" }';
    const folders = ['filecloud/extended', 'filecloud', 'filescom'];
    const mappings = folders.map((folder) => join(packageRoot, 'mappings', folder, '*.yaml'));
    const destinations = ways.map(
      ({ name, settings }) => `  ${name}: { ${settings}, ${device}, mappings: [${mappings}] }\n`,
    );
    writeFileSync(config, `destinations:\n${destinations.join('')}`);
    mkdirSync(join(loop.folder, 'outputs'));
    writeFileSync(join(loop.folder, 'outputs', 'rsyslog.conf'), ways.map(stanza).join('\n'));
    await loop.start();
    await Promise.all(ways.map(({ name }) => post(name)));
  });

  afterAll(async () => {
    await loop.stop();
    await server.stop();
    rmSync(dirname(config), { recursive: true });
  });

  /** The shipped stanza for one of the ways. */
  function stanza({ name, transport }: { name: string; transport: Transport }): string {
    const tls = transport === 'tls';
    return [
      ['siem.syslog.*', `siem.${name}.*`],
      ['siem_syslog', name],
      ['${SYSLOG_HOST}', '127.0.0.1'],
      ['${SYSLOG_PORT}', String(server.port(transport))],
      ['Mode               tls', `Mode ${transport}`],
      ['tls                on', `tls ${tls}`],
      ['# tls.ca_file      /etc/ssl/certs/siem-ca.pem', tls ? `tls.ca_file ${server.certificate}` : ''],
    ].reduce(
      (text, [shipped, here]) => {
        if (!text.includes(shipped!)) throw new Error(`outputs/syslog.conf has no '${shipped}' to change`);
        return text.replace(shipped!, here!);
      },
      readFileSync(join(packageRoot, 'outputs', 'syslog.conf'), 'utf8'),
    );
  }

  async function post(name: string): Promise<void> {
    for (const [tag, records] of samples) {
      const answer = await fetch(`${loop.url}/map/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/msgpack', 'fluent-tag': tag },
        // As Fluent Bit would post them.
        body: Buffer.concat(records.map((record) => pack([received / 1000, record]))),
      });
      expect(answer.status, loop.outputs()).toBe(200);
    }
  }

  test.each(ways)('as $name', async ({ name, transport }) => {
    const { destinations } = (await load(config)).loaded!;
    const { map, render } = destinations.find(({ settings }) => settings.name === name)!;
    const events = [...samples].flatMap(([tag, records]) =>
      records.flatMap((record) => {
        const outcome = map(record, tag, received, noProblems());
        return outcome.kind === 'mapped' ? outcome.events : [];
      }),
    );
    expect(events).toHaveLength([...samples.values()].flat().length);
    const isCef = name.startsWith('cef');
    // CEF and LEEF come the same way.
    const messages = (await server.arrive(transport, events.length * 2)).filter(
      ({ line }) => line.startsWith('CEF:') === isCef,
    );

    const lineOf = hasOwnHeader ? 'raw' : 'line';
    const wanted = events.map((one) => String(render(one, noProblems()).message));
    // Fluent Bit promises no order.
    expect(messages.map((message) => message[lineOf]).sort()).toEqual([...wanted].sort());
    const fieldsOf = new Map(messages.map((message) => [message[lineOf], message.fields]));
    for (const [index, one] of events.entries()) {
      const fields = isCef ? reader!.asRead(wantedCef(one)) : wantedLeef(one, carets);
      expect(fieldsOf.get(wanted[index]!)).toEqual(fields);
    }
  });
});
