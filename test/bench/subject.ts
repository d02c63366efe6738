import type { Chunk } from './chunks.ts';
import type { Measurement } from './measurement.ts';
import { cpuTime, peakMemory } from './process-usage.ts';

/** Real processes that are fed from outside. */
export interface Subject {
  /** All that count. */
  readonly pids: readonly number[];
  /** Sends chunks for so long. @returns records that were taken */
  readonly feed: (milliseconds: number) => Promise<number>;
  /** Waits until nothing of what was sent is left to do. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a subject on chunks; everything it writes goes to a folder. */
export type StartSubject = (folder: string, chunks: readonly Chunk[]) => Promise<Subject>;

/**
 * Milliseconds of load before anything is measured: V8 and LuaJIT have compiled what is worth it by then, as in a service that
 * runs for days.
 */
export const warmUp = 6000;

/**
 * Starts, warms up, measures and stops a subject. What counts is the CPU of its processes from the first byte to
 * the last thing done; the load generator is this process and does not count.
 *
 * @param milliseconds of load, after the warm-up
 */
export async function measure(
  start: StartSubject,
  folder: string,
  chunks: readonly Chunk[],
  milliseconds: number,
): Promise<Measurement> {
  const subject = await start(folder, chunks);
  try {
    await subject.feed(warmUp);
    await subject.settle();
    const cpuBefore = sum(subject.pids, cpuTime);
    const start = performance.now();
    const records = await subject.feed(milliseconds);
    const took = performance.now() - start;
    await subject.settle();
    return {
      recordsPerSecond: (records / took) * 1000,
      cpuPerRecord: (sum(subject.pids, cpuTime) - cpuBefore) / records,
      peakMemory: Math.max(...subject.pids.map(peakMemory)),
    };
  } finally {
    await subject.stop();
  }
}

/** Waits until processes have had no CPU worth speaking of for a while: what buffers and flushes later is done. */
export async function untilIdle(pids: readonly number[], quiet = 1500): Promise<void> {
  const step = 100;
  let last = sum(pids, cpuTime);
  for (let still = 0; still < quiet; still += step) {
    await pause(step);
    const now = sum(pids, cpuTime);
    if (now - last > 10_000) still = 0;
    last = now;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function sum(pids: readonly number[], measure: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + measure(pid), 0);
}
