import { expect, test } from 'vitest';
import { durationBounds } from '../../plugin/delivery/histogram.ts';
import { Measures } from '../../plugin/delivery/measures.ts';

test('a duration is in the bucket whose bound it does not pass', () => {
  const { map } = new Measures().durations;
  for (const milliseconds of [0, 5, 5.1, 60_000, 60_001]) map.record('200', milliseconds);
  const { counts, sum } = map.byOutcome.get('200')!;
  expect([counts[0], counts[1], counts.at(-2), counts.at(-1)]).toEqual([2, 1, 1, 1]);
  expect(counts).toHaveLength(durationBounds.length + 1);
  expect(sum).toBeCloseTo(120.0111, 6);
});

test('what two processes measured adds up to what one would have', () => {
  const all = new Measures();
  const parts = [new Measures(), new Measures()] as const;
  const tell = (measures: Measures, n: number): void => {
    measures.counters.add('records', n);
    measures.durations.map.record(n % 2 ? '200' : '503', n);
    measures.durations.ack.record('', n / 2);
    measures.backlog.knocked(`siem.x.${n}-0a-0`);
    measures.lastAck = n;
  };
  for (let n = 1; n <= 10; n++) for (const one of [all, parts[n % 2]!]) tell(one, n);
  const sum = new Measures();
  for (const part of parts) {
    sum.add(structuredClone(part.drain()!));
    expect(part.drain()).toBeUndefined();
  }
  expect(sum.counters.get('records')).toBe(55);
  expect(sum.durations.map.byOutcome.get('200')!.counts).toEqual(
    all.durations.map.byOutcome.get('200')!.counts,
  );
  expect(sum.durations.ack.byOutcome.get('')!.sum).toBeCloseTo(0.0275, 9);
  expect([sum.backlog.count, sum.lastAck]).toEqual([10, 10]);
});

test('nothing measured is nothing to tell; a duration alone is', () => {
  const measures = new Measures();
  expect(measures.drain()).toBeUndefined();
  measures.durations.siem.record('timeout', 1);
  expect(measures.drain()).toMatchObject({ durations: { siem: { timeout: { sum: 0.001 } } } });
  expect(measures.drain()).toBeUndefined();
});
