/** There is no place: too many wait already, or waiting took too long. */
export class NoPlace extends Error {}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Lets so many through at a time; others wait in line, not too many and not too long. */
export class Turnstile {
  #places: number;
  readonly #mostWaiting: number;
  readonly #longestWait: number;
  readonly #waiting = new Set<Waiting>();
  #inside = 0;

  /** @param longestWait milliseconds */
  constructor(places: number, mostWaiting: number, longestWait: number) {
    this.#places = places;
    this.#mostWaiting = mostWaiting;
    this.#longestWait = longestWait;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for a place; who got one must `leave`.
   *
   * @throws NoPlace, or the error given to `turnAway`
   */
  async enter(): Promise<void> {
    if (this.#inside < this.#places) {
      this.#inside++;
      return;
    }
    if (this.#waiting.size >= this.#mostWaiting) throw new NoPlace('too many requests wait already');
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new NoPlace('no place became free in time'));
      }, this.#longestWait);
      const waiting: Waiting = { resolve, reject, timer };
      this.#waiting.add(waiting);
    });
  }

  leave(): void {
    this.#inside--;
    this.#fill();
  }

  /** More let in who waits; with fewer, those inside may stay. */
  set places(places: number) {
    this.#places = places;
    this.#fill();
  }

  /** Gives free places to those who wait longest. */
  #fill(): void {
    for (const next of this.#waiting) {
      if (this.#inside >= this.#places) return;
      this.#inside++;
      this.#waiting.delete(next);
      clearTimeout(next.timer);
      next.resolve();
    }
  }

  /** Ends the waiting of all. */
  turnAway(error: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const one of waiting) {
      clearTimeout(one.timer);
      one.reject(error);
    }
  }
}
