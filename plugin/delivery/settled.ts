import { createHash } from 'node:crypto';

/** What is known of a batch: which of its records need no more, by index, or that none does. */
export type Progress = ReadonlySet<number> | 'all';

/**
 * Remembers which records of a batch the SIEM took, or the dead letters hold. Fluent Bit repeats a chunk byte
 * for byte, after a refusal and also after a kill when it had not yet deleted it; the repeat then sends only
 * what is left, and no record twice.
 *
 * Bounded: the oldest batch is forgotten first, which costs duplicates and never a loss.
 */
export class Settled {
  readonly #known = new Map<string, Progress>();
  readonly #limit: number;

  /** @param limit how many batches are remembered, about 150 bytes each */
  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  /** What identifies a batch: the same tag and bytes are the same records. */
  key(tag: string, body: Buffer): string {
    return createHash('sha256').update(`${tag}\n`).update(body).digest('base64');
  }

  get(key: string): Progress {
    return this.#known.get(key) ?? new Set();
  }

  set(key: string, progress: Progress): void {
    this.#known.delete(key);
    if (progress !== 'all' && progress.size === 0) return;
    if (this.#known.size >= this.#limit) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(key, progress);
  }
}
