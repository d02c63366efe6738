import type { Latency } from './latency.ts';
import { findResult, type Result } from './results.ts';
import type { Soak } from './soak.ts';
import { names } from './subjects.ts';

/** All that one run of the bench gave. */
export interface Findings {
  readonly results: readonly Result[];
  readonly latency?: Latency | undefined;
  readonly soak?: Soak | undefined;
}

/** What the service is to reach, and where it is. */
export interface Goal {
  readonly text: string;
  readonly figure: number;
  readonly wanted: number;
  readonly atLeast: boolean;
}

const mix = 'mix';
/** A part of each record is JavaScript's: what functions are given and give; all that is in the event. */
const functions = 'mix-functions';
const decoded = 'mix-objects';
const mebibyte = 2 ** 20;

/** The goals that this run can say something about. */
export function goals({ results, latency, soak }: Findings): Goal[] {
  /** CPU a record of one in units of another's. */
  const cost = (scenario: string, who: string, ofScenario: string, of: string): number | undefined => {
    const [one, other] = [findResult(results, scenario, who), findResult(results, ofScenario, of)];
    return one && other && one.cpuPerRecord.median / other.cpuPerRecord.median;
  };
  const rate = (who: string): number | undefined => findResult(results, mix, who)?.recordsPerSecond.median;
  const workers = rate(names.twoHalves);
  const list: [string, number | undefined, number, boolean][] = [
    ["the Lua filter's CPU, in /map's", cost(mix, names.lua, mix, names.map), 5, true],
    ["syslog-ng's CPU, in /map's", cost(mix, names.syslogNg, mix, names.map), 6, true],
    ["the Lua filter's CPU, in /map's with functions", cost(mix, names.lua, functions, names.map), 2.2, true],
    ["syslog-ng's CPU, in /map's with functions", cost(mix, names.syslogNg, functions, names.map), 2.8, true],
    [
      "the path of decoded values' CPU, in JavaScript by hand's",
      cost(decoded, names.path, mix, names.byHand),
      1.3,
      false,
    ],
    ["200 mappings' CPU, in one's", cost('200-maps', names.path, 'one-map', names.path), 1.1, false],
    ["the whole loop's CPU, in the Lua filter's", cost(mix, names.loop, mix, names.lua), 1, false],
    [
      "two workers' records/s, in one's, half a core each",
      workers && workers / (rate(names.half) ?? Number.NaN),
      1.7,
      true,
    ],
    ['p99 of 1,000 records at half the most, ms', latency?.p99, 25, false],
    ['peak memory under load, MiB', soak && soak.peak / mebibyte, 200, false],
    ["last quarter's memory, in the third's", soak && soak.quarters[3]! / soak.quarters[2]!, 1.05, false],
  ];
  return list.flatMap(([text, figure, wanted, atLeast]) =>
    figure === undefined || Number.isNaN(figure) ? [] : [{ text, figure, wanted, atLeast }],
  );
}

export function isReached({ figure, wanted, atLeast }: Goal): boolean {
  return atLeast ? figure >= wanted : figure <= wanted;
}

/** One line a goal. */
export function describeGoals(all: readonly Goal[]): string {
  return all
    .map((goal) => {
      const bound = `${goal.atLeast ? 'at least' : 'at most'} ${goal.wanted}`;
      return `${isReached(goal) ? 'reached' : 'missed '}  ${goal.figure.toFixed(2).padStart(8)}  ${bound.padEnd(13)}  ${goal.text}`;
    })
    .join('\n');
}
