import type { Destination } from '../../delivery/destination.ts';
import { isExpired } from '../../delivery/gate-rules.ts';
import type { ShutGate } from './messages.ts';

/** How often the primary says which gates are shut, and for how long a worker believes it. Milliseconds. */
const sayEvery = 250;
const believedFor = 1000;

/**
 * Tells the workers which gates are shut, so that a worker can turn away by itself what knocks there by the thousands.
 *
 * @returns what ends it
 */
export function sayShutGates(
  destinations: ReadonlyMap<string, Destination>,
  say: (gates: readonly ShutGate[]) => void,
): () => void {
  const timer = setInterval(() => {
    const gates = [...destinations].flatMap(([destination, { gate }]) => {
      const shut = gate?.shut;
      return shut ? [{ destination, ...shut }] : [];
    });
    if (gates.length > 0) say(gates);
  }, sayEvery);
  return () => clearInterval(timer);
}

/**
 * What a worker has heard of shut gates. It forgets soon, and then the primary is asked again: what is heard late, or
 * not at all, costs a knock, and nothing can keep a gate shut that the primary has opened.
 */
export class ShutGates {
  readonly #shut = new Map<string, { readonly why: string; readonly until: number }>();
  readonly #now: () => number;

  /** @param now a clock that nobody sets, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  hear(gates: readonly ShutGate[]): void {
    this.#shut.clear();
    for (const { destination, why, milliseconds } of gates)
      this.#shut.set(destination, { why, until: this.#now() + Math.min(milliseconds, believedFor) });
  }

  /** Why a batch is turned away; undefined for one that the primary is to decide on. */
  whyTurnedAway({ name, settings }: Pick<Destination, 'name' | 'settings'>, tag: string): string | undefined {
    const shut = this.#shut.get(name);
    if (!shut || this.#now() >= shut.until) return undefined;
    return isExpired(settings, tag, Date.now()) ? undefined : shut.why;
  }
}
