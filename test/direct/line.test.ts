import { describe, expect, test } from 'vitest';
import { careFor } from '../../plugin/direct/lines/care.ts';
import { entry5 } from '../fluent/samples.ts';
import { mappingSets } from '../helpers.ts';
import { expectSame, leftOf, twins } from './twins.ts';

const sets = mappingSets(`mappings:
  - id: '*'
    map:
      eventClass: c
      eventName: n
      severity: 1
      extension:
        { suser: $text, src: $ip, end: $when, spt: $port, cn1: $number, cfp1: $float, dmac: $mac, msg: $list, fname: $name, cs1: $odd, cs1Label: Odd }
`);
const texts = (bytes: readonly Buffer[]): Buffer =>
  Buffer.concat(
    bytes.map((text) => {
      // Its bytes need be no Unicode: they are put in afterwards.
      const entry = entry5({ operation: 'x', text: 'z'.repeat(text.length), name: 'n' });
      text.copy(entry, entry.indexOf('z'.repeat(text.length)));
      return entry;
    }),
  );

describe.each(['cef', 'leef', "leef, leef: { version: '2.0', delimiter: '^' }", 'splunk-hec, event: cef'])(
  '%s',
  (format) => {
    test('each byte at each place of a text', () => {
      const pair = twins(sets, format);
      for (let byte = 0; byte < 256; byte++) {
        const bodies = Array.from({ length: 35 }, (_, place) => {
          const text = Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789');
          text[place] = byte;
          return text;
        });
        expectSame(pair, texts(bodies));
      }
    });

    test('characters beyond ASCII, whole and not, and separators of lines', () => {
      const pair = twins(sets, format);
      const all = ['Größe=資料 🙂 x\\y', 'abcde\u2028', 'abc\u0085def', 'x\u2029', 'a^b|c\td'].map((text) =>
        Buffer.from(text),
      );
      const cut = ['ß', '資', '🙂'].map((text) => Buffer.from(`abcd${text}`).subarray(0, -1));
      expectSame(pair, texts([...all, ...cut]));
    });

    // What needs more than a backslash is rendered by the format's own code, one value at a time.
    test('values of all kinds, again and again', () => {
      const pair = twins(sets, format);
      const records = [
        { ip: '2001:db8::1', when: '2026-03-02T08:01:14+01:00', port: '443', number: -5, float: '1.5' },
        {
          ip: '203.0.113.7',
          when: 1772438474,
          port: 443,
          number: 2 ** 40,
          float: 1.5,
          mac: '00-1b-77-49-54-fd',
        },
        { ip: 'nowhere', when: 'later', port: 70_000, number: 'many', float: 'x', mac: 'none' },
        { ip: ['::1'], when: { a: 1 }, port: true, number: 1.25, float: 2 ** 53, list: ['a', { b: '\n' }] },
        { text: 'a\nb\r\u0001c', list: { b: 1, '7': 2 }, odd: new Map([['k', 'x'.repeat(40_000)]]) },
        { text: '\u007f', name: 'x'.repeat(9000), odd: '\u0001'.repeat(300), list: [] },
      ].map((record) => entry5({ operation: 'x', ...record } as Record<string, unknown>));
      for (let round = 0; round < 3; round++) expectSame(pair, Buffer.concat(records));
      expect(leftOf(pair, records.slice(0, 2), '')).toBe(0);
    });
  },
);

test('of several events of a record none is left when one is too large', () => {
  const all = mappingSets(`mode: all
mappings:
  - id: '*'
    map: { eventClass: small, eventName: n, severity: 1, extension: { suser: $user } }
  - id: '*'
    map: { eventClass: large, eventName: n, severity: 1, extension: { custom: $text } }
`);
  const pair = twins(all, 'cef');
  const neighbour = entry5({ operation: 'x', user: 'u', text: 't' });
  // Each of them takes two bytes in the line.
  const large = entry5({ operation: 'x', user: 'u', text: '\n'.repeat(3_500_000) });
  expectSame(pair, Buffer.concat([neighbour, large, neighbour]));
});

test('no more than two printable characters can be special', () => {
  expect(() => careFor('\\=|', '')).toThrow(RangeError);
});
