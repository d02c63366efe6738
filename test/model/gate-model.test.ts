import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../bench/random.ts';
import { conform } from './conform.ts';
import { Counterexample, explore, randomWalks, walks } from './explore.ts';
import { type GateBug, GateModel, type GateModelOptions } from './gate-model.ts';
import { RealGate } from './gate-subject.ts';

// MODEL_FAULTS=4 npx vitest run test/model explores further: minutes instead of seconds.
const more = Number(process.env.MODEL_FAULTS ?? 0);
const timeout = more > 0 ? 3_600_000 : 60_000;

/** Small enough that all that can happen does. */
const small: Record<string, GateModelOptions> = {
  'one record': { batches: [1], faults: 3 },
  'a batch of two records, and one of one': { batches: [2, 1], faults: 2 },
  'a SIEM that names what it refuses': { batches: [3], faults: 2, names: true },
};
/** One batch more than are set aside whole before a SIEM counts as failing. */
const refused: GateModelOptions = { batches: [1, 1, 1, 1], faults: 4, only: ['SIEM refuses'] };
const large: GateModelOptions = { batches: [3, 2, 1], faults: 8 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each(Object.entries({ ...small, 'batches refused whole': refused }))('%s', (_name, options) => {
  test(
    'nothing is lost, nothing is stuck, none is taken or set aside twice without a cause',
    () => {
      const { states, transitions, depth } = explore(
        new GateModel({ ...options, faults: Math.max(more, options.faults) }),
      );
      console.log(`gate: ${states.length} states, ${transitions} transitions, ${depth} steps deep`);
      expect(states.length).toBeGreaterThan(500);
    },
    timeout,
  );
});

test.each(Object.entries(small))(
  'the code does in every transition what the model does: %s',
  async (_name, options) => {
    const model = new GateModel({ ...options, faults: more || (options.batches.length > 1 ? 1 : 2) });
    const steps = await conform(model, walks(explore(model)), () => new RealGate(options));
    console.log(`gate: ${steps} steps as modelled`);
    expect(steps).toBeGreaterThan(500);
  },
  timeout,
);

test.each([
  ['three batches', large],
  ['three batches, named records', { ...large, names: true }],
  ['batches refused whole', refused],
] as const)(
  'the code does what the model does on drawn ways: %s',
  async (_name, options) => {
    const model = new GateModel(options);
    const ways = randomWalks(model, 150 * (more + 1), 50, seededRandom(1));
    expect(await conform(model, ways, () => new RealGate(options))).toBeGreaterThan(1000);
  },
  timeout,
);

const found: Record<GateBug, RegExp> = {
  'trusts a SIEM that never took any': /was set aside by a SIEM that took nothing yet/,
  'forgets what was taken': /was taken 2 times/,
  'what is refused counts as buried': /is lost/,
  'a probe that goes away is waited for': /nothing leads on to delivery/,
  'a failing batch is done': /is lost/,
  'a suspect waits for others for ever': /nothing leads on to delivery/,
  'a clock set back is waited for': /nothing leads on to delivery/,
  'what is expired is thrown away': /is lost/,
};

describe.each(Object.entries(found))('a mistake, %s,', (bug, what) => {
  // What was taken is part of a batch.
  const batches = bug === 'forgets what was taken' ? [2] : [1];
  const options = { batches, faults: 2, bug: bug as GateBug } as const;

  test('is found in the model, with the way to it', () => {
    try {
      explore(new GateModel(options));
    } catch (error) {
      expect(error).toBeInstanceOf(Counterexample);
      expect((error as Error).message).toMatch(what);
      expect((error as Counterexample).trace.length).toBeGreaterThan(0);
      return;
    }
    throw new Error('not found');
  });
  test('is not what the code does', async () => {
    const model = new GateModel(options);
    const ways = randomWalks(model, 4000, 40, seededRandom(2));
    await expect(conform(model, ways, () => new RealGate(options))).rejects.toThrow('not as modelled');
  });
});
