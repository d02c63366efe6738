import type { Chunk } from './chunks.ts';
import { ForwardReceiver } from './forward-receiver.ts';
import { httpLoad, type Send, sendFor } from './load.ts';
import { chunksOf, type Scenario, tag } from './scenarios.ts';
import { startService } from './service.ts';
import { quantile } from './statistics.ts';
import { pause } from './subject.ts';

/** How long a chunk of 1,000 records takes at `/map`, until all is acknowledged. Milliseconds. */
export interface Latency {
  readonly recordsPerSecond: number;
  readonly chunks: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/**
 * Finds the most that `/map` takes, then sends half of that at an even pace, whether answers come or not, so that a
 * slow answer is seen and not waited for.
 *
 * @param seconds of even pace
 */
export async function measureLatency(scenario: Scenario, folder: string, seconds: number): Promise<Latency> {
  const receiver = new ForwardReceiver();
  await receiver.start();
  const { port, child } = await startService(folder, scenario, receiver.port);
  const { send, close } = httpLoad(port, '/map/bench', tag);
  try {
    const chunks = chunksOf(scenario);
    await sendFor(send, chunks, 3000, 2);
    const most = (await sendFor(send, chunks, 3000, 2)) / 3;
    const interval = (chunks[0]!.records / (most / 2)) * 1000;
    const latencies = await sendEvenly(send, chunks, interval, seconds * 1000);
    latencies.sort((a, b) => a - b);
    return {
      recordsPerSecond: most / 2,
      chunks: latencies.length,
      median: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      longest: latencies.at(-1)!,
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
    if (due > performance.now()) await pause(due - performance.now());
    answers.push(send(chunks[turn % chunks.length]!).then(() => performance.now() - due));
  }
  return Promise.all(answers);
}

export function describeLatency({ recordsPerSecond, chunks, median, p99, longest }: Latency): string {
  const pace = Math.round(recordsPerSecond).toLocaleString('en-GB');
  const times = [median, p99, longest].map((time) => time.toFixed(1));
  return `latency of /map, ${chunks} chunks of 1,000 records, ${pace} records/s: median ${times[0]} ms, p99 ${times[1]}, longest ${times[2]}`;
}
