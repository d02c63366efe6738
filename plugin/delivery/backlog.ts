import { batchTime } from './batch-tag.ts';

/** A batch that did not knock for so long is nowhere any more: Fluent Bit gave it up. Its longest wait is 2000 s if nothing is set. */
const forgottenAfter = 3_600_000;
/** A week of a batch every 6 s; what is more is not told apart. */
const most = 100_000;

/**
 * The batches of a destination that are known to wait: they knocked, and are not delivered yet. Fluent Bit has them, and
 * says nothing of them but by knocking; after a start all are known once each has knocked.
 */
export class Backlog {
  /** In the order of their last knock. `taken` is epoch milliseconds, `knocked` by the clock that nobody sets. */
  readonly #batches = new Map<string, { readonly taken: number; readonly knocked: number }>();
  readonly #now: () => number;
  readonly #elapsed: () => number;

  /**
   * @param now the clock, epoch milliseconds
   * @param elapsed one that nobody sets, milliseconds
   */
  constructor(now: () => number = Date.now, elapsed: () => number = () => performance.now()) {
    this.#now = now;
    this.#elapsed = elapsed;
  }

  /** Batches that wait. */
  get count(): number {
    this.#forget();
    return this.#batches.size;
  }

  /** Epoch milliseconds at which the service took the first record of the oldest one; undefined when none waits. */
  get oldest(): number | undefined {
    this.#forget();
    let oldest: number | undefined;
    for (const { taken } of this.#batches.values())
      if (oldest === undefined || taken < oldest) oldest = taken;
    return oldest;
  }

  /** A batch came, and is not delivered. */
  knocked(tag: string): void {
    const before = this.#batches.get(tag);
    const knocked = this.#elapsed();
    if (before) this.#batches.delete(tag);
    else if (this.#batches.size >= most) this.#batches.delete(this.#batches.keys().next().value!);
    this.#batches.set(tag, { taken: before?.taken ?? batchTime(tag) ?? this.#now(), knocked });
  }

  /** It needs to wait no more. */
  settled(tag: string): void {
    this.#batches.delete(tag);
  }

  /** The tags that knocked since the last time, to be told elsewhere. */
  drain(): string[] {
    const tags = [...this.#batches.keys()];
    this.#batches.clear();
    return tags;
  }

  #forget(): void {
    const before = this.#elapsed() - forgottenAfter;
    for (const [tag, { knocked }] of this.#batches) {
      if (knocked >= before) return;
      this.#batches.delete(tag);
    }
  }
}
