import { expect, test } from 'vitest';
import { Repeats } from '../../plugin/delivery/repeats.ts';

const body = Buffer.from('body');

test('what is remembered is taken once', () => {
  const repeats = new Repeats();
  repeats.remember('a', new Set([0, 2]));
  expect(repeats.take('a')).toEqual(new Set([0, 2]));
  expect(repeats.take('a')).toBeUndefined();
});

test('of a request of which nothing was acknowledged there is nothing to remember', () => {
  const repeats = new Repeats(1);
  repeats.remember('a', new Set([0]));
  repeats.remember('b', new Set());
  expect(repeats.take('a')).toEqual(new Set([0]));
});

test('the oldest request is forgotten first', () => {
  const repeats = new Repeats(2);
  for (const key of ['a', 'b', 'c']) repeats.remember(key, new Set([0]));
  expect(['a', 'b', 'c'].map((key) => repeats.take(key) !== undefined)).toEqual([false, true, true]);
});

test('a request that fails again counts as new', () => {
  const repeats = new Repeats(2);
  for (const key of ['a', 'b']) repeats.remember(key, new Set([0]));
  repeats.take('a');
  repeats.remember('a', new Set([0, 1]));
  repeats.remember('c', new Set([0]));
  expect(['a', 'b', 'c'].map((key) => repeats.take(key) !== undefined)).toEqual([true, false, true]);
});

test('remembering a request again forgets no other', () => {
  const repeats = new Repeats(2);
  for (const key of ['a', 'b', 'b']) repeats.remember(key, new Set([0]));
  expect(['a', 'b'].map((key) => repeats.take(key) !== undefined)).toEqual([true, true]);
});

test('a request is known by its destination, tag and bytes', () => {
  const repeats = new Repeats();
  const keys = [
    repeats.key('splunk', 'audit', body),
    repeats.key('qradar', 'audit', body),
    repeats.key('splunk', 'alert', body),
    repeats.key('splunk', 'audit', Buffer.from('other')),
    repeats.key('splunk', 'auditbody', Buffer.alloc(0)),
  ];
  expect(new Set(keys).size).toBe(5);
  expect(repeats.key('splunk', 'audit', Buffer.from('body'))).toBe(keys[0]);
});
