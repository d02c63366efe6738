import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { describeSoak, soak, unaccountedOf } from './soak.ts';

// `npm run soak -- --minutes 120 --rate 2000 --seed 7` is the long run; without options a short one.
const { values } = parseArgs({
  args: (process.env.SOAK ?? '').split(' ').filter(Boolean),
  options: {
    minutes: { type: 'string', default: '0.25' },
    rate: { type: 'string' },
    seed: { type: 'string', default: '20261122' },
    workers: { type: 'string', default: '0' },
    calm: { type: 'string' },
  },
});
const isLong = process.env.SOAK !== undefined;
const minutes = Number(values.minutes);
const rate = Number(values.rate ?? (isLong ? 2000 : 200));
const seed = Number(values.seed);
const mebibyte = 2 ** 20;

test(
  `${rate} records a second for ${minutes} minutes, with kills, reloads and a bad SIEM: all is accounted for`,
  async () => {
    console.log(`soak: --minutes ${minutes} --rate ${rate} --seed ${seed} --workers ${values.workers}`);
    const result = await soak({
      minutes,
      rate,
      seed,
      workers: Number(values.workers),
      calm: Number(values.calm ?? (isLong ? 40 : 2)),
      log: console.log,
    });
    console.log(describeSoak(result));
    expect(result.fed).toBe(Math.floor(minutes * 60 * rate));
    expect(result.unaccounted).toEqual([]);
    expect(result.left).toEqual([]);
    expect(result.largestRequest).toBeLessThanOrEqual(100);
    const { service } = result.vitals;
    const [, second, , last] = service.quarters('memory') as [number, number, number, number];
    // Generous: a kill makes it small, a backlog large; what grows without end is neither.
    expect(last).toBeLessThan(second * 1.5 + 100 * mebibyte);
    expect(service.last.descriptors).toBeLessThan(100);
  },
  minutes * 60_000 + 15 * 60_000,
);

test('what neither arrived nor was set aside is told, and so is what was set aside without a reason', () => {
  const [taken, letters] = [new Ledger(), new Ledger()];
  for (let id = 0; id < 2000; id++) (id % 997 === 996 ? letters : taken).add(id);
  expect(unaccountedOf(2000, taken, letters)).toEqual([]);
  letters.add(5);
  expect(unaccountedOf(2002, taken, letters)).toEqual([5, 2000, 2001]);
});
