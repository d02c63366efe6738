import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { fitRecord, jsonBytes } from '../../plugin/format/json-limit.ts';
import { toJsonValue } from '../../plugin/format/json-value.ts';
import { toJsonText } from '../../plugin/mapping/json.ts';
import { anyKey, anyText } from './arbitraries.ts';

const anyRecord = fc
  .dictionary(anyKey, fc.oneof(anyText(200), fc.anything({ withBigInt: true, withDate: true, maxDepth: 3 })))
  .map((record) => toJsonValue(record) as Record<string, unknown>);

test('the size of a record is at least that of its JSON text, and of a text exactly', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(jsonBytes(record)).toBeGreaterThanOrEqual(Buffer.byteLength(toJsonText(record)));
    }),
  );
  fc.assert(
    fc.property(anyText(), (text) => {
      const wellFormed = text.toWellFormed();
      expect(jsonBytes(wellFormed)).toBe(Buffer.byteLength(JSON.stringify(wellFormed)));
    }),
  );
});

describe('a record that is too large', () => {
  test('has its longest texts cut to one length, with a mark', () => {
    const problems = noProblems();
    const record = { time: '2026', a: 'x'.repeat(100), b: { c: 'y'.repeat(100), n: 1 } };
    const fitted = fitRecord(record, 120, problems) as typeof record;
    expect(fitted.time).toBe('2026');
    expect(fitted.a).toMatch(/^x+\.\.\.$/);
    expect(fitted.b.c).toHaveLength(fitted.a.length);
    expect(fitted.b.n).toBe(1);
    expect(problems).toMatchObject({ shortenedValues: 2, failedValues: 0 });
    expect(jsonBytes(fitted)).toBeLessThanOrEqual(120);
  });
  test('is cut at a whole character, by what it takes in JSON', () => {
    expect(fitRecord({ a: '😀'.repeat(20) }, 40, noProblems())).toEqual({ a: `${'😀'.repeat(7)}...` });
    expect(fitRecord({ a: '"'.repeat(50) }, 40, noProblems())).toEqual({ a: `${'"'.repeat(14)}...` });
  });
  test('that is large by what is nested has that as text', () => {
    const problems = noProblems();
    const list = Array.from({ length: 100 }, (_, index) => index);
    const fitted = fitRecord({ time: '2026', event: { list, a: 'b' } }, 120, problems);
    expect(fitted).toMatchObject({
      time: '2026',
      event: { a: 'b', list: expect.stringMatching(/^\[0,.*\.\.\.$/) },
    });
    expect(problems.shortenedValues).toBe(1);
  });
  test('that is large by its number of keys loses the last', () => {
    const problems = noProblems();
    const event = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index]));
    const fitted = fitRecord({ time: '2026', event }, 500, problems) as { event: object };
    const left = Object.keys(fitted.event).length;
    expect(left).toBeGreaterThan(10);
    expect(Object.keys(fitted.event)[0]).toBe('k0');
    expect(problems.failedValues).toBe(1000 - left);
  });
  test('that just fits is the very same', () => {
    const record = { a: 'x'.repeat(20) };
    expect(fitRecord(record, jsonBytes(record), noProblems())).toBe(record);
  });
});

test('whatever the record, it fits, and a cut is counted', () => {
  fc.assert(
    fc.property(anyRecord, fc.integer({ min: 100, max: 600 }), (record, limit) => {
      const problems = noProblems();
      const fitted = fitRecord(record, limit, problems);
      expect(jsonBytes(fitted)).toBeLessThanOrEqual(limit);
      if (fitted !== record) expect(problems.shortenedValues + problems.failedValues).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});

test('of hundreds of thousands of keys each is looked at about once', () => {
  let looks = 0;
  const keys = Array.from({ length: 300_000 }, (_, index) => `k${index}`);
  const record = new Proxy(Object.fromEntries(keys.map((key) => [key, key])), {
    get: (target, key) => {
      looks++;
      return Reflect.get(target, key);
    },
  });
  const problems = noProblems();
  const kept = Object.keys(fitRecord(record, 1000, problems)).length;
  expect(kept).toBeGreaterThan(50);
  expect(problems.failedValues).toBe(300_000 - kept);
  expect(looks).toBeLessThan(301_000);
});
