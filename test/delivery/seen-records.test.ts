import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { renderBody } from '../../plugin/delivery/render-body.ts';
import { SeenRecords } from '../../plugin/delivery/seen-records.ts';
import { compileDirect } from '../../plugin/direct/direct-mapper.ts';
import { fromMilliseconds } from '../../plugin/fluent/event-time.ts';
import { packEvent } from '../../plugin/fluent/forward-message.ts';
import { formats } from '../../plugin/format/index.ts';
import { destination, mappingSets, received } from '../helpers.ts';

const now = fromMilliseconds(received);
const sets = mappingSets(
  "mappings: [{ id: '*', map: { eventClass: c, eventName: n, severity: 1, extension: { x: $a } } }]",
);
const settings = destination('cef');
const compiled = {
  settings,
  map: compileMapper(sets),
  direct: compileDirect(sets, settings),
  render: formats.get('cef')!.compile(settings),
  digest: '',
};

/** Takes a body as `/map` does. */
function take(seen: SeenRecords, body: Buffer | string, tag = 't'): void {
  renderBody(compiled, Buffer.from(body), now, tag, false, undefined, seen);
}
const recordsOf = (seen: SeenRecords): string[] => seen.list().map(({ record }) => record);
const packed = (...records: Record<string, unknown>[]): Buffer =>
  Buffer.concat(records.map((record) => packEvent(now, record)));

describe.each([
  ['msgpack', packed],
  ['NDJSON', (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')],
])('%s', (_name, body) => {
  test('the last ones are kept, the newest first, with tag and time', () => {
    const seen = new SeenRecords(3);
    take(seen, body({ a: 1 }, { a: 2 }), 'one');
    take(seen, body({ a: 3 }, { a: 4 }), 'two');
    expect(recordsOf(seen)).toEqual(['{"a":4}', '{"a":3}', '{"a":2}']);
    expect(seen.list().map(({ tag }) => tag)).toEqual(['two', 'two', 'one']);
    expect(seen.list()[0]!.time).toBe(new Date(Date.parse(seen.list()[0]!.time)).toISOString());
  });
  test('of a body with more than are kept, its last', () => {
    const seen = new SeenRecords(2);
    take(seen, body(...[1, 2, 3, 4, 5].map((a) => ({ a }))));
    expect(recordsOf(seen)).toEqual(['{"a":5}', '{"a":4}']);
  });
  test('the same one, which goes to several destinations or is repeated, once', () => {
    const seen = new SeenRecords(5);
    for (let turn = 0; turn < 3; turn++) take(seen, body({ a: 1 }, { a: 2 }));
    expect(recordsOf(seen)).toEqual(['{"a":2}', '{"a":1}']);
    take(seen, body({ a: 1 }), 'another tag');
    expect(recordsOf(seen)).toHaveLength(3);
  });
  test('one over 64 KiB not, and at most 1 MiB of all', () => {
    const seen = new SeenRecords(100);
    take(seen, body({ a: 'x'.repeat(70_000) }, { a: 1 }));
    expect(recordsOf(seen)).toEqual(['{"a":1}']);
    for (let turn = 0; turn < 30; turn++) take(seen, body({ a: `${turn} ${'y'.repeat(60_000)}` }));
    const bytes = recordsOf(seen).reduce((sum, text) => sum + text.length, 0);
    expect(bytes).toBeLessThan(1_048_576 + 100 * 20);
    expect(recordsOf(seen)[0]).toContain('29 y');
  });
});

test('a line of tail without a parser is the record it holds; what is no record is not kept', () => {
  const seen = new SeenRecords(5);
  take(seen, packed({ log: '{"a":12345678901234567890}' }));
  take(seen, Buffer.concat([packed({ a: 1 }), new Packr().pack(['no entry'])]));
  take(seen, '{"a":2}\nno JSON\n');
  expect(recordsOf(seen)).toEqual(['{"a":2}', '{"a":1}', '{"a":12345678901234567890}']);
});
