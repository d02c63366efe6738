// One measurement in a fresh process: `node in-process.js WAY SCENARIO FOLDER SECONDS`. Prints a Measurement as JSON.
import { mapByHand } from './hand-written.ts';
import type { Measurement } from './measurement.ts';
import { peakMemory } from './process-usage.ts';
import { chunksOf, scenarios, tag, writeConfiguration } from './scenarios.ts';
import { loadServicePath } from './service-path.ts';
import { warmUp } from './subject.ts';

const [way, name, folder, seconds] = process.argv.slice(2) as [string, string, string, string];
const scenario = scenarios.find((one) => one.name === name)!;
const chunks = chunksOf(scenario);
const run = way === 'hand-written' ? async (raw: Buffer) => mapByHand(raw) : await servicePath();

/**
 * Goes through the chunks until this process has had so much CPU: on a busy machine a time by the clock would leave
 * less for V8 to get warm.
 */
async function spend(seconds: number): Promise<number> {
  const before = process.cpuUsage();
  let records = 0;
  for (let turn = 0; microseconds(process.cpuUsage(before)) < seconds * 1e6; turn++) {
    const chunk = chunks[turn % chunks.length]!;
    await run(chunk.bytes);
    records += chunk.records;
  }
  return records;
}

function microseconds({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

async function servicePath(): Promise<(raw: Buffer) => Promise<unknown>> {
  const path = await loadServicePath(writeConfiguration(folder, scenario));
  return (raw) => path(raw, tag);
}

await spend(warmUp / 1000);
const start = performance.now();
const usageBefore = process.cpuUsage();
const records = await spend(Number(seconds));
const measurement: Measurement = {
  recordsPerSecond: (records / (performance.now() - start)) * 1000,
  cpuPerRecord: microseconds(process.cpuUsage(usageBefore)) / records,
  peakMemory: peakMemory(process.pid),
};
process.stdout.write(JSON.stringify(measurement));
