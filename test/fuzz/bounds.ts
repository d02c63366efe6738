import { cpuUsage } from 'node:process';

/**
 * CPU seconds that an input of a few hundred kilobytes may take at most: a hundred times what the slowest takes, so that
 * a busy machine is no failure, and what grows by the square is one.
 */
const mostSeconds = 20;

const guarded = [Object, Array, Map, Set, String, Number, Function, Promise, Date, Buffer, Uint8Array];
const shape = (): string =>
  guarded.map(({ prototype }) => Object.getOwnPropertyNames(prototype).join(' ')).join('\n');
const before = shape();

/**
 * Does it within the bound, and leaves JavaScript's own prototypes as they were.
 *
 * @throws Error otherwise
 */
export function bounded<T>(work: () => T): T {
  const start = cpuUsage();
  const result = work();
  const { user, system } = cpuUsage(start);
  if (user + system > mostSeconds * 1e6) throw new Error(`it took ${(user + system) / 1e6} s of CPU`);
  if (shape() !== before) throw new Error('a prototype was changed');
  return result;
}
