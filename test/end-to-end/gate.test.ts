import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { batchTime } from '../../plugin/delivery/batch-tag.ts';
import { DatadogReceiver } from '../receivers/datadog.ts';
import { type Outcome, type Received, ScriptedSiem } from '../receivers/scripted-siem.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { GateLoop, type GateLoopOptions } from './gate-loop.ts';
import { stanzaFor } from './stanza.ts';

let siem: ScriptedSiem;
let loop: GateLoop;
/** What a test started beside the loop. */
let closing: (() => Promise<void>)[] = [];

/** The loop to a fresh SIEM. Seconds stand for minutes and days. */
async function start(deliver: string, more: Partial<GateLoopOptions> = {}): Promise<void> {
  siem = new ScriptedSiem();
  await siem.listen();
  closing.push(() => siem.close());
  loop = new GateLoop({
    deliver: `{ ${deliver.includes('to:') ? '' : `to: '${siem.url}', `}${deliver} }`,
    ...more,
  });
  await loop.start();
}

afterEach(async () => {
  await loop.stop();
  for (const close of closing) await close();
  closing = [];
}, 60_000);

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const numbered = (count: number, from = 0): { id: number }[] =>
  Array.from({ length: count }, (_, index) => ({ id: from + index }));

const lines = (records: readonly object[]): string[] => records.map((record) => JSON.stringify(record));

/** @throws with what every part said last, when it never is */
async function eventually(condition: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> {
  if (await until(condition, timeout)) return;
  throw new Error(
    `${siem.taken.size} records arrived, ${loop.letters.length} dead letters\n${loop.outputs()}`,
  );
}

const stateOf = async (): Promise<string> =>
  ((await (await loop.get('/destinations/splunk'))?.json()) as { state: string } | undefined)?.state ?? '';

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

test('a dead SIEM is asked by the schedule, with one batch at a time, while 2,000 wait', async () => {
  await start('connections: 4, retry: { every: 1s, for: 5s, then: 3s }', {
    more: 'format: json, batch: { records: 1 }',
  });
  siem.script = () => ({ status: 503, text: 'busy' });
  for (let portion = 0; portion < 10; portion++) await loop.map(numbered(200, portion * 200));
  await eventually(() => attempts().length >= 8);
  const times = attempts();
  const held = await loop.counter('held');
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const shown = times.map((at) => ((at - times[0]!) / 1000).toFixed(1)).join(', ');
  console.log(`attempts at a dead SIEM, in seconds: ${shown}; ${held} knocks were held meanwhile`);
  expect(gaps.slice(0, 5).every((gap) => gap > 900)).toBe(true);
  expect(gaps.slice(5).every((gap) => gap > 2700)).toBe(true);
  // Each of the first connections may learn it by itself; then it is one at a time.
  expect(siem.asked.length - times.length).toBeLessThan(4);
  expect(siem.asked.slice(4).every(({ others, records }) => others === 0 && records === 1)).toBe(true);
  expect(held).toBeGreaterThan(4000);

  siem.script = () => 'take';
  await eventually(() => siem.taken.size === 2000);
  await loop.settle();
  expect(siem.duplicates).toBe(0);

  /** When the SIEM was asked; requests of the first moment are one attempt. */
  function attempts(): number[] {
    const all = siem.asked.map(({ at }) => at);
    return all.filter((at, index) => index === 0 || at - all[0]! > 500);
  }
});

describe('20,000 records through all weathers', () => {
  const total = 20_000;
  const isBad = (id: unknown): boolean => Number(id) % 500 === 499;
  const busy = (status: number): Outcome => ({ status, text: 'not now' });

  /** A SIEM in good order takes 50 records at a time, and some records never. */
  function fair(records: readonly Received[]): Outcome {
    if (records.length > 50) return { status: 413, text: 'more than 50 records' };
    const bad = records.find(({ id }) => isBad(id));
    return bad ? { status: 400, text: `record ${bad.id} is bad` } : 'take';
  }

  type Kill = () => Promise<void>;

  /** @param kills done in turn, one in the middle of each bad weather */
  async function goThrough(kills: readonly Kill[] = []): Promise<void> {
    await start('timeout: 2s, retry: { every: 1s, for: 5s, then: 3s }');
    siem.script = fair;
    let fed = 0;
    // The last ones come after the last kill.
    let most = total - 2000;
    const feeding = setInterval(() => {
      const portion = numbered(Math.min(200, most - fed), fed);
      fed += portion.length;
      loop.feed(lines(portion));
    }, 200);
    try {
      const weathers: (() => Promise<void>)[] = [503, 401, 'hang' as const, 'refuse' as const].map(
        (kind) => async () => {
          if (kind === 'refuse') await siem.close();
          else siem.script = () => (kind === 'hang' ? kind : busy(kind));
          await eventually(async () => (await stateOf()) === 'failing');
          await wait(2000);
        },
      );
      for (const [index, weather] of weathers.entries()) {
        const before = siem.taken.size;
        await eventually(() => siem.taken.size > before + 1500);
        await weather();
        await kills[index]?.();
        siem.script = fair;
        if (!siem.isListening) await siem.listen();
      }
      await eventually(() => siem.taken.size > total / 2);
      await kills[weathers.length]?.();
      await loop.ready();
      most = total;
      await eventually(() => siem.taken.size + buried().size >= total, 120_000);
      await loop.settle();
    } finally {
      clearInterval(feeding);
    }
  }

  const buried = (): Map<number, string[]> => {
    const reasons = new Map<number, string[]>();
    for (const { event, reason } of loop.letters) {
      const { id } = JSON.parse(event) as { id: number };
      reasons.set(id, [...(reasons.get(id) ?? []), reason]);
    }
    return reasons;
  };

  function expectAllSettled(): void {
    const letters = buried();
    for (const { id } of numbered(total)) {
      expect([id, siem.taken.has(String(id)), letters.get(id)?.[0]]).toEqual(
        isBad(id) ? [id, false, `the SIEM refused it: 400 record ${id} is bad`] : [id, true, undefined],
      );
    }
    expect(siem.largestRequest).toBe(100);
  }

  test('without a kill each arrives once, or is set aside once with its reason', async () => {
    await goThrough();
    report('all weathers');
    expectAllSettled();
    expect([siem.duplicates, buriedTwice()]).toEqual([0, 0]);
  });

  test('with kills each arrives, or is set aside, and twice only what a kill can explain', async () => {
    const again =
      (...parts: ('collector' | 'service' | 'delivery')[]): Kill =>
      async () => {
        await Promise.all(parts.map((part) => loop.kill(part)));
        await wait(500);
        for (const part of parts) loop.run(part);
      };
    await goThrough([
      again('delivery'),
      again('service'),
      again('collector'),
      again('service', 'delivery'),
      again('collector', 'service', 'delivery'),
    ]);
    report('all weathers with kills');
    expectAllSettled();
    const late = [...siem.taken].filter(([id, times]) => Number(id) >= total - 2000 && times.length > 1);
    expect(late).toEqual([]);
  });

  const buriedTwice = (): number =>
    [...buried().values()].reduce((sum, reasons) => sum + reasons.length - 1, 0);

  function report(what: string): void {
    const tally = new Map<unknown, number>();
    for (const { outcome } of siem.asked) {
      const kind = typeof outcome === 'object' ? outcome.status : outcome;
      tally.set(kind, (tally.get(kind) ?? 0) + 1);
    }
    const answers = [...tally].map(([kind, count]) => `${kind} ${count}`).join(', ');
    console.log(
      `${what}: ${siem.taken.size} arrived, ${buried().size} set aside, largest request ${siem.largestRequest}, ` +
        `${siem.duplicates} and ${buriedTwice()} of them twice; requests: ${answers}`,
    );
  }
});

// 1.8 does not retry, and then loses, what waits beyond storage.max_chunks_up.
const isOld = (await findFluentBit()).version.startsWith('1.');
const waiting = isOld ? 6000 : 20_000;

test(`a dead SIEM with ${waiting} batches waiting holds up neither another nor an output of the collector`, async () => {
  const dead = new ScriptedSiem();
  const other = new ScriptedSiem(({ log }) => String(JSON.parse(String(log)).id));
  await Promise.all([dead.listen(), other.listen()]);
  closing.push(
    () => dead.close(),
    () => other.close(),
  );
  dead.script = () => ({ status: 503 });
  const [port] = (await freePorts(1)) as [number];
  const second = '{ format: json, mappings: [any.yaml], batch: { records: 1 }, ';
  await start('retry: { every: 1s, for: 5s, then: 3s }', {
    others: `  second: ${second}forward: '127.0.0.1:${port}', deliver: { to: '${dead.url}', retry: { every: 1s, for: 5s, then: 3s } } }\n`,
    deliveries: ['second.conf'],
    files: {
      'second.conf': readFileSync(join(packageRoot, 'fluent-bit.conf'), 'utf8')
        .replace('24224', String(port))
        .replace('fluent-bit-siem/delivery', 'fluent-bit-siem/second')
        // As it is shipped, all but a second: every batch knocks once a minute.
        .replace(/(scheduler\.\w+ +)59/g, '$158')
        .replace('@INCLUDE outputs/splunk.conf', '@INCLUDE second-gate.conf'),
      'second-gate.conf': stanzaFor('second', 'gate', {
        change: { Match: 'siem.second.*', URI: '/deliver/second', Alias: 'gate_second' },
      }).text,
      'to-second.conf': stanzaFor('second', 'map', { change: { URI: '/map/second', Alias: 'map_second' } })
        .text,
    },
    collector: `@INCLUDE inputs/filecloud.conf\n@INCLUDE outputs/map.conf\n@INCLUDE to-second.conf\n
[OUTPUT]
    Name http
    Match *
    Host 127.0.0.1
    Port ${new URL(other.url).port}
    URI /in
    Format json
    json_date_key false
`,
  });

  const before = await latencies(0, 5000);
  for (let portion = 0; portion < waiting / 200; portion++)
    await loop.map(numbered(200, 1e6 + portion * 200), 'second');
  const knocks = (): Promise<number> => loop.counter('held', 'second');
  await eventually(async () => (await knocks()) > 1500);
  const first = await knocks();
  const during = await latencies(10_000, 70_000);
  const shown = [before, during].map(
    ({ siem: a, other: b }) =>
      `${median(a)} (at most ${Math.max(...a)}) and ${median(b)} (${Math.max(...b)})`,
  );
  const held = (await knocks()) - first;
  console.log(
    `median latency in ms to a SIEM and of the collector's other output: ${shown.join(', then ')}; ${held} knocks meanwhile`,
  );
  expect(dead.taken.size).toBe(0);
  expect(held).toBeGreaterThan(1500);

  /** Milliseconds that records take to the SIEM, and to the collector's other output: four a second for so long. */
  async function latencies(from: number, period: number): Promise<{ siem: number[]; other: number[] }> {
    const sent = new Map<string, number>();
    const records = numbered(period / 250, from);
    for (const { id } of records) {
      sent.set(String(id), Date.now());
      loop.feed(lines([{ id }]));
      await wait(250);
    }
    const took = ({ taken }: ScriptedSiem): number[] =>
      [...sent].flatMap(([id, at]) => (taken.has(id) ? [taken.get(id)![0]! - at] : []));
    await eventually(() => [siem, other].every((one) => took(one).length === records.length));
    return { siem: took(siem), other: took(other) };
  }
});

test('what is paused stays so over a kill of everything, and arrives when it is resumed', async () => {
  await start('retry: { every: 1s, for: 5s, then: 3s }');
  await loop.turn('pause');
  loop.feed(lines(numbered(350)));
  await eventually(async () => (await loop.counter('events_acked')) === 350);
  await loop.settle();
  const parts = ['collector', 'service', 'delivery'] as const;
  await Promise.all(parts.map((part) => loop.kill(part)));
  for (const part of parts) loop.run(part);
  await loop.ready();
  loop.feed(lines(numbered(350, 350)));
  await eventually(async () => (await loop.counter('events_acked')) === 350);
  await loop.settle();
  expect([await stateOf(), siem.asked.length]).toEqual(['paused', 0]);
  expect(await loop.counter('held')).toBeGreaterThan(0);

  await loop.turn('resume');
  await eventually(() => siem.taken.size === 700);
  await loop.settle();
  expect([siem.duplicates, siem.largestRequest]).toEqual([0, 100]);
});

describe('time', () => {
  const hour = 3_600_000;
  let tags = 0;
  const tagOf = (taken: number): string => `siem.splunk.${Math.round(taken)}-0a1b2c3d4e-${tags++}`;

  test('what is too old, and what is from the future', async () => {
    const datadog = new DatadogReceiver({ apiKey: 'key-1' });
    await datadog.listen();
    closing.push(() => datadog.close());
    const now = Date.now();
    const to = `to: '${datadog.url}/api/v2/logs', headers: { DD-API-KEY: key-1 }`;
    await start(`${to}, retention: 1d`, { more: 'format: datadog' });
    // Taken by the service a while ago, and by a clock that was wrong.
    await loop.put(tagOf(now - 25 * hour), [{ timestamp: BigInt(now), id: 'expired' }]);
    await loop.put(tagOf(now - 23 * hour), [{ timestamp: BigInt(now), id: 'waited' }]);
    await loop.put(tagOf(now + 48 * hour), [{ timestamp: BigInt(now), id: 'taken tomorrow' }]);
    // Taken now.
    const iso = (at: number): string => new Date(at).toISOString();
    await loop.map([
      { id: 'fresh', time: iso(now) },
      { id: 'of last year', time: iso(now - 365 * 24 * hour) },
      { id: '19 h old', time: iso(now - 19 * hour) },
      { id: '17 h old', time: iso(now - 17 * hour) },
      { id: '3 h ahead', time: iso(now + 3 * hour) },
    ]);
    await eventually(() => datadog.records.length === 7 && loop.letters.length === 1);
    await loop.settle();
    const byId = new Map(datadog.records.map((record) => [record.id, record]));
    const original = (id: string): unknown => byId.get(id)!.original_timestamp;
    expect(datadog.records).toHaveLength(7);
    expect([datadog.tooOld, datadog.tooNew, datadog.violations]).toEqual([0, 0, []]);
    expect(['of last year', '19 h old', '3 h ahead'].map(original)).toEqual([
      now - 365 * 24 * hour,
      now - 19 * hour,
      now + 3 * hour,
    ]);
    expect(byId.get('17 h old')).toMatchObject({ timestamp: now - 17 * hour });
    for (const id of ['fresh', '17 h old', 'waited', 'taken tomorrow']) expect(original(id)).toBeUndefined();
    expect(loop.letters).toMatchObject([
      {
        destination: 'splunk',
        reason: 'expired: the service took it more than 1 days ago',
        event: JSON.stringify({ timestamp: now, id: 'expired' }),
      },
    ]);
    expect([await loop.counter('expired'), await loop.counter('restamped')]).toEqual([1, 3]);
  });

  test('a SIEM that is down for longer than the retention: the oldest are given up, and nothing younger', async () => {
    const retention = 8000;
    await start('retention: 8s, retry: { every: 1s, for: 3s, then: 2s }', {
      more: 'format: json, batch: { records: 5, age: 500ms }',
    });
    // Five records a batch, two batches a second, all the time.
    const fed: number[] = [];
    const feeding = setInterval(() => {
      void loop.map(numbered(5, fed.length * 5)).catch(() => {});
      fed.push(Date.now());
    }, 500);
    try {
      await eventually(() => siem.taken.size > 10);
      siem.script = () => ({ status: 503 });
      await eventually(() => loop.letters.length >= 50);
      siem.script = () => 'take';
      await eventually(async () => (await stateOf()) === 'delivering');
      await wait(3000);
    } finally {
      clearInterval(feeding);
    }
    const total = fed.length * 5;
    await eventually(() => siem.taken.size + loop.letters.length >= total);
    await loop.settle();

    const { letters } = loop;
    const dead = letters.map(({ event }) => Number(JSON.parse(event).id));
    const arrived = [...siem.taken.keys()].map(Number);
    const settled = [...dead, ...arrived].toSorted((a, b) => a - b);
    expect(settled).toEqual(numbered(total).map(({ id }) => id));
    expect(siem.duplicates).toBe(0);
    const down = siem.asked.findIndex(({ outcome }) => outcome !== 'take');
    const before = siem.asked.slice(0, down).reduce((sum, { records }) => sum + records, 0);
    const ages = letters.map(({ time, tag }) => Date.parse(time) - batchTime(tag)!);
    const waited = [...siem.taken].map(([id, [at]]) => at! - fed[Math.floor(Number(id) / 5)]!);
    console.log(
      `down for longer than the retention of ${retention} ms: ${total} records, ${before} before it, then ${dead.length} ` +
        `expired at an age of ${Math.min(...ages)} to ${Math.max(...ages)} ms, the first of them record ${dead[0]}, ` +
        `and ${arrived.length - before} arrived, after at most ${Math.max(...waited)} ms`,
    );
    // Nothing younger was given up, and nothing older was sent; Fluent Bit's clock is two seconds here.
    expect(Math.min(...ages)).toBeGreaterThan(retention);
    expect(Math.max(...waited)).toBeLessThan(retention + 5000);
    expect(dead[0]).toBeLessThan(before + 40);
  });
});
