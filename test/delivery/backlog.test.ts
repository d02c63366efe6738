import { beforeEach, expect, test } from 'vitest';
import { Backlog } from '../../plugin/delivery/backlog.ts';

const begin = Date.parse('2026-11-22T12:00:00Z');
const hour = 3_600_000;
let clock: number;
let backlog: Backlog;
beforeEach(() => {
  clock = begin;
  backlog = new Backlog(
    () => clock,
    () => clock,
  );
});

const tag = (at: number, number = 0): string => `siem.x.${at}-0a1b2c3d4e-${number}`;

test('a batch waits from its first knock until it is settled, however often it knocks', () => {
  for (const at of [begin - 5000, begin - hour, begin - 1]) backlog.knocked(tag(at));
  backlog.knocked(tag(begin - hour));
  expect([backlog.count, backlog.oldest]).toEqual([3, begin - hour]);
  backlog.settled(tag(begin - hour));
  expect([backlog.count, backlog.oldest]).toEqual([2, begin - 5000]);
  for (const at of [begin - 5000, begin - 1]) backlog.settled(tag(at));
  expect([backlog.count, backlog.oldest]).toEqual([0, undefined]);
});

test('one that knocks no more is forgotten; one that does is not', () => {
  backlog.knocked(tag(begin, 1));
  backlog.knocked(tag(begin, 2));
  clock += hour * 0.9;
  backlog.knocked(tag(begin, 1));
  clock += hour * 0.9;
  expect(backlog.count).toBe(1);
});

test('what is no tag of a batch waits since its first knock', () => {
  backlog.knocked('something');
  clock += 1000;
  backlog.knocked('something');
  expect(backlog.oldest).toBe(begin);
});

test('it takes no more memory than for 100,000', () => {
  for (let n = 0; n < 100_005; n++) backlog.knocked(tag(begin + n, n));
  expect([backlog.count, backlog.oldest]).toEqual([100_000, begin + 5]);
});

test('what knocked elsewhere is told there, once', () => {
  backlog.knocked(tag(begin));
  expect(backlog.drain()).toEqual([tag(begin)]);
  expect(backlog.drain()).toEqual([]);
});
