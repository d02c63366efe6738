import fc from 'fast-check';
import type { Event } from '../../plugin/compile/event.ts';
import { leefKeys } from '../../plugin/format/leef-keys.ts';
import { cefDictionary } from '../../plugin/mapping/cef-dictionary.ts';
import { isEmpty } from '../../plugin/mapping/empty.ts';
import { toText } from '../../plugin/mapping/text.ts';
import { anyText } from '../format/arbitraries.ts';
import { eventOf } from '../helpers.ts';
import type { CefFields, LeefForm, LeefReading } from './lognormalizer.ts';

const filled = (maxLength: number): fc.Arbitrary<string> => anyText(maxLength).filter((text) => text !== '');
/** None of these is a key that CEF or LEEF knows: those have types and lengths, and names of their own. */
const key = fc.stringMatching(/^[a-cX-Z][a-cX-Z019]{0,5}$/);

export const anyEvent: fc.Arbitrary<Event> = fc
  .record({
    eventClass: filled(60),
    eventName: filled(60),
    severity: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom('Low', 'Very-High')),
    extension: fc.uniqueArray(fc.tuple(key, filled(40)), { selector: ([name]) => name, maxLength: 6 }),
    externalId: fc.option(filled(20), { nil: undefined }),
  })
  .map(eventOf);

/** What has broken a sender or a reader of CEF before, or might. */
export const hostileTexts: readonly string[] = [
  'a|b',
  '|',
  'a=b',
  '=',
  'C:\\dir\\',
  '\\',
  '\\\\',
  '\\=',
  '\\|',
  '\\n',
  '\\\n',
  'first\nsecond',
  'first\r\nsecond',
  '\r',
  '\n',
  'x\nCEF:0|a|b|1|c|n|10|src=1.1.1.1',
  'bob dst=6.6.6.6',
  'bob dst =6.6.6.6',
  'bob\tdst=6.6.6.6',
  ' = ',
  'a\u2028b\u2029c',
  'a\tb',
  '\tends in tabs\t',
  '  ends in spaces  ',
  ' ',
  'NUL\0, bell\x07, escape\x1b[31m, DEL\x7f, NEL\x85',
  '\ufeffbyte-order mark',
  '日本語 ελληνικά 😀 e\u0301',
  'a\ud83db',
  '"quoted" \'text\', [list] {map}',
  '%s %n %41 #011 $!all-json',
  '<13>1 - - - - - - x',
  'x'.repeat(5000),
];

/** Each text in every place of an event that takes one, the last value of a line among them. */
export const hostileEvents: readonly Event[] = hostileTexts.flatMap((text) => [
  eventOf({
    eventClass: text,
    eventName: text,
    extension: [
      ['first', text],
      ['between', 'plain'],
      ['last', text],
    ],
  }),
  eventOf({ externalId: 'id', extension: [['only', text]] }),
]);

/** What the documentation says of a value in CEF: what has no escape becomes a space. */
function cefValue(text: string): string {
  return text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
}

/** What the documentation says of a header field, and of LEEF: no line break and no control, a space for each. */
function withoutControls(text: string): string {
  return text.toWellFormed().replace(/\r\n|[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ');
}

/** A header field is never blank. */
function orElse(text: string, other: string): string {
  return text.trim() === '' ? other : text;
}

/** Header fields have a length; the texts here that reach it are all of one character. */
function limited(text: string, length: number): string {
  return /^x+$/.test(text) ? text.slice(0, length) : text;
}

/** An event as a reader of its CEF line must give it. */
export function wantedCef(one: Event): CefFields {
  const eventClass = orElse(withoutControls(String(one.eventClass)), 'unknown');
  const pairs = one.extension.map(([key, value]) => [key, asInDictionary(key, value)] as const);
  const own = [
    ['rt', String(one.time)],
    ...(isEmpty(one.externalId) ? [] : [['externalId', String(one.externalId)]]),
  ] as [string, string][];
  const said = new Set(pairs.map(([key]) => key));
  return {
    DeviceVendor: 'FileCloud',
    DeviceProduct: 'FileCloud',
    DeviceVersion: '23.1',
    SignatureID: limited(eventClass, 1023),
    Name: limited(orElse(withoutControls(String(one.eventName)), eventClass), 512),
    Severity: String(one.severity ?? 0),
    Extensions: [...own.filter(([key]) => !said.has(key)), ...pairs].map(([key, value]) => [
      key,
      cefValue(value),
    ]),
  };
}

/** A value as text; a time as epoch milliseconds, a long text cut. No sample is of a wrong type for its key. */
function asInDictionary(key: string, value: unknown): string {
  const text = toText(value)!;
  const { type, maxLength } = cefDictionary.get(key) ?? {};
  if (maxLength !== undefined) return [...text].slice(0, maxLength).join('');
  if (type !== 'time' || /^\d{13}$/.test(text)) return text;
  return String(/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
}

/** An event as a reader of its LEEF line must give it. */
export function wantedLeef(one: Event, { delimiter }: LeefForm): LeefReading {
  // LEEF has no escapes: what would end an attribute, or the line, becomes a space; in the header a pipe a slash.
  const value = (text: unknown): string => withoutControls(toText(text)!).replaceAll(delimiter, ' ');
  const id = (text: unknown): string => withoutControls(String(text)).replaceAll('|', '/').slice(0, 255);
  const own = [
    { key: 'devTime', value: String(one.time) },
    { key: 'cat', value: value(one.eventClass) },
    { key: 'sev', value: leefSeverity(one.severity) },
    ...(isEmpty(one.externalId) ? [] : [{ key: 'externalId', value: value(one.externalId) }]),
  ];
  const pairs = one.extension.map(([key, text]) => ({ key: leefKeys.get(key) ?? key, value: value(text) }));
  const said = new Set(pairs.map(({ key }) => key));
  return {
    vendor: 'FileCloud',
    product: 'FileCloud',
    version: '23.1',
    eventId: orElse(id(one.eventName), orElse(id(one.eventClass), 'unknown')),
    attributes: [...own.filter(({ key }) => !said.has(key)), ...pairs],
  };
}

/** 1-10, where CEF has 0-10 and words. */
function leefSeverity(severity: unknown): string {
  if (severity === 'Low') return '3';
  if (severity === 'Very-High') return '10';
  return String(Number(severity) || 1);
}
