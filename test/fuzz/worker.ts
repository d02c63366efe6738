import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { type Target, targets } from './targets.ts';

/** What a run says of itself. */
export type Message =
  | { readonly kind: 'round'; readonly target: string; readonly seed: number }
  | { readonly kind: 'done'; readonly target: string; readonly inputs: number; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly target: string; readonly seed: number; readonly report: string };

interface Wanted {
  readonly until: number;
  readonly seed: number;
  readonly only: string | undefined;
}

/** Inputs of one round: after it another target has its turn. */
const inputs = 100;

const say = (message: Message): void => parentPort!.postMessage(message);

async function round({ name: target, property }: Target, seed: number): Promise<void> {
  say({ kind: 'round', target, seed });
  const start = Date.now();
  const result = await fc.check(property, { seed, numRuns: inputs, endOnFailure: true });
  say({ kind: 'done', target, inputs: result.numRuns, milliseconds: Date.now() - start });
  if (!result.failed) return;
  const error = result.errorInstance as Error;
  const shown = fc.stringify(result.counterexample).slice(0, 1000);
  const report = `path ${result.counterexamplePath}: ${error.stack?.slice(0, 1000)}\n${shown}`;
  say({ kind: 'failed', target, seed, report });
}

const { until, seed, only } = workerData as Wanted;
const chosen = targets.filter(({ name }) => only === undefined || name === only);
for (let number = 0; Date.now() < until; number++)
  for (const target of chosen) if (Date.now() < until) await round(target, seed + number);
