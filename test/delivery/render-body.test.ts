import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { expect, test, vi } from 'vitest';
import { type PackedRecord, renderBody } from '../../plugin/delivery/render-body.ts';
import type { DecodedBody } from '../../plugin/fluent/entry.ts';
import { type DestinationOptions, destinationOf, logins, mapping } from './helpers.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const unpackr = new Unpackr({ useRecords: false });
const nobody = { host: '127.0.0.1', port: 9 };
const time = { seconds: 1772438437, nanoseconds: 0 };

function bodyOf(records: Record<string, unknown>[], ...bad: string[]): DecodedBody {
  return {
    entries: records.map((record) => ({ time, record })),
    bad: bad.map((raw) => ({ time, offset: 0, reason: 'no record', raw: Buffer.from(raw) })),
  };
}

/** The records that events or dead letters carry. */
const unpacked = (records: readonly PackedRecord[]): unknown[] =>
  records.map(({ packed }) => unpackr.unpack(packed.subarray(11)));

const login = { operation: 'login', user: 'ana' };
const event = { time: '2026-03-02T08:00:37.000Z', eventClass: 'Auth', eventName: 'login', severity: 3 };

test('every record counts once: mapped, filtered, unmapped or dead', () => {
  const records = [login, { operation: 'heartbeat' }, { operation: 'other' }, {}];
  const { events, deadLetters, tally } = renderBody(destinationOf(nobody), bodyOf(records, 'x'), '');
  expect(tally).toMatchObject({ mapped: 1, filtered: 1, unmapped: 2, passed: 0, deadLetters: 1 });
  expect(unpacked(events)).toEqual([{ ...event, user: 'ana' }]);
  expect(unpacked(deadLetters)).toMatchObject([{ reason: 'no record', record: 'x' }]);
});

test('where the destination passes records, an unmapped one goes as it is', () => {
  const { events, tally } = renderBody(
    destinationOf(nobody, { unmapped: 'pass' }),
    bodyOf([{ operation: 'other', n: 1 }, { operation: 'heartbeat' }]),
    '',
  );
  expect(unpacked(events)).toEqual([{ time: event.time, operation: 'other', n: 1 }]);
  expect(tally).toMatchObject({ filtered: 1, unmapped: 0, passed: 1 });
});

test('a record that gives several events counts once', () => {
  const twice = `mode: all${mapping}
  - id: login
    map: { eventClass: Second, eventName: second, severity: 1 }
`;
  const { events, tally } = renderBody(destinationOf(nobody, { mapping: twice }), bodyOf([login]), '');
  expect(events).toHaveLength(2);
  expect(tally.mapped).toBe(1);
});

test('the same body gives the same bytes', () => {
  const body = bodyOf([login, ...logins('ben', 'eve')], 'x');
  const [first, second] = [
    renderBody(destinationOf(nobody), body, 't'),
    renderBody(destinationOf(nobody), body, 't'),
  ];
  expect(first.events).toEqual(second.events);
  expect(first.deadLetters).toEqual(second.deadLetters);
});

test('an event over 6,000,000 bytes is a dead letter, and its neighbours are events', () => {
  const large = { ...login, text: 'x'.repeat(6_000_000) };
  const { events, deadLetters, tally } = renderBody(
    destinationOf(nobody),
    bodyOf([login, large, login]),
    't',
  );
  expect(events).toHaveLength(2);
  expect(tally).toMatchObject({ mapped: 2, deadLetters: 1 });
  const [letter] = unpacked(deadLetters) as { reason: string; tag: string; record: string }[];
  expect(letter!.reason).toMatch(/^the event has 6000\d\d\d bytes, more than 6000000$/);
  expect(letter!.tag).toBe('t');
  expect(letter!.record).toContain('"user":"ana"');
});

test('one event too large takes the others of its record with it: a record counts once', () => {
  const twice = `mode: all${mapping}
  - id: login
    map: { eventClass: Second, eventName: second, severity: 1 }
`;
  const large = { ...login, text: 'x'.repeat(6_000_000) };
  const { events, tally } = renderBody(destinationOf(nobody, { mapping: twice }), bodyOf([large]), '');
  expect(events).toEqual([]);
  expect(tally).toMatchObject({ mapped: 0, deadLetters: 1 });
});

test('any records give as many outcomes, in every format', () => {
  const value = fc.anything({
    withBigInt: true,
    withDate: true,
    withTypedArray: true,
    withSparseArray: true,
  });
  const record = fc.record(
    { operation: fc.oneof(fc.constantFrom('login', 'heartbeat', 'other'), value), user: value, text: value },
    { requiredKeys: [] },
  );
  const settings: DestinationOptions[] = [
    { format: 'cef' },
    { format: 'json', unmapped: 'pass' },
    { format: 'splunk-hec', unmapped: 'pass' },
    ...['leef', 'csv', 'sentinel', 'ecs', 'ocsf'].map((format) => ({ format })),
    ...['sumo', 'datadog', 'newrelic'].map((format) => ({ format, unmapped: 'pass' as const })),
    { format: 'sentinel', event: 'record', unmapped: 'pass' },
    { format: 'newrelic', event: 'record', recordLimit: 1024 },
    { format: 'sumo', recordLimit: 1024 },
    { format: 'cef', recordLimit: 1024 },
  ];
  const destinations = settings.map((one) => destinationOf(nobody, one));
  fc.assert(
    fc.property(fc.array(record), (records) => {
      for (const destination of destinations) {
        const { events, tally } = renderBody(destination, bodyOf(records), '');
        expect(tally.mapped + tally.filtered + tally.unmapped + tally.passed + tally.deadLetters).toBe(
          records.length,
        );
        expect(unpacked(events)).toHaveLength(tally.mapped + tally.passed);
      }
    }),
    { numRuns: 300 },
  );
});
