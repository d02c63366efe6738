import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import { describe, expect, test, vi } from 'vitest';
import type { Destination } from '../../plugin/delivery/destination.ts';
import { isLong, renderBody, renderInTurns } from '../../plugin/delivery/render-body.ts';
import type { RenderedBody } from '../../plugin/delivery/rendered-body.ts';
import type { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { packEvent } from '../../plugin/fluent/forward-message.ts';
import { type DestinationOptions, destinationOf, logins, mapping } from './helpers.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const unpackr = new Unpackr({ useRecords: false });
const packr = new Packr({ useRecords: false });
const nobody = { host: '127.0.0.1', port: 9 };
const time = { seconds: 1772438437, nanoseconds: 0 };

/** A body of entries as Fluent Bit packs them; a text is something else. */
function bodyOf(entries: (Record<string, unknown> | string)[]): Buffer {
  return Buffer.concat(
    entries.map((entry) => (typeof entry === 'string' ? packr.pack(entry) : packEvent(time, entry))),
  );
}

function render(
  destination: Destination,
  entries: (Record<string, unknown> | string)[],
  tag = '',
): RenderedBody {
  return renderBody(destination.compiled, bodyOf(entries), time, tag);
}

const bytesOf = (events: EventBuffer): Buffer[] =>
  Array.from({ length: events.count }, (_, index) => events.slice(index));

/** The records that events or dead letters carry. */
const unpacked = (events: EventBuffer): unknown[] =>
  bytesOf(events).map((bytes) => unpackr.unpack(bytes.subarray(11)));

const login = { operation: 'login', user: 'ana' };
const event = { time: '2026-03-02T08:00:37.000Z', eventClass: 'Auth', eventName: 'login', severity: 3 };

test('every record counts once: mapped, filtered, unmapped or dead', () => {
  const records = [login, { operation: 'heartbeat' }, { operation: 'other' }, {}];
  const { events, deadLetters, tally } = render(destinationOf(nobody), [...records, 'x']);
  expect(tally).toMatchObject({ mapped: 1, filtered: 1, unmapped: 2, passed: 0, deadLetters: 1 });
  expect(unpacked(events)).toEqual([{ ...event, user: 'ana' }]);
  expect(unpacked(deadLetters)).toMatchObject([
    { reason: expect.stringMatching(/^no \[time, record\] at byte \d+$/), record_base64: 'oXg=' },
  ]);
});

test('where the destination passes records, an unmapped one goes as it is', () => {
  const { events, tally } = render(destinationOf(nobody, { unmapped: 'pass' }), [
    { operation: 'other', n: 1 },
    { operation: 'heartbeat' },
  ]);
  expect(unpacked(events)).toEqual([{ time: event.time, operation: 'other', n: 1 }]);
  expect(tally).toMatchObject({ filtered: 1, unmapped: 0, passed: 1 });
});

test('a record that gives several events counts once', () => {
  const twice = `mode: all${mapping}
  - id: login
    map: { eventClass: Second, eventName: second, severity: 1 }
`;
  const { events, tally } = render(destinationOf(nobody, { mapping: twice }), [login]);
  expect(events.count).toBe(2);
  expect(tally.mapped).toBe(1);
});

test('the same body gives the same bytes', () => {
  for (const format of ['json', 'cef']) {
    const entries = [login, ...logins('ben', 'eve'), 'x'];
    const [first, second] = [1, 2].map(() => render(destinationOf(nobody, { format }), entries, 't'));
    expect(first!.events.count).toBe(3);
    expect(bytesOf(first!.events)).toEqual(bytesOf(second!.events));
    expect(bytesOf(first!.deadLetters)).toEqual(bytesOf(second!.deadLetters));
  }
});

test.each(['json', 'cef', 'leef'])(
  'an event over 6,000,000 bytes is a dead letter, and its neighbours are events (%s)',
  (format) => {
    const large = { ...login, text: 'x'.repeat(6_000_000) };
    const { events, deadLetters, tally } = render(
      destinationOf(nobody, { format }),
      [login, large, login],
      't',
    );
    expect(events.count).toBe(2);
    expect(tally).toMatchObject({ mapped: 2, deadLetters: 1 });
    const [letter] = unpacked(deadLetters) as { reason: string; tag: string; record: string }[];
    expect(letter!.reason).toMatch(/^the event has 6000\d\d\d bytes, more than 6000000$/);
    expect(letter!.tag).toBe('t');
    expect(letter!.record).toContain('"user":"ana"');
  },
);

test('one event too large takes the others of its record with it: a record counts once', () => {
  const twice = `mode: all${mapping}
  - id: login
    map: { eventClass: Second, eventName: second, severity: 1 }
`;
  const large = { ...login, text: 'x'.repeat(6_000_000) };
  const { events, tally } = render(destinationOf(nobody, { mapping: twice }), [large]);
  expect(events.count).toBe(0);
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
    fc.property(fc.array(record, { minLength: 1 }), (records) => {
      for (const destination of destinations) {
        const { events, tally } = render(destination, records);
        expect(tally.mapped + tally.filtered + tally.unmapped + tally.passed + tally.deadLetters).toBe(
          records.length,
        );
        expect(unpacked(events)).toHaveLength(tally.mapped + tally.passed);
      }
    }),
    { numRuns: 300 },
  );
});

describe('in turns', () => {
  const { compiled } = destinationOf(nobody);
  const line = fc.oneof(
    fc.constantFrom(
      '{"operation":"login","user":"ana"}',
      '{"operation":"heartbeat"}',
      '{}',
      'x',
      '{x}',
      '',
      ' ',
      '[1]',
    ),
    fc.json().map((text) => text.replaceAll('\n', ' ')),
  );

  test('a body becomes what it becomes at once', async () => {
    const all = (body: RenderedBody) => [unpacked(body.events), unpacked(body.deadLetters), body.tally];
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 300 }),
        fc.constantFrom('\n', ','),
        async (lines, between) => {
          const text = between === ',' ? `[${lines.join(',')}]` : lines.join('\n');
          const atOnce = (): RenderedBody => renderBody(compiled, Buffer.from(text), time, 't');
          const inTurns = renderInTurns(compiled, Buffer.from(text), time, 't', false);
          let expected: unknown;
          try {
            expected = all(atOnce());
          } catch (error) {
            await expect(inTurns).rejects.toThrow((error as Error).message);
            return;
          }
          expect(all(await inTurns)).toEqual(expected);
        },
      ),
    );
  });

  test.each([
    ['lines that are none', `{"operation":"login"}\n${'x\n'.repeat(50_000)}`],
    ['elements that are none', `[{"operation":"login"}${',1'.repeat(50_000)}]`],
    ['records', '{"operation":"login"}\n'.repeat(50_000)],
  ])('others have theirs, however many there are: %s', async (_, text) => {
    const body = Buffer.from(text);
    expect(isLong(body)).toBe(true);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { records } = await renderInTurns(compiled, body, time, '', false);
    clearInterval(timer);
    expect(records).toBeGreaterThanOrEqual(50_000);
    expect(turns).toBeGreaterThan(1);
  });

  test('what is short or packed is rendered at once', () => {
    expect(isLong(Buffer.from('{}'))).toBe(false);
    expect(isLong(bodyOf(Array.from({ length: 10_000 }, () => login)))).toBe(false);
  });
});
