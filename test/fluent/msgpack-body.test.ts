import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BodyError, type DecodedBody } from '../../plugin/fluent/entry.ts';
import { packMessage } from '../../plugin/fluent/forward-message.ts';
import { decodeMsgpackBody } from '../../plugin/fluent/msgpack-body.ts';
import { entry5, entry18, entryWith, eventTime, nestedLists, now, time } from './samples.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const decode = (...entries: Buffer[]): DecodedBody => decodeMsgpackBody(Buffer.concat(entries), now);

/** The records alone, where nothing is bad. */
function recordsOf(...entries: Buffer[]): unknown[] {
  const { entries: decoded, bad } = decode(...entries);
  expect(bad).toEqual([]);
  return decoded.map(({ record }) => record);
}

const ana = { user: 'ana', size: 5 };
const ben = { user: 'ben', size: 6 };

test('[EventTime, record] one after another, as Fluent Bit 1.8 sends it', () => {
  expect(decode(entry18(ana), entry18(ben))).toEqual({
    entries: [
      { time, record: ana },
      { time, record: ben },
    ],
    bad: [],
  });
});

test('[[EventTime, metadata], record] one after another, as Fluent Bit 5 sends it', () => {
  expect(decode(entry5(ana), entry5(ben, { source: 'x' }))).toEqual({
    entries: [
      { time, record: ana },
      { time, record: ben },
    ],
    bad: [],
  });
});

test.each([
  ['EventTime as ext 8', Buffer.concat([Buffer.of(0xc7, 8, 0), eventTime.subarray(2)]), time],
  ['an integer', packMessage(1772438437), { seconds: 1772438437, nanoseconds: 0 }],
  ['a float', packMessage(1772438437.25), { seconds: 1772438437, nanoseconds: 250_000_000 }],
])('a time may be %s, in both forms', (_form, packedTime, expected) => {
  const header = Buffer.concat([Buffer.of(0x92), packedTime, Buffer.of(0x80)]);
  const record = packMessage(ana);
  const { entries } = decode(entryWith(packedTime, record), entryWith(header, record));
  expect(entries).toEqual([
    { time: expected, record: ana },
    { time: expected, record: ana },
  ]);
});

test('marks of a group are no records', () => {
  const mark = (seconds: string): Buffer =>
    entryWith(Buffer.from(`92d700${seconds}0000000080`, 'hex'), packMessage({ group: 1 }));
  expect(recordsOf(mark('ffffffff'), entry5(ana), mark('fffffffe'))).toEqual([ana]);
});

test('arrays and maps in their longer forms are entries and records as well', () => {
  const longEntry = Buffer.concat([
    Buffer.from('dc0002', 'hex'),
    eventTime,
    Buffer.from('de0001a16101', 'hex'),
  ]);
  expect(recordsOf(longEntry)).toEqual([{ a: 1 }]);
});

test('integers keep all their digits', () => {
  const record = { big: 18446744073709551615n, negative: -9223372036854775808n, exact: 9007199254740991 };
  expect(recordsOf(entry5(record))).toEqual([record]);
});

test('a value that is an EventTime is a date', () => {
  const record = Buffer.concat([Buffer.from('81a16101', 'hex').subarray(0, 3), eventTime]);
  expect(recordsOf(entryWith(eventTime, record))).toEqual([{ a: new Date(1772438437123) }]);
});

describe('among good entries', () => {
  test.each([
    ['a text', packMessage('hello'), now],
    ['an array of three', packMessage([1, {}, {}]), now],
    ['an entry without a time', packMessage(['noon', {}]), now],
    ['a time before 1970', packMessage([-5, {}]), now],
    ['an empty header', packMessage([[], {}]), now],
    ['a record that is a list', entryWith(eventTime, packMessage([1])), time],
    ['a record that is nil', entryWith(eventTime, packMessage(null)), time],
    ['a record with an unknown ext', entryWith(eventTime, Buffer.from('81a161d45000', 'hex')), time],
    [
      'a record nested deeper than the stack',
      entryWith(eventTime, Buffer.concat([Buffer.from('81a161', 'hex'), nestedLists(200_000)])),
      time,
    ],
  ])('%s is bad, with its place, time and bytes', (_what, entry, expected) => {
    const { entries, bad } = decode(entry5(ana), entry, entry5(ben));
    expect(entries.map(({ record }) => record)).toEqual([ana, ben]);
    expect(bad).toHaveLength(1);
    expect(bad[0]!.time).toEqual(expected);
    expect(bad[0]!.raw.equals(entry)).toBe(true);
    const start = entry5(ana).length;
    expect(bad[0]!.offset).toBeGreaterThanOrEqual(start);
    expect(bad[0]!.offset).toBeLessThan(start + entry.length);
    expect(bad[0]!.reason).toContain(`at byte ${bad[0]!.offset}`);
  });
});

test('a record that msgpackr takes for a definition of its own spoils no other', () => {
  // Ext type 0x72 defines a "record" for msgpackr, and integers 0x40 to 0x7f are uses of it.
  const definition = entryWith(eventTime, Buffer.from('81a161d4724092a178a179', 'hex'));
  const uses = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, 0x40 + index]));
  expect(decode(definition, entry5(uses)).entries.at(-1)!.record).toEqual(uses);
});

test('what is no msgpack is an error with its offset', () => {
  const before = entry5(ana).length;
  expect(() => decode(entry5(ana), Buffer.of(0xc1), entry5(ben))).toThrow(
    expect.objectContaining({ offset: before, message: `byte ${before} (0xc1) is no msgpack` }),
  );
});

/** What decoding gave: the records, or the offset of the error. Anything else is thrown on. */
function outcome(bytes: Buffer): unknown[] | number {
  try {
    const { entries, bad } = decodeMsgpackBody(bytes, now);
    return [...entries.map(({ record }) => record), ...bad.map(({ offset }) => offset)];
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
    return error.offset;
  }
}

test('a body that stops anywhere is an error at the entry that is cut, or whole entries', () => {
  const parts = [
    entry18(ana),
    entry5(ben, { a: ['b'] }),
    packMessage('hello'),
    entry18({ text: 'x'.repeat(70_000) }),
  ];
  const body = Buffer.concat(parts);
  const starts = parts.map((_, index) => Buffer.concat(parts.slice(0, index)).length);
  const cuts = Array.from({ length: body.length }, (_, cut) => cut).filter(
    (cut) => cut < 500 || cut % 997 === 0,
  );
  for (const cut of cuts) {
    const found = outcome(body.subarray(0, cut));
    const isWhole = cut === 0 || starts.includes(cut);
    if (isWhole) expect(found).toHaveLength(starts.filter((start) => start < cut).length);
    else expect(found).toBe(starts.findLast((start) => start < cut));
  }
});

test('any bytes give entries, bad ones or an error, and come to an end', () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
  const inAnEntry = bytes.map((one) => Buffer.concat([Buffer.of(0x92), eventTime, one]));
  const inARecord = bytes.map((one) =>
    entryWith(eventTime, Buffer.concat([Buffer.from('83a161', 'hex'), one])),
  );
  fc.assert(
    fc.property(fc.oneof(bytes, inAnEntry, inARecord), (body) => void outcome(body)),
    { numRuns: 3000 },
  );
});

test('any byte of a good body may be another one', () => {
  const body = Buffer.concat([
    entry18(ana),
    entry5({ ...ben, at: new Date(0), list: [1.5, null, 2n ** 63n] }),
  ]);
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(body);
      changed[at] = byte;
      outcome(changed);
    }),
    { numRuns: 3000 },
  );
});

test('after any bytes a good body is read as before', () => {
  const good = Buffer.concat([entry5(ana), entry18({ ...ben, small: [64, 65, 100, 127] })]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
      outcome(entryWith(eventTime, Buffer.concat([Buffer.from('82a161', 'hex'), array])));
      expect(outcome(good)).toEqual([ana, { ...ben, small: [64, 65, 100, 127] }]);
    }),
    { numRuns: 2000 },
  );
});
