import { describe, expect, test } from 'vitest';
import { describeGoals, goals, isReached } from './goals.ts';
import { describeChanges, describeResults } from './report.ts';
import { type Result, type Results, summariseRuns } from './results.ts';
import { names } from './subjects.ts';

/** A contender that needed so many microseconds a record in its runs. */
function result(scenario: string, contender: string, ...cpu: number[]): Result {
  const runs = cpu.map((cpuPerRecord) => ({
    cpuPerRecord,
    recordsPerSecond: 1e6 / cpuPerRecord,
    peakMemory: 100 * 2 ** 20,
  }));
  return summariseRuns(scenario, contender, runs);
}

function resultsOf(...results: Result[]): Results {
  const machine = { cpu: 'a processor', cores: 2, memory: 8 * 2 ** 30, kernel: '6.1' };
  return { date: '2026-11-22', machine, versions: { 'Node.js': '20.20.2' }, rounds: 3, results };
}

const before = resultsOf(
  result('mix', names.path, 4, 5, 6),
  result('mix', names.byHand, 4),
  result('mix', names.map, 10, 9, 11),
  result('mix', names.lua, 25),
);

test('the table says what each cost and how it compares with the service', () => {
  const table = describeResults(before).split('\n');
  expect(table.slice(0, 3)).toEqual([
    '2026-11-22, a processor, 2 cores, 8 GiB, Linux 6.1',
    'Node.js 20.20.2; medians of 3',
    '',
  ]);
  expect(table.slice(3).map((line) => line.split(/ {2,}/))).toEqual([
    ['scenario', 'who', 'records/s', 'us/record', 'spread', 'MiB', 'ratio'],
    ['mix', names.path, '200,000', '5.00', '±20%', '100'],
    ['mix', names.byHand, '250,000', '4.00', '±0%', '100', 'x0.80'],
    ['mix', names.map, '100,000', '10.00', '±10%', '100'],
    ['mix', names.lua, '40,000', '25.00', '±0%', '100', 'x2.50'],
  ]);
});

test('no line is longer than 100 columns, whoever takes part', () => {
  const everyone = resultsOf(...Object.values(names).map((name) => result('splunk-hec', name, 12345.678)));
  const longest = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));
  expect(longest(describeResults(everyone))).toBeLessThanOrEqual(100);
  expect(longest(describeChanges(everyone, everyone))).toBeLessThanOrEqual(100);
});

test('a comparison marks what lies beyond the spread, and leaves out what only one run has', () => {
  const now = resultsOf(
    result('mix', names.path, 3, 3.5, 3.9),
    result('mix', names.map, 10, 10.5, 12),
    result('mix', names.lua, 30),
    result('mix', names.syslogNg, 30),
  );
  const [, ...lines] = describeChanges(before, now).split('\n');
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['mix', names.path, '5.00', '3.50', '-30.0%', 'faster'],
    ['mix', names.map, '10.00', '10.50', '+5.0%'],
    ['mix', names.lua, '25.00', '30.00', '+20.0%', 'slower'],
  ]);
});

describe('goals', () => {
  const run = resultsOf(...before.results, result('mix-objects', names.path, 5));

  test('are told only of what was measured', () => {
    expect(goals({ results: [] })).toEqual([]);
    expect(goals(run).map(({ figure, wanted }) => [figure, wanted])).toEqual([
      [2.5, 5],
      [1.25, 1.3],
    ]);
  });

  test('are reached from below or from above', () => {
    expect(goals(run).map(isReached)).toEqual([false, true]);
    expect(describeGoals(goals(run))).toMatch(/^missed +2\.50 +at least 5 .*\nreached +1\.25 +at most 1\.3 /);
  });

  test('of memory: the peak, and that it stays flat', () => {
    const soak = { seconds: 600, records: 1, peak: 150 * 2 ** 20, quarters: [100, 110, 120, 130] };
    const found = goals({ results: [], soak });
    expect(found.map(({ figure }) => figure)).toEqual([150, 130 / 120]);
    expect(found.map(isReached)).toEqual([true, false]);
  });
});
