import { type RepeatMemory, repeatKey } from '../../delivery/repeats.ts';
import type { FromWorker } from './messages.ts';

/** The primary forgets the oldest of 1000; a key it has forgotten is asked for in vain, once. */
const mostKeys = 2000;

/**
 * A worker's view of what all workers together remember: the repeat of a request may come to another one. What was
 * acknowledged stands in the primary, and whoever asks first gets it; a worker knows the keys alone. So a request that
 * no part of was acknowledged before, as nearly all, asks nobody. A key that is not known yet costs duplicates, never a
 * loss.
 */
export class WorkerRepeats implements RepeatMemory {
  readonly #send: (message: FromWorker) => void;
  readonly #known = new Set<string>();
  readonly #asking = new Map<string, ((acked: ReadonlySet<number> | undefined) => void)[]>();

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  key(destination: string, tag: string, body: Buffer): string {
    return repeatKey(destination, tag, body);
  }

  take(key: string): undefined | Promise<ReadonlySet<number> | undefined> {
    if (!this.#known.delete(key)) return undefined;
    return new Promise((resolve) => {
      this.#asking.set(key, [...(this.#asking.get(key) ?? []), resolve]);
      this.#send({ kind: 'take', key });
    });
  }

  remember(key: string, acked: ReadonlySet<number>): void {
    if (acked.size > 0) this.#send({ kind: 'remember', key, acked: [...acked] });
  }

  /** The primary says that there is something to be had. */
  isRemembered(key: string): void {
    if (this.#known.size >= mostKeys) this.#known.delete(this.#known.keys().next().value!);
    this.#known.add(key);
  }

  /** The primary's answer to one `take`, in the order they were asked. */
  isTaken(key: string, acked: readonly number[] | undefined): void {
    const [first, ...others] = this.#asking.get(key) ?? [];
    if (others.length > 0) this.#asking.set(key, others);
    else this.#asking.delete(key);
    first?.(acked && new Set(acked));
  }
}
