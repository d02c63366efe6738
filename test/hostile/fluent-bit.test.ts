import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { GateLoop, type GateLoopOptions } from '../end-to-end/gate-loop.ts';
import { ScriptedSiem } from '../receivers/scripted-siem.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { SmallDisk, withSmallDisk } from './small-disk.ts';

const { version } = await findFluentBit();
/** 1.8 acknowledges what it could not store. */
const acknowledgesAll = version.startsWith('1.');

let siem: ScriptedSiem;
let loop: GateLoop;
let next = 0;
/** Ids by what the service answered. */
let acknowledged: number[];
/** Bodies, to be repeated as they were. */
let refused: number[][];

async function start(more: Partial<GateLoopOptions>): Promise<void> {
  [next, acknowledged, refused] = [0, [], []];
  siem = new ScriptedSiem();
  await siem.listen();
  loop = new GateLoop({
    deliver: `{ to: '${siem.url}', timeout: 2s, retry: { every: 1s, for: 5s, then: 1s } }`,
    more: 'format: json',
    ...more,
  });
  await loop.start();
}

afterEach(async () => {
  await loop.stop();
  await siem.close();
}, 60_000);

const ids = (count: number): number[] => Array.from({ length: count }, () => next++);
const linesOf = (of: readonly number[]): string[] => of.map((id) => JSON.stringify({ id }));

/** Posts records, as a collector would. @returns the status and the text */
async function post(of: readonly number[]): Promise<string> {
  const answer = await fetch(`${loop.url}/map/splunk`, { method: 'POST', body: linesOf(of).join('\n') });
  if (answer.ok) acknowledged.push(...of);
  else refused.push([...of]);
  return `${answer.status} ${await answer.text()}`;
}

/** Repeats what was refused until nothing is. */
async function repeatRefused(): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    for (const body of refused.splice(0)) await post(body);
    return refused.length === 0;
  };
  if (await until(isOver, 60_000)) return;
  throw new Error(`${refused.length} requests are still refused\n${loop.outputs()}`);
}

const missing = (of: readonly number[]): number[] => of.filter((id) => !siem.taken.has(String(id)));

async function expectArrived(of: readonly number[]): Promise<void> {
  if (await until(() => missing(of).length === 0, 60_000)) return;
  throw new Error(`${missing(of).length} of ${of.length} are missing\n${loop.outputs()}`);
}

async function expectHealth(): Promise<void> {
  expect((await loop.get('/health'))?.status).toBe(200);
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe(`Fluent Bit ${version} that delivers, without room on its disk`, () => {
  const within = withSmallDisk('var/delivery', 4);
  if (!within)
    console.warn('not tested: a full disk; nobody may mount a file system here, with or without a namespace');

  test.skipIf(!within)('what was answered 503 arrives when repeated, and what waits is kept', async () => {
    await start({ within: { delivery: within! } });
    const [service, delivery] = [loop.pid('service')!, loop.pid('delivery')!];
    const disk = new SmallDisk(delivery, `${loop.folder}/var/delivery`);
    // A batch that waits in its files.
    siem.script = () => ({ status: 503 });
    const waiting = ids(150);
    await post(waiting);
    expect(refused).toEqual([]);

    disk.fill();
    // By the collector, which has room.
    const collected = ids(100);
    loop.feed(linesOf(collected));
    const answers: string[] = [];
    for (let count = 0; count < 10; count++) {
      answers.push(await post(ids(100)));
      await expectHealth();
      await wait(200);
    }
    const whileFull = acknowledged.slice(waiting.length);
    siem.script = () => 'take';
    await expectArrived(waiting);

    disk.makeRoom();
    const unstored = new Set(acknowledgesAll ? [...whileFull, ...collected] : []);
    await repeatRefused();
    await post(ids(100));
    await repeatRefused();
    const all = Array.from({ length: next }, (_, id) => id);
    await expectArrived(all.filter((id) => !unstored.has(id)));
    console.log(`${version}, full disk: ${missing(all).length} of ${all.length} records lost`);
    if (acknowledgesAll) {
      expect(whileFull.length).toBeGreaterThan(0);
      expect(missing(whileFull).length).toBeGreaterThan(0);
    } else expect(answers.every((answer) => answer.startsWith('503 {"error":"not_acknowledged"'))).toBe(true);
    expect([loop.pid('service'), loop.pid('delivery')]).toEqual([service, delivery]);
    expect(siem.largestRequest).toBeLessThanOrEqual(100);
  });

  test.skipIf(!within)('nothing is lost when the service looks at it', async () => {
    await start({ within: { delivery: within! }, room: '1MB' });
    const disk = new SmallDisk(loop.pid('delivery')!, `${loop.folder}/var/delivery`);
    // It is not there yet.
    expect(await post(ids(10))).toContain('503 {"error":"not_acknowledged"');
    symlinkSync(disk.path, join(loop.folder, 'storage'));
    await repeatRefused();

    disk.fill(500_000);
    // A look holds for a second; until the next there is still room for what comes.
    await until(async () => (await post(ids(10))).startsWith('503'), 60_000);
    disk.fill();
    loop.feed(linesOf(ids(100)));
    for (let count = 0; count < 5; count++) {
      expect(await post(ids(100))).toMatch(/^503 .* free, and 1\.0 MB are to stay free/);
      await expectHealth();
      await wait(200);
    }
    disk.makeRoom();
    await repeatRefused();
    await expectArrived(Array.from({ length: next }, (_, id) => id));
    expect(siem.largestRequest).toBeLessThanOrEqual(100);
  });
});

/** What the threads of a process do (proc(5)); T is stopped. */
function statesOf(pid: number): string[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const states = tasks.map(
    (task) => readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ').at(-1)![0]!,
  );
  return [...new Set(states)];
}

test(`Fluent Bit ${version} that delivers hangs, and goes on`, async () => {
  await start({ ackTimeout: '2s' });
  const [service, delivery] = [loop.pid('service')!, loop.pid('delivery')!];
  await post(ids(100));
  await expectArrived(acknowledged);
  loop.signal('delivery', 'SIGSTOP');
  await vi.waitFor(() => expect(statesOf(delivery)).toEqual(['T']), { timeout: 10_000, interval: 10 });
  const collected = ids(100);
  loop.feed(linesOf(collected));
  for (let count = 0; count < 3; count++) {
    const answer = post(ids(70));
    await expectHealth();
    expect(await answer).toMatch(/^503 .*(no acknowledgement|no answer) within 2000 ms|can't be reached/);
    await expectHealth();
  }
  loop.signal('delivery', 'SIGCONT');
  await repeatRefused();
  await post(ids(70));
  await repeatRefused();
  await expectArrived(Array.from({ length: next }, (_, id) => id));
  expect([loop.pid('service'), loop.pid('delivery')]).toEqual([service, delivery]);
  expect(siem.largestRequest).toBeLessThanOrEqual(100);
});

test(`Fluent Bit ${version} that delivers has no file descriptors left`, async () => {
  await start({
    within: { delivery: ['sh', '-c', 'ulimit -n "$(cat limit)"; exec "$@"', 'sh'] },
    files: { limit: '64' },
    more: 'format: json, batch: { records: 10 }',
    ackTimeout: '2s',
  });
  const service = loop.pid('service');
  // Each batch that waits is an open file, and its next try another.
  siem.script = () => ({ status: 503 });
  const answers: string[] = [];
  for (let count = 0; count < 60; count++) {
    answers.push(await post(ids(10)));
    await expectHealth();
  }
  const unsure = acknowledged.splice(0);
  siem.script = () => 'take';
  // What an operator does.
  await loop.kill('delivery');
  writeFileSync(join(loop.folder, 'limit'), '1024');
  loop.run('delivery');
  await repeatRefused();
  await post(ids(100));
  await repeatRefused();
  await expectArrived(acknowledged);
  await loop.settle();
  console.log(
    `${version}, 64 descriptors: ${missing(unsure).length} of ${unsure.length} acknowledged were lost`,
  );
  if (!acknowledgesAll)
    expect(answers.filter((answer) => answer.startsWith('503')).length).toBeGreaterThan(0);
  expect(loop.pid('service')).toBe(service);
  expect(siem.largestRequest).toBeLessThanOrEqual(100);
});
