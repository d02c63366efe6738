import { noProblems, type Problems } from '../compile/event.ts';
import { EventBuffer } from '../fluent/event-buffer.ts';

/** So many unmapped records are each looked at, and after that one of so many: to decode it costs more than to copy a line. */
const seldom = 1000;
const oneOf = 64;

/** What became of each record; every record counts in exactly one of the first five. */
export interface Tally extends Problems {
  mapped: number;
  filtered: number;
  unmapped: number;
  passed: number;
  deadLetters: number;
  /** Of those. */
  deadUndecodable: number;
  deadTooLarge: number;
  /** Events that were not written from bytes to bytes. */
  decodedEvents: number;
}

const noTally = (): Tally => ({
  mapped: 0,
  filtered: 0,
  unmapped: 0,
  passed: 0,
  deadLetters: 0,
  deadUndecodable: 0,
  deadTooLarge: 0,
  decodedEvents: 0,
  ...noProblems(),
});

/**
 * What the records of a request become: packed events, and packed dead letters for the ones that can't be one.
 * Its memory is used again for the next request.
 */
export class RenderedBody {
  readonly events = new EventBuffer();
  readonly deadLetters = new EventBuffer();
  tally: Tally = noTally();
  /** Records that no mapping was for, by `kindOf`; of many only some are looked at, and count for all. */
  readonly unmapped = new Map<string, number>();
  #seen = 0;

  /** Records there were. */
  get records(): number {
    const { mapped, filtered, unmapped, passed, deadLetters } = this.tally;
    return mapped + filtered + unmapped + passed + deadLetters;
  }

  clear(): void {
    this.events.clear();
    this.deadLetters.clear();
    this.tally = noTally();
    this.unmapped.clear();
  }

  /** How many records that no mapping is for need not be noted before the next one. */
  get mayOverlook(): number {
    return this.#seen < seldom ? 0 : (oneOf - (this.#seen % oneOf)) % oneOf;
  }

  /** So many were not noted. */
  overlook(count: number): void {
    this.#seen += count;
  }

  /** Notes a record that no mapping was for. @param kind asked only when it is looked at */
  noteUnmapped(kind: () => string): void {
    const weight = this.#seen < seldom ? 1 : oneOf;
    if (this.#seen++ % weight !== 0) return;
    const name = kind();
    this.unmapped.set(name, (this.unmapped.get(name) ?? 0) + weight);
  }
}
