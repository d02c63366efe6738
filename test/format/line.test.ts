import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { fitLine, type Line, longestWithin } from '../../plugin/format/line.ts';
import { destination, eventOf } from '../helpers.ts';
import { anyText } from './arbitraries.ts';
import { parseCef } from './parse-cef.ts';
import { parseCsv } from './parse-csv.ts';
import { parseLeef } from './parse-leef.ts';

const fitted = (line: Line, limit: number, kept = 0, problems = noProblems()): string =>
  fitLine(line, limit, kept, problems);

describe('a line that is too long', () => {
  test('has its longest values cut to one length, with a mark', () => {
    const problems = noProblems();
    const line: Line = [
      ['a=', 'short'],
      [' b=', 'x'.repeat(100)],
      [' c=', 'y'.repeat(50)],
    ];
    expect(fitted(line, 61, 0, problems)).toBe(`a=short b=${'x'.repeat(21)}... c=${'y'.repeat(21)}...`);
    expect(problems).toMatchObject({ shortenedValues: 2, failedValues: 0 });
  });
  test('is left as it is when it just fits', () => {
    const problems = noProblems();
    expect(fitted([['a=', 'é'.repeat(10)]], 22, 0, problems)).toBe(`a=${'é'.repeat(10)}`);
    expect(problems).toEqual(noProblems());
  });
  test('is cut at a whole character', () => {
    expect(fitted([['a=', 'é'.repeat(10)]], 20)).toBe(`a=${'é'.repeat(7)}...`);
  });
  test('is not cut inside an escape', () => {
    expect(fitted([['a=', '\\='.repeat(10)]], 20)).toBe(`a=${'\\='.repeat(7)}...`);
    expect(fitted([['a=', '""'.repeat(10)]], 20)).toBe(`a=${'""'.repeat(7)}...`);
  });
  test('loses its last pairs when cutting is not enough, but none of its header', () => {
    const problems = noProblems();
    const line: Line = Array.from({ length: 20 }, (_, index) => [`key${index}=`, 'value']);
    expect(fitted(line, 30, 1, problems)).toMatch(/^key0=(?:value|\S*\.\.\.)key1=/);
    expect(problems.failedValues).toBeGreaterThan(15);
    expect(fitted(line, 30, 20)).toContain('key19=');
  });
});

test('the longest length that leaves room for all', () => {
  expect(longestWithin([10, 20, 30], 60)).toBe(Number.POSITIVE_INFINITY);
  expect(longestWithin([10, 20, 30], 50)).toBe(20);
  expect(longestWithin([10, 20, 30], 30)).toBe(10);
  expect(longestWithin([10, 20, 30], 6)).toBe(2);
  expect(longestWithin([], 0)).toBe(Number.POSITIVE_INFINITY);
});

describe('whatever the event, a text format keeps its record_limit and is read back', () => {
  const text = fc.oneof(anyText(), anyText(3000)).filter((one) => one !== '');
  const key = fc.constantFrom('suser', 'fname', 'msg', 'cs1', 'cs2', 'act', 'own', 'x1', 'x2', 'x3');
  const event = fc
    .record({
      eventClass: text,
      eventName: text,
      severity: fc.constantFrom(0, 5, 'High'),
      externalId: text,
      extension: fc.uniqueArray(fc.tuple(key, text), { selector: ([name]) => name, maxLength: 10 }),
    })
    .map((parts) => eventOf(parts as Partial<Event>));

  test.each([
    ['cef', 'syslog: { format: rfc5424 }'],
    ['cef', 'syslog: { format: rfc3164 }'],
    ['cef', ''],
    ['leef', ''],
    ['leef', "leef: { delimiter: '^' }"],
    ['csv', 'csv: { columns: [time, suser, fname, cs1] }'],
  ])('%s %s', (format, more) => {
    const limited = destination([format, more, 'record_limit: 1024'].filter(Boolean).join(', '));
    const render = formats.get(format)!.compile(limited);
    const whole = formats.get(format)!.compile({ ...limited, recordLimit: undefined });
    fc.assert(
      fc.property(event, (one) => {
        const problems = noProblems();
        const line = String(render(one, problems).message);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
        const full = String(whole(one, noProblems()).message);
        if (Buffer.byteLength(full) <= 1024) expect(line).toBe(full);
        else expect(problems.shortenedValues + problems.failedValues).toBeGreaterThan(0);
        if (format === 'cef') parseCef(line.slice(line.indexOf('CEF:')));
        else if (format === 'leef') parseLeef(line);
        else expect(parseCsv(line)).toHaveLength(5);
      }),
      { numRuns: 300 },
    );
  });
});
