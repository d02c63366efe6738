import { setImmediate } from 'node:timers/promises';
import type { Chunk } from './chunks.ts';
import { ForwardReceiver } from './forward-receiver.ts';
import { httpLoad, type Send, sendFor } from './load.ts';
import { chunksOf, type Scenario, tag } from './scenarios.ts';
import { startService } from './service.ts';
import { quantile, summarise } from './statistics.ts';
import { warmUp } from './subject.ts';

/** How long a chunk of 1,000 records takes at `/map`, until all is acknowledged. Milliseconds. */
export interface Latency {
  readonly recordsPerSecond: number;
  readonly chunks: number;
  readonly median: number;
  /** The median of the spells' 99th percentiles: one that the machine stood still in does not decide. */
  readonly p99: number;
  /** Of each spell. */
  readonly p99s: readonly number[];
  readonly longest: number;
}

/** Spells of even pace. */
const spells = 5;

/**
 * Finds the most that `/map` takes, then sends half of that at an even pace, whether answers come or not, so that a
 * slow answer is seen and not waited for.
 *
 * @param seconds of each spell of even pace
 */
export async function measureLatency(scenario: Scenario, folder: string, seconds: number): Promise<Latency> {
  const receiver = new ForwardReceiver();
  await receiver.start();
  const { port, child } = await startService(folder, scenario, receiver.port);
  const { send, close } = httpLoad(port, '/map/bench', tag);
  try {
    const chunks = chunksOf(scenario);
    await sendFor(send, chunks, warmUp, 2);
    const most = (await sendFor(send, chunks, 3000, 2)) / 3;
    const interval = (chunks[0]!.records / (most / 2)) * 1000;
    // The change of pace has both sides' code compiled anew.
    await sendEvenly(send, chunks, interval, 2000);
    const all: number[] = [];
    const p99s: number[] = [];
    for (let spell = 0; spell < spells; spell++) {
      const latencies = await sendEvenly(send, chunks, interval, seconds * 1000);
      latencies.sort((a, b) => a - b);
      p99s.push(quantile(latencies, 0.99));
      all.push(...latencies);
    }
    all.sort((a, b) => a - b);
    return {
      recordsPerSecond: most / 2,
      chunks: all.length,
      median: quantile(all, 0.5),
      p99: summarise(p99s).median,
      p99s,
      longest: all.at(-1)!,
    };
  } finally {
    close();
    await child.stop();
    receiver.stop();
  }
}

/** Each chunk's time counts from when it was due. */
async function sendEvenly(
  send: Send,
  chunks: readonly Chunk[],
  interval: number,
  duration: number,
): Promise<number[]> {
  const start = performance.now();
  const answers: Promise<number>[] = [];
  for (let turn = 0; turn * interval < duration; turn++) {
    const due = start + turn * interval;
    // Not asleep: how long a core takes to wake up is not the service's time.
    while (due > performance.now()) await setImmediate();
    answers.push(send(chunks[turn % chunks.length]!).then(() => performance.now() - due));
  }
  return Promise.all(answers);
}

export function describeLatency({ recordsPerSecond, chunks, median, p99, p99s, longest }: Latency): string {
  const pace = Math.round(recordsPerSecond).toLocaleString('en-GB');
  const times = (list: readonly number[]): string => list.map((time) => time.toFixed(1)).join(', ');
  return `latency of /map, ${chunks} chunks of 1,000 records, ${pace} records/s: median ${times([median])} ms, p99 ${times([p99])} (${times(p99s)}), longest ${times([longest])}`;
}
