import type { Action, Model } from './explore.ts';

/** The real thing behind a model, in a test's hands. */
export interface Subject {
  /** Makes it happen, and waits until nothing moves any more. */
  perform(action: Action): Promise<void>;
  /** What can be seen from outside, as the model's `observe` gives it. */
  observe(): unknown;
}

/**
 * Takes a real thing and its model the same ways, and compares what is seen of both after every step.
 *
 * @returns how many steps that were
 * @throws Error with the way, where they differ
 */
export async function conform<State>(
  model: Model<State> & { observe(state: State): unknown },
  ways: Iterable<readonly Action[]>,
  start: () => Subject,
): Promise<number> {
  let steps = 0;
  for (const way of ways) {
    const subject = start();
    const state: State = structuredClone(model.initial);
    for (const [index, action] of way.entries()) {
      model.apply(state, action);
      await subject.perform(action);
      steps++;
      const expected = JSON.stringify(model.observe(state));
      const found = JSON.stringify(subject.observe());
      if (expected === found) continue;
      const trace = way.slice(0, index + 1).map((one, number) => `  ${number + 1}. ${one.join(' ')}`);
      throw new Error(`not as modelled, after\n${trace.join('\n')}\nmodel ${expected}\nfound ${found}`);
    }
  }
  return steps;
}

/** Lets everything run that waits for nothing but its turn. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
