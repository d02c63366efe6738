import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { findRsyslog } from '../setup/rsyslog.mjs';
import { anyEvent, hostileEvents, wantedCef, wantedLeef } from './events.ts';
import { type LeefForm, Lognormalizer } from './lognormalizer.ts';
import { Rsyslogd, transports } from './rsyslogd.ts';

const rsyslog = await findRsyslog();
const reader = rsyslog && new Lognormalizer(rsyslog);
const tabs: LeefForm = { version: '2.0', delimiter: '\t' };
const carets: LeefForm = { version: '2.0', delimiter: '^' };

/** The lines of events for a destination of these settings. */
function linesOf(events: readonly Event[], settings: string): string[] {
  const one = destination(settings);
  const render = formats.get(one.format)!.compile(one);
  return events.map((event) => String(render(event, noProblems()).message));
}

let server: Rsyslogd;

async function start(global: string): Promise<void> {
  server = new Rsyslogd(rsyslog!, { global, leef: [tabs, carets] });
  await server.start();
}

describe.skipIf(!rsyslog)('rsyslog', () => {
  afterEach(() => server.stop());

  describe('takes our lines as they are, and reads what was meant', () => {
    // 8096 bytes and `#011` for a tab are what it would have otherwise.
    beforeEach(() => start('maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off"'));

    const ways = transports.flatMap((transport) =>
      (['rfc5424', 'rfc3164'] as const).flatMap((header) =>
        (['cef', 'leef'] as const).map((format) => ({ transport, header, format })),
      ),
    );
    test.each(ways)('over $transport, $format behind an $header header', async (way) => {
      const { transport, header, format } = way;
      const events = [...hostileEvents, ...fc.sample(anyEvent, 100)];
      const sent = linesOf(events, `${format}, record_limit: 60KB, syslog: { format: ${header} }`);
      await server.send(transport, sent);
      const messages = await server.arrive(transport, sent.length);

      expect(server.lines(transport)).toEqual(sent);
      expect(messages.map(({ raw }) => raw)).toEqual(sent);
      expect(messages.map(({ line }) => line)).toEqual(linesOf(events, format));
      for (const [index, { facility, severity, time, host, app }] of messages.entries())
        expect({ facility, severity, time, host, app }).toEqual(headerOf(events[index]!, header, format));
      expect(messages.map(({ fields }) => fields)).toEqual(
        events.map((one) => (format === 'cef' ? reader!.asRead(wantedCef(one)) : wantedLeef(one, tabs))),
      );
    });

    /** What rsyslog must find in the syslog header of an event. */
    function headerOf(one: Event, header: string, format: string): object {
      const words: Readonly<Record<string, number>> = { Low: 2, 'Very-High': 9 };
      const number = words[String(one.severity)] ?? Number(one.severity);
      const severity = ['info', 'warning', 'err', 'crit'][
        [4, 7, 9].filter((least) => number >= least).length
      ];
      const common = { facility: 'audit', severity, host: 'gw1' };
      if (header === 'rfc5424')
        return { ...common, time: new Date(one.time).toISOString(), app: 'fluent-bit-siem' };
      // To RFC 3164, `CEF:` is the name of a program; its year is the present one.
      const time = expect.stringMatching(/^\d{4}-03-02T08:00:00\+00:00$/);
      return { ...common, time, app: format.toUpperCase() };
    }
  });

  describe('as it comes', () => {
    beforeEach(() => start(''));
    const header = 'syslog: { format: rfc5424 }';

    test.each(transports)('takes what `record_limit` fits to its 8096 bytes, over %s', async (transport) => {
      // What stands behind byte 8096 would be a message of its own over TCP, and say what it likes.
      const forged = '<13>1 - - - - - - CEF:0|forged|p|1|c|n|10|src=6.6.6.6';
      const events = [...Array(200).keys()].map((more) =>
        eventOf({ extension: [['path', `${'x'.repeat(7900 + more)}${forged}`]] }),
      );
      const sent = linesOf(events, `cef, record_limit: 8096, ${header}`);
      await server.send(transport, sent);
      const messages = await server.arrive(transport, sent.length);
      expect(messages.map(({ raw }) => raw)).toEqual(sent);
      expect(
        sent
          .map((line) => Buffer.byteLength(line))
          .sort()
          .at(-1),
      ).toBe(8096);
      for (const { fields } of messages) expect(fields).toMatchObject({ DeviceVendor: 'FileCloud' });
    });

    test.each([
      ['a time after the year 9999', 'rfc5424', 'gw1', 1772438400_000_000, 'gw1'],
      ['a time after the year 9999', 'rfc3164', 'gw1', 1772438400_000_000, 'gw1'],
      ['a time before the year 0', 'rfc5424', 'gw1', -1e14, 'gw1'],
      ['no host', 'rfc5424', ' ', received, '-'],
      ['no host', 'rfc3164', ' ', received, expect.any(String)],
      ['an IPv6 address', 'rfc5424', 'fe80::1', received, 'fe80::1'],
      ['an IPv6 address', 'rfc3164', 'fe80::1', received, expect.any(String)],
    ])('finds the line behind a header with %s (%s)', async (_, format, hostname, time, host) => {
      const settings = `cef, syslog: { format: ${format}, hostname: '${hostname}' }`;
      await server.send('tcp', linesOf([eventOf({ time })], settings));
      const [message] = await server.arrive('tcp', 1);
      expect(message).toMatchObject({ host, line: linesOf([eventOf({ time })], 'cef')[0] });
      expect(message!.fields).toBeDefined();
    });

    test('takes LEEF between carets', async () => {
      const events = hostileEvents.filter((one) => !JSON.stringify(one.extension).includes('xxxx'));
      const sent = linesOf(events, `leef, record_limit: 60KB, leef: { delimiter: '^' }, ${header}`);
      await server.send('tcp', sent);
      const messages = await server.arrive('tcp', sent.length);
      expect(messages.map(({ raw }) => raw)).toEqual(sent);
      expect(messages.map(({ fields }) => fields)).toEqual(events.map((one) => wantedLeef(one, carets)));
    });

    test('writes #011 for a tab, which ends no attribute of LEEF', async () => {
      const events = [eventOf({ extension: [['a', 'b\tc']] })];
      const [cef, leef] = [
        linesOf(events, `cef, record_limit: 60KB, ${header}`),
        linesOf(events, `leef, record_limit: 60KB, ${header}`),
      ];
      await server.send('tcp', [...cef, ...leef]);
      const [first, second] = await server.arrive('tcp', 2);
      expect(first!.raw).toBe(cef[0]!.replace('\t', '#011'));
      expect(first!.fields).toBeDefined();
      const devTime = `${received}#011cat=c#011sev=2#011a=b c`;
      expect(second!.fields).toMatchObject({ attributes: [{ key: 'devTime', value: devTime }] });
    });
  });
});
