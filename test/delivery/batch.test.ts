import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Batcher } from '../../plugin/delivery/batch.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const start = 1772438437000;
const limits = { records: 5, bytes: 100, age: 1000 };

/** A batcher whose clock stands still until it is moved. */
function batcherAt(now = start): { batcher: Batcher; pass: (milliseconds: number) => void } {
  let clock = now;
  return {
    batcher: new Batcher('splunk', limits, () => clock),
    pass: (milliseconds) => {
      clock += milliseconds;
    },
  };
}

const indexesOf = ({ start: from, end }: { start: number; end: number }): number[] =>
  Array.from({ length: end - from }, (_, offset) => from + offset);

/** How many events went under each tag, by requests of events of one byte. */
function counts(batcher: Batcher, ...requests: number[]): number[] {
  const byTag = new Map<string, number>();
  for (const request of requests) {
    for (const { tag, ...run } of batcher.allocate(Array(request).fill(1))) {
      byTag.set(tag, (byTag.get(tag) ?? 0) + indexesOf(run).length);
    }
  }
  return [...byTag.values()];
}

test('a tag is siem.<destination>.<epoch ms>-<process>-<count>', () => {
  const [first, second] = batcherAt().batcher.allocate([60, 60]);
  expect(first!.tag).toMatch(/^siem\.splunk\.1772438437000-[0-9a-f]{10}-0$/);
  expect(second!.tag).toBe(first!.tag.replace(/0$/, '1'));
});

test('the time in the tag is that of its first event', () => {
  const { batcher, pass } = batcherAt();
  const [first] = batcher.allocate([1]);
  pass(999);
  expect(batcher.allocate([1])[0]!.tag).toBe(first!.tag);
});

test('requests share a tag until it is full', () => {
  expect(counts(batcherAt().batcher, 2, 2, 2, 2, 2, 2)).toEqual([5, 5, 2]);
});

test('one request fills as many tags as it needs', () => {
  expect(batcherAt().batcher.allocate(Array(12).fill(1)).map(indexesOf)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
    [10, 11],
  ]);
});

test('a tag has as many bytes as are allowed, and not one more', () => {
  expect(batcherAt().batcher.allocate([50, 50, 1]).map(indexesOf)).toEqual([[0, 1], [2]]);
  expect(batcherAt().batcher.allocate([50, 51]).map(indexesOf)).toEqual([[0], [1]]);
});

test('an event larger than a tag may be goes alone', () => {
  expect(batcherAt().batcher.allocate([1, 500, 1, 1]).map(indexesOf)).toEqual([[0], [1], [2, 3]]);
});

test('a request without events opens no tag', () => {
  expect(batcherAt().batcher.allocate([])).toEqual([]);
});

test('a tag is used no more when it is old', () => {
  const { batcher, pass } = batcherAt();
  const [first] = batcher.allocate([1]);
  pass(1000);
  expect(batcher.allocate([1])[0]!.tag).not.toBe(first!.tag);
});

test('a tag is used no more when the clock was set back', () => {
  const { batcher, pass } = batcherAt();
  const [first] = batcher.allocate([1]);
  pass(-1);
  expect(batcher.allocate([1])[0]!.tag).not.toBe(first!.tag);
});

test('two batchers never share a tag, not even of one destination at one time', () => {
  const tags = Array.from({ length: 100 }, () => batcherAt().batcher.allocate([1])[0]!.tag);
  expect(new Set(tags).size).toBe(100);
});

test('whatever comes when, no tag breaks a limit and every event keeps its place', () => {
  const request = fc.record({
    step: fc.oneof(fc.constant(0), fc.integer({ min: -2000, max: 2000 })),
    sizes: fc.array(fc.integer({ min: 1, max: 130 }), { maxLength: 20 }),
  });
  const limit = fc.record({
    records: fc.integer({ min: 1, max: 7 }),
    bytes: fc.integer({ min: 1, max: 200 }),
    age: fc.integer({ min: 1, max: 1500 }),
  });
  fc.assert(
    fc.property(limit, fc.array(request, { maxLength: 30 }), (one, requests) => {
      let clock = start;
      const batcher = new Batcher('splunk', one, () => clock);
      const used = new Map<string, { records: number; bytes: number; since: number }>();
      let latest: string | undefined;
      for (const { step, sizes } of requests) {
        clock += step;
        const portions = batcher.allocate(sizes);
        expect(portions.flatMap(indexesOf)).toEqual([...sizes.keys()]);
        for (const { tag, ...run } of portions) {
          const indexes = indexesOf(run);
          // A tag that was left is never taken up again: its chunk may be gone.
          if (tag !== latest) expect(used.has(tag)).toBe(false);
          latest = tag;
          const batch = used.get(tag) ?? { records: 0, bytes: 0, since: clock };
          used.set(tag, batch);
          batch.records += indexes.length;
          batch.bytes += indexes.reduce((sum, index) => sum + sizes[index]!, 0);
          expect(batch.records).toBeLessThanOrEqual(one.records);
          if (batch.records > 1) expect(batch.bytes).toBeLessThanOrEqual(one.bytes);
          expect(clock - batch.since).toBeGreaterThanOrEqual(0);
          expect(clock - batch.since).toBeLessThan(one.age);
          expect(tag).toMatch(new RegExp(`^siem\\.splunk\\.${batch.since}-`));
        }
      }
    }),
    { numRuns: 500 },
  );
});
