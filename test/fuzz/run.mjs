// `npm run fuzz -- [--minutes 10] [--seed 1] [--only TARGET]`: the targets of fuzz.test.ts for as long as one likes.
// What hangs or takes all memory ends a worker thread, and is a failure with a target and a seed.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { runnerImport } from 'vite';

const folder = dirname(fileURLToPath(import.meta.url));

/** A round of a hundred inputs that takes longer hangs: by the clock, so that a busy machine needs some patience. */
const longestRound = 1_200_000;
const mostMegabytes = 1024;

if (isMainThread) process.exitCode = await main();
else await runnerImport(join(folder, 'worker.ts'), { configFile: false, logLevel: 'error' });

async function main() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  const wanted = {
    until: Date.now() + Number(values.minutes) * 60_000,
    seed: Number(values.seed),
    only: values.only,
  };
  /** @type {Map<string, { inputs: number, milliseconds: number, failures: number }>} */
  const counts = new Map();
  while (Date.now() < wanted.until) wanted.seed = (await work(wanted, counts)) + 1;
  let failures = 0;
  for (const [target, count] of counts) {
    failures += count.failures;
    const seconds = Math.round(count.milliseconds / 1000);
    console.log(
      `${target.padEnd(10)}${String(count.inputs).padStart(10)} inputs ${String(seconds).padStart(6)} s  ${count.failures} failures`,
    );
  }
  return failures > 0 || counts.size === 0 ? 1 : 0;
}

/**
 * Works until the time is over, or until an input ends the worker.
 *
 * @param {{ until: number, seed: number, only: string | undefined }} wanted
 * @param {Map<string, { inputs: number, milliseconds: number, failures: number }>} counts
 * @returns {Promise<number>} the last seed
 */
async function work(wanted, counts) {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { ...workerData, ...wanted },
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  let current = { target: 'start', seed: wanted.seed };
  const count = (/** @type {string} */ target) => {
    const one = counts.get(target) ?? { inputs: 0, milliseconds: 0, failures: 0 };
    counts.set(target, one);
    return one;
  };
  const fail = (/** @type {string} */ reason) => {
    count(current.target).failures++;
    console.log(`FAILED ${current.target}, seed ${current.seed}: ${reason}`);
  };
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  await new Promise((resolve) => {
    worker.on('message', (message) => {
      if (message.kind === 'round') {
        current = message;
        clearTimeout(timer);
        timer = setTimeout(() => {
          fail('it hangs');
          worker.terminate();
        }, longestRound);
      } else if (message.kind === 'done') {
        count(message.target).inputs += message.inputs;
        count(message.target).milliseconds += message.milliseconds;
      } else fail(message.report);
    });
    worker.on('error', (error) => fail(String(error)));
    worker.on('exit', resolve);
  });
  clearTimeout(timer);
  return current.seed;
}
