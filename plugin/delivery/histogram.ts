/**
 * Upper bounds of the buckets, in seconds: those that OpenTelemetry's semantic conventions advise for HTTP durations, and
 * two more, for a SIEM may take up to a minute.
 */
export const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
] as const;

/** How often something took how long. */
export interface Distribution {
  /** For each bound, and last for what took longer than all of them; not added up. */
  readonly counts: readonly number[];
  /** Of all durations, in seconds. */
  readonly sum: number;
}

const none = (): number[] => durationBounds.map(() => 0).concat(0);

/** Durations of one kind of thing, by its outcome, in buckets. */
export class Durations {
  readonly #byOutcome = new Map<string, { counts: number[]; sum: number }>();

  /** @param outcome one of few: an HTTP status, or the kind of a failure */
  record(outcome: string, milliseconds: number): void {
    const seconds = milliseconds / 1000;
    const one = this.#of(outcome);
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > durationBounds[bucket]!) bucket++;
    one.counts[bucket]!++;
    one.sum += seconds;
  }

  get byOutcome(): ReadonlyMap<string, Distribution> {
    return this.#byOutcome;
  }

  /** Adds what another process has counted. */
  add(drained: Readonly<Record<string, Distribution>>): void {
    for (const [outcome, { counts, sum }] of Object.entries(drained)) {
      const one = this.#of(outcome);
      for (const [bucket, count] of counts.entries()) one.counts[bucket]! += count;
      one.sum += sum;
    }
  }

  /** What was counted since the last time, to be added up elsewhere. */
  drain(): Record<string, Distribution> {
    const drained = Object.fromEntries(this.#byOutcome);
    this.#byOutcome.clear();
    return drained;
  }

  #of(outcome: string): { counts: number[]; sum: number } {
    let one = this.#byOutcome.get(outcome);
    if (!one) {
      one = { counts: none(), sum: 0 };
      this.#byOutcome.set(outcome, one);
    }
    return one;
  }
}
