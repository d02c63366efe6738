import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { expect, test, vi } from 'vitest';
import { packEvent, packForwardMessage } from '../../plugin/fluent/forward-message.ts';
import { eventTime, time } from './samples.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' } as object);

/** The record of a packed event, as any other msgpack reader sees it. */
function recordOf(event: Buffer): unknown {
  expect(event.subarray(0, 11)).toEqual(Buffer.concat([Buffer.of(0x92), eventTime]));
  return unpackr.unpack(event.subarray(11));
}

test('an event is [EventTime, record], with no metadata', () => {
  expect(packEvent(time, { a: 1 })).toEqual(
    Buffer.concat([Buffer.of(0x92), eventTime, Buffer.from('81a16101', 'hex')]),
  );
});

test('a record is read as it was written', () => {
  const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__');
  const { record } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
      fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      tie('record'),
    ),
    record: fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  }));
  fc.assert(
    fc.property(record, (one) => {
      expect(recordOf(packEvent(time, one as Record<string, unknown>))).toEqual(one);
    }),
  );
});

test('an integer beyond 64 bits becomes text', () => {
  expect(recordOf(packEvent(time, { big: 2n ** 64n }))).toEqual({ big: '18446744073709551616' });
});

test('a message is [tag, bin of the events, {chunk, size}]', () => {
  const events = [packEvent(time, { a: 1 }), packEvent(time, { text: 'x'.repeat(100_000) })];
  expect(unpackr.unpack(Buffer.concat(packForwardMessage('siem.splunk.1-a', events, 'c1')))).toEqual([
    'siem.splunk.1-a',
    Buffer.concat(events),
    { chunk: 'c1', size: 2 },
  ]);
});

test('events that were packed before keep their bytes', () => {
  const first = packEvent(time, { a: 1 });
  const copy = Buffer.from(first);
  for (let count = 0; count < 1000; count++) packEvent(time, { text: 'x'.repeat(count) });
  expect(first).toEqual(copy);
});
