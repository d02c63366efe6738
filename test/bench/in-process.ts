// One measurement in a fresh process: `node in-process.js WAY SCENARIO FOLDER SECONDS`. Prints a Measurement as JSON.
import { mapByHand } from './hand-written.ts';
import type { Measurement } from './measurement.ts';
import { peakMemory } from './process-usage.ts';
import { chunksOf, scenarios, tag, writeConfiguration } from './scenarios.ts';
import { loadServicePath } from './service-path.ts';

const [way, name, folder, seconds] = process.argv.slice(2) as [string, string, string, string];
const scenario = scenarios.find((one) => one.name === name)!;
const chunks = chunksOf(scenario);
const run = way === 'hand-written' ? async (raw: Buffer) => mapByHand(raw) : await servicePath();

/** Goes through the chunks until the time is over. */
async function runFor(milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let records = 0;
  for (let turn = 0; performance.now() < end; turn++) {
    const chunk = chunks[turn % chunks.length]!;
    await run(chunk.bytes);
    records += chunk.records;
  }
  return records;
}

async function servicePath(): Promise<(raw: Buffer) => Promise<unknown>> {
  const path = await loadServicePath(writeConfiguration(folder, scenario));
  return (raw) => path(raw, tag);
}

await runFor(1000 * Math.min(1, Number(seconds)));
const start = performance.now();
const usageBefore = process.cpuUsage();
const records = await runFor(1000 * Number(seconds));
const { user, system } = process.cpuUsage(usageBefore);
const measurement: Measurement = {
  recordsPerSecond: (records / (performance.now() - start)) * 1000,
  cpuPerRecord: (user + system) / records,
  peakMemory: peakMemory(process.pid),
};
process.stdout.write(JSON.stringify(measurement));
