import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../bench/random.ts';
import { conform } from './conform.ts';
import { Counterexample, explore, randomWalks, walks } from './explore.ts';
import { type IntakeBug, IntakeModel, type IntakeOptions } from './intake-model.ts';
import { RealIntake } from './intake-subject.ts';

// MODEL_FAULTS=3 npx vitest run test/model explores further: minutes instead of seconds.
const more = Number(process.env.MODEL_FAULTS ?? 0);
const timeout = more > 0 ? 3_600_000 : 60_000;

/** Small enough that all that can happen does. */
const small: Record<string, IntakeOptions> = {
  'three events, more than a batch holds': { requests: [['e', 'e', 'e']], faults: 2 },
  'an event and a dead letter, and another request': { requests: [['e', 'd'], ['e']], faults: 1 },
};
const large: IntakeOptions = {
  requests: [
    ['e', 'e', 'd'],
    ['e', 'e'],
  ],
  faults: 4,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1772438437000 });
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each(Object.entries(small))('%s', (_name, options) => {
  const model = new IntakeModel({ ...options, faults: more || options.faults });

  test(
    'nothing is lost, no batch is over its limit, nothing is stuck, none comes twice without a cause',
    () => {
      const { states, transitions, depth } = explore(model);
      console.log(`intake: ${states.length} states, ${transitions} transitions, ${depth} steps deep`);
      expect(states.length).toBeGreaterThan(100);
    },
    timeout,
  );

  test(
    'the code does in every transition what the model does',
    async () => {
      const model = new IntakeModel({ ...options, faults: more || 1 });
      const steps = await conform(model, walks(explore(model)), () => new RealIntake(options));
      console.log(`intake: ${steps} steps as modelled`);
      expect(steps).toBeGreaterThan(500);
    },
    timeout,
  );
});

test(
  'the code does what the model does on drawn ways through a larger one',
  async () => {
    const ways = randomWalks(new IntakeModel(large), 300 * (more + 1), 40, seededRandom(1));
    const steps = await conform(new IntakeModel(large), ways, () => new RealIntake(large));
    expect(steps).toBeGreaterThan(3000);
  },
  timeout,
);

const found: Record<IntakeBug, RegExp> = {
  'tags start anew': /records under the tag e0-0\/2/,
  'room is given back': /records under the tag e0-0\/2/,
  'an open batch gets new limits': /records under the tag e0-0\/2/,
  'what failed is remembered, too': /is lost/,
  'nothing is remembered': /came 2 times/,
  'answers before the acknowledgement': /is lost/,
  'a failure is not noticed': /nothing leads on to delivery/,
};

describe.each(Object.entries(found))('a mistake, %s,', (bug, what) => {
  const options = { requests: [['e', 'e'], ['e']], faults: 1, bug: bug as IntakeBug } as const;

  test('is found in the model, with the way to it', () => {
    try {
      explore(new IntakeModel(options));
    } catch (error) {
      expect(error).toBeInstanceOf(Counterexample);
      expect((error as Error).message).toMatch(what);
      expect((error as Counterexample).trace.length).toBeGreaterThan(0);
      return;
    }
    throw new Error('not found');
  });
  test('is not what the code does', async () => {
    const model = new IntakeModel(options);
    const ways = randomWalks(model, 2000, 40, seededRandom(2));
    await expect(conform(model, ways, () => new RealIntake(options))).rejects.toThrow('not as modelled');
  });
});
