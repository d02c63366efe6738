import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../plugin/cli/demo/ports.ts';
import { seededRandom } from '../bench/random.ts';
import { GateLoop } from '../end-to-end/gate-loop.ts';
import { readDeadLetters } from './dead-letters.ts';
import { changeWeather, happenings, mappingNamed } from './events.ts';
import type { Ledger } from './ledger.ts';
import { Vitals } from './vitals.ts';
import { isBad, WeatherSiem } from './weather-siem.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Records a second. */
  readonly rate: number;
  readonly seed: number;
  /** Workers of the service; 0 for one process. */
  readonly workers: number;
  /** Most seconds between the end of one event and the next. */
  readonly calm: number;
  readonly log: (line: string) => void;
}

export interface SoakResult {
  readonly fed: number;
  readonly taken: Ledger;
  readonly letters: Ledger;
  /** As `unaccountedOf` has them. */
  readonly unaccounted: readonly number[];
  /** Files that Fluent Bit still keeps records in. */
  readonly left: readonly string[];
  readonly largestRequest: number;
  readonly vitals: Readonly<Record<'service' | 'delivery' | 'collector', Vitals>>;
}

/**
 * The whole loop at a steady rate while it rains: kills, reloads, pauses, and a SIEM in every bad state. What happens is
 * drawn from the seed; when it happens relative to a record is the machine's. Ends when every record arrived or was
 * set aside, or none did for two minutes.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, rate, seed, workers, calm, log } = options;
  const siem = new WeatherSiem();
  await siem.listen();
  const loop = new GateLoop({
    deliver: `{ to: '${siem.url}', timeout: 2s, connections: 4, retry: { every: 1s, for: 5s, then: 3s } }`,
    more: 'format: json, batch: { records: 100 }',
    files: { 'any.yaml': mappingNamed('first') },
    arguments: workers > 0 ? ['--workers', String(workers)] : [],
    // As many files as docker/systemd lets it open, or as many as may be: without any left it loses what it acknowledged.
    within: { delivery: ['sh', '-c', `ulimit -n 65536 || ulimit -n "$(ulimit -Hn)"; exec "$@"`, 'sh'] },
  });
  const parts = ['service', 'delivery', 'collector'] as const;
  const vitals = { service: new Vitals(), delivery: new Vitals(), collector: new Vitals() };
  const sampler = setInterval(() => {
    for (const part of parts) vitals[part].sample(loop.pid(part));
  }, 2000);
  const deadLetters = (): Promise<Ledger> =>
    readDeadLetters(join(loop.folder, 'var', 'dead-letters', 'dead-letters.ndjson'));
  try {
    await loop.start();
    const begun = Date.now();
    const end = begun + minutes * 60_000;
    const since = (): string => `${((Date.now() - begun) / 1000).toFixed(0).padStart(5)} s`;
    let fed = 0;
    const feed = (): void => {
      const due = Math.floor(((Math.min(Date.now(), end) - begun) / 1000) * rate) - fed;
      loop.feed(Array.from({ length: due }, () => JSON.stringify({ id: fed++, time: Date.now() })));
    };
    const feeder = setInterval(feed, 100);
    const reporter = setInterval(
      () => log(`${since()}: ${fed} fed, ${siem.taken.distinct} arrived, ${siem.taken.repeats} again`),
      60_000,
    );
    const isOver = (): boolean => Date.now() >= end;
    const pause = (random: () => number): Promise<void> =>
      wait(Math.min(1000 + random() * calm * 1000, Math.max(0, end - Date.now())));
    const deal = async (): Promise<void> => {
      const random = seededRandom(seed);
      for (;;) {
        await pause(random);
        if (isOver()) return;
        const happening = happenings[Math.floor(random() * happenings.length)]!;
        await happening.run(loop, random, wait);
        log(`${since()}: ${happening.name}`);
      }
    };
    const rain = async (): Promise<void> => {
      const random = seededRandom(seed + 1);
      for (;;) {
        await pause(random);
        if (isOver()) return;
        log(`${since()}: SIEM ${await changeWeather(siem, random, wait)}`);
      }
    };
    try {
      await Promise.all([deal(), rain()]);
    } finally {
      clearInterval(feeder);
      clearInterval(reporter);
    }
    feed();
    let letters = await deadLetters();
    const settled = (): number => letters.distinct + siem.taken.distinct;
    let known: number;
    do {
      known = settled();
      await until(
        async () => {
          letters = await deadLetters();
          return settled() >= fed;
        },
        120_000,
        1000,
      );
    } while (settled() < fed && settled() > known);
    await until(() => loop.kept.length === 0, 60_000);
    // Fluent Bit closes a connection that nobody has used for 30 s.
    await until(
      () => {
        for (const part of parts) vitals[part].sample(loop.pid(part));
        return vitals.service.last.descriptors < 100;
      },
      90_000,
      3000,
    );
    log(
      `${since()}: the end; answers ${[...siem.answers].map(([what, count]) => `${what} ${count}`).join(', ')}`,
    );
    return {
      fed,
      taken: siem.taken,
      letters,
      unaccounted: unaccountedOf(fed, siem.taken, letters),
      left: loop.kept,
      largestRequest: siem.largestRequest,
      vitals,
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${loop.outputs()}`, { cause: error });
  } finally {
    clearInterval(sampler);
    await loop.stop();
    await siem.close();
  }
}

/** Which of so many ids neither arrived nor were set aside, or were set aside though they are good; the first hundred. */
export function unaccountedOf(fed: number, taken: Ledger, letters: Ledger): number[] {
  const ids: number[] = [];
  for (let id = 0; id < fed && ids.length < 100; id++) {
    const isRight = isBad(id) ? letters.has(id) && !taken.has(id) : taken.has(id) && !letters.has(id);
    if (!isRight) ids.push(id);
  }
  return ids;
}

/** What a report says of a run. */
export function describeSoak({ fed, taken, letters, largestRequest, vitals }: SoakResult): string {
  const parts = Object.entries(vitals).map(([part, vital]) => `${part}: ${vital.describe()}`);
  const tally = `${fed} records: ${taken.distinct} arrived (${taken.repeats} times again), ${letters.distinct} set aside (${letters.repeats} again)`;
  return [`${tally}, largest request ${largestRequest}`, ...parts].join('\n');
}
