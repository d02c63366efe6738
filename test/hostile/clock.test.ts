import { afterEach, describe, expect, test, vi } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { Folder, files } from '../cli/helpers.ts';
import { Serving } from '../cli/serving.ts';
import { GateLoop } from '../end-to-end/gate-loop.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { ScriptedSiem } from '../receivers/scripted-siem.ts';
import { findFaketime } from '../setup/faketime.mjs';
import { SetClock } from './set-clock.ts';

vi.setConfig({ testTimeout: 120_000 });
const eventually = { timeout: 60_000, interval: 50 };
const hour = 3600;
const library = await findFaketime();
let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
}, 60_000);

test.skipIf(!library)('set back by an hour: what is never acknowledged is given up in time', async () => {
  const delivery = await ForwardServer.start();
  const forward = formatAddress(delivery.address);
  const service = `service: { forward: { address: '${forward}', ack_timeout: 2s } }\n`;
  const folder = new Folder({
    ...files,
    'mappings/destinations.yaml': service + files['mappings/destinations.yaml'],
  });
  const clock = new SetClock(library!, folder.path);
  const serving = new Serving(folder.path, forward, clock.environment);
  stops.push(
    () => folder.remove(),
    () => delivery.stop(),
    async () => {
      serving.signal('SIGKILL');
      await serving.result;
    },
  );
  const url = await serving.url();
  const post = async (): Promise<number> => {
    const body = '{"operation":"login","user":"ana"}';
    return (await fetch(`${url}/map/archive?tag=audit`, { method: 'POST', body })).status;
  };
  delivery.acks = 'withheld';
  const lost = post();
  await vi.waitFor(() => expect(delivery.messages).toHaveLength(1), eventually);
  clock.set(-hour);
  expect(await lost).toBe(503);
  // The back-off is as long as it was, too.
  clock.set(-2 * hour);
  delivery.acks = 'at once';
  await vi.waitFor(async () => expect(await post()).toBe(200), eventually);
});

describe.skipIf(!library)('in the whole loop', () => {
  let siem: ScriptedSiem;
  let loop: GateLoop;
  let next = 0;

  const ids = (count: number): number[] => Array.from({ length: count }, () => next++);
  const missing = (of: readonly number[]): number[] => of.filter((id) => !siem.taken.has(String(id)));
  const setAside = (): number[] => loop.letters.map(({ event }) => JSON.parse(event).id);
  const post = (of: readonly number[]): Promise<void> => loop.map(of.map((id) => ({ id })));

  async function eventuallyTrue(condition: () => boolean | Promise<boolean>): Promise<void> {
    if (await until(condition, 60_000)) return;
    throw new Error(`${siem.taken.size} of ${next} arrived, ${loop.letters.length} dead\n${loop.outputs()}`);
  }

  async function isFailing(): Promise<boolean> {
    const answer = await (await loop.get('/destinations/splunk'))?.json();
    return (answer as { state?: string } | undefined)?.state === 'failing';
  }

  test('nothing is lost, no batch is over its limit, and nothing stands still, wherever the clock goes', async () => {
    siem = new ScriptedSiem();
    await siem.listen();
    stops.push(() => siem.close());
    // The loop has its folder before it starts, but wants to know its parts when it is made.
    const folder = new Folder({});
    stops.push(() => folder.remove());
    const clock = new SetClock(library!, folder.path);
    const environment = Object.entries(clock.environment).map(([name, value]) => `${name}=${value}`);
    loop = new GateLoop({
      deliver: `{ to: '${siem.url}', timeout: 5s, retry: { every: 1s, for: 5s, then: 1s } }`,
      within: { service: ['env', ...environment] },
    });
    stops.push(() => loop.stop());
    await loop.start();

    for (const seconds of [-hour, hour, 8 * 24 * hour]) {
      // One request is at the SIEM, one batch waits, one is open, and the collector has some.
      siem.delay = 1000;
      const underWay = ids(150);
      await post(underWay);
      const asked = siem.asked.length;
      await eventuallyTrue(() => siem.asked.length > asked);
      siem.script = () => ({ status: 503 });
      siem.delay = 0;
      const waiting = ids(130);
      await post(waiting);
      await eventuallyTrue(isFailing);
      const collected = ids(100);
      loop.feed(collected.map((id) => JSON.stringify({ id })));
      clock.set(seconds);
      const after = ids(130);
      await post(after);
      expect((await loop.get('/health'))?.status).toBe(200);
      siem.script = () => 'take';

      const before = [...underWay, ...waiting, ...collected];
      if (seconds > 7 * 24 * hour) {
        // What the service took in the week before last, as it seems, is out of time; nothing else is.
        await eventuallyTrue(() => {
          const aside = new Set(setAside());
          return missing(before).every((id) => aside.has(id)) && missing(after).length === 0;
        });
        expect(setAside().length).toBeGreaterThan(0);
        expect(setAside().filter((id) => after.includes(id))).toEqual([]);
        expect(loop.letters.every(({ reason }) => reason.startsWith('expired'))).toBe(true);
      } else {
        await eventuallyTrue(() => missing([...before, ...after]).length === 0);
        expect(setAside()).toEqual([]);
      }
      // And set right again, while it goes on.
      const last = ids(30);
      await post(last);
      clock.set(0);
      const later = ids(130);
      await post(later);
      await eventuallyTrue(() => missing([...last, ...later]).length === 0);
    }
    expect(siem.largestRequest).toBeLessThanOrEqual(100);
    expect(await isFailing()).toBe(false);
    const metrics = (await (await loop.get('/metrics'))?.text()) ?? '';
    expect(metrics.split('\n').filter((line) => / -\d/.test(line))).toEqual([]);
  });
});
