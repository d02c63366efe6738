import { cpus, release, totalmem } from 'node:os';
import type { Latency } from './latency.ts';
import type { Measurement } from './measurement.ts';
import { type Sample, summarise } from './statistics.ts';

/** All runs of one contender in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly contender: string;
  readonly recordsPerSecond: Sample;
  /** Microseconds. */
  readonly cpuPerRecord: Sample;
  /** Bytes. */
  readonly peakMemory: Sample;
}

/** What stands in bench-results.json. */
export interface Results {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly kernel: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly results: readonly Result[];
  readonly latency?: Latency | undefined;
}

export function summariseRuns(scenario: string, contender: string, runs: readonly Measurement[]): Result {
  const sample = (of: (run: Measurement) => number): Sample => summarise(runs.map(of));
  return {
    scenario,
    contender,
    recordsPerSecond: sample((run) => run.recordsPerSecond),
    cpuPerRecord: sample((run) => run.cpuPerRecord),
    peakMemory: sample((run) => run.peakMemory),
  };
}

/** The machine this runs on; memory in bytes. */
export function thisMachine(): Results['machine'] {
  const all = cpus();
  return { cpu: all[0]?.model ?? 'unknown', cores: all.length, memory: totalmem(), kernel: release() };
}

export function findResult(
  results: readonly Result[],
  scenario: string,
  contender: string,
): Result | undefined {
  return results.find((one) => one.scenario === scenario && one.contender === contender);
}
