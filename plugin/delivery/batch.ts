import { randomBytes } from 'node:crypto';
import type { BatchLimits } from '../mapping/settings.ts';

/** Some of a request's events, from one index to another, and the tag they go under. */
export interface Portion {
  readonly tag: string;
  readonly start: number;
  /** Behind the last. */
  readonly end: number;
}

interface Batch {
  readonly tag: string;
  readonly openedAt: number;
  /** Those it was opened with: others hold for the next one. */
  readonly limits: BatchLimits;
  records: number;
  bytes: number;
}

/**
 * Cuts what goes to one destination into batches. Fluent Bit makes one chunk, and so one request to the
 * SIEM, of what comes under one tag between two flushes; what bounds a request is therefore the tag: it is
 * used until it carried so many records or bytes, or is so old. Successive requests share the open one.
 *
 * Room that was given is used up, acknowledged or not: an event that is sent again gets new room, or the
 * chunk that may hold it already would overflow.
 */
export class Batcher {
  /** Of the batches to be opened. */
  limits: BatchLimits;
  readonly #prefix: string;
  readonly #now: () => number;
  // Unique for each process start: a chunk that was open before a restart must never get more.
  readonly #start = randomBytes(5).toString('hex');
  #count = 0;
  #open: Batch | undefined;

  /**
   * @param name the destination's, and its records' tag where each tag has its own batches; the batches' tags are
   *   `siem.<name>.<batch id>`
   * @param now the clock, epoch milliseconds
   */
  constructor(name: string, limits: BatchLimits, now: () => number = Date.now) {
    this.#prefix = `siem.${name}`;
    this.limits = limits;
    this.#now = now;
  }

  /** Batches begun. */
  get begun(): number {
    return this.#count;
  }

  /**
   * Gives each event its batch. An event larger than the byte limit gets a batch of its own.
   *
   * @param sizes bytes of each event
   * @param start the first event that is meant
   * @param end behind the last
   */
  allocate(sizes: ArrayLike<number>, start = 0, end: number = sizes.length): Portion[] {
    const portions: Portion[] = [];
    const now = this.#now();
    let from = start;
    let batch: Batch | undefined;
    for (let index = start; index < end; index++) {
      const size = sizes[index]!;
      const next = this.#batchFor(size, now);
      if (batch && next !== batch) {
        portions.push({ tag: batch.tag, start: from, end: index });
        from = index;
      }
      batch = next;
      batch.records++;
      batch.bytes += size;
    }
    if (batch) portions.push({ tag: batch.tag, start: from, end });
    return portions;
  }

  #batchFor(size: number, now: number): Batch {
    const open = this.#open;
    const { records, bytes, age } = open?.limits ?? this.limits;
    // A clock set back must not keep a batch open for longer.
    const isYoung = open !== undefined && now >= open.openedAt && now - open.openedAt < age;
    if (isYoung && open.records < records && open.bytes + size <= bytes) return open;
    // The id starts with the time the service took the batch's first record: retention counts from it.
    this.#open = {
      tag: `${this.#prefix}.${now}-${this.#start}-${this.#count++}`,
      openedAt: now,
      limits: this.limits,
      records: 0,
      bytes: 0,
    };
    return this.#open;
  }
}
