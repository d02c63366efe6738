import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { cpuTime, peakMemory, residentMemory } from './process-usage.ts';

/** Spends 300 ms of CPU, says so, and waits. */
const spender = spawn(
  process.execPath,
  ['-e', 'while (process.cpuUsage().user < 300_000); console.log("spent"); setInterval(() => {}, 1000)'],
  { stdio: ['ignore', 'pipe', 'ignore'] },
);
afterAll(() => void spender.kill());

test.runIf(process.platform === 'linux')('CPU is what a process has had, and its children', async () => {
  await once(spender.stdout, 'data');
  expect(cpuTime(spender.pid!)).toBeGreaterThan(280_000);
  const { user } = process.cpuUsage();
  expect(cpuTime(process.pid)).toBeGreaterThan(user + 250_000);
});

test.runIf(process.platform === 'linux')('memory is resident now, and at most', () => {
  expect(residentMemory(process.pid)).toBeGreaterThan(10 * 2 ** 20);
  // Linux counts a little behind, for each thread.
  const resident = residentMemory(process.pid);
  expect(peakMemory(process.pid)).toBeGreaterThan(0.9 * resident);
});
