import { createHash } from 'node:crypto';

/** Where it is remembered what of a request was acknowledged: in this process (Repeats), or in one for several. */
export interface RepeatMemory {
  /** Whether nothing is remembered: no request need be identified then. */
  readonly isEmpty: boolean;
  key(destination: string, tag: string, body: Buffer): string;
  take(key: string): ReadonlySet<number> | undefined | Promise<ReadonlySet<number> | undefined>;
  remember(key: string, acked: ReadonlySet<number>): void;
}

/**
 * Remembers which events of a request Fluent Bit has acknowledged when the sender was not told so. Fluent
 * Bit repeats a refused chunk byte for byte; the repeat then sends only the rest, and no event twice.
 *
 * Bounded: the oldest request is forgotten first, which costs duplicates and never a loss.
 */
export class Repeats implements RepeatMemory {
  readonly #acked = new Map<string, ReadonlySet<number>>();
  readonly #limit: number;

  /** @param limit how many requests are remembered */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** Whether nothing is remembered: no request need be identified then. */
  get isEmpty(): boolean {
    return this.#acked.size === 0;
  }

  /** Of all requests that are remembered, the oldest first. */
  get keys(): Iterable<string> {
    return this.#acked.keys();
  }

  key(destination: string, tag: string, body: Buffer): string {
    return repeatKey(destination, tag, body);
  }

  /** Takes what is remembered of a request; it is remembered again only if that fails, too. */
  take(key: string): ReadonlySet<number> | undefined {
    const acked = this.#acked.get(key);
    this.#acked.delete(key);
    return acked;
  }

  /** @param acked indexes of the request's events that must not be sent again */
  remember(key: string, acked: ReadonlySet<number>): void {
    if (acked.size === 0) return;
    // Two copies of a request at the same time may each have got a part through.
    const before = this.take(key) ?? [];
    if (this.#acked.size >= this.#limit) this.#acked.delete(this.#acked.keys().next().value!);
    this.#acked.set(key, new Set([...before, ...acked]));
  }
}

/** What identifies a request: the same destination, tag and bytes are the same records. */
export function repeatKey(destination: string, tag: string, body: Buffer): string {
  return createHash('sha256').update(`${destination}\n${tag}\n`).update(body).digest('base64');
}
