import type { DeliverSettings } from '../mapping/deliver-settings.ts';

/** Longest wait that a SIEM may ask for by Retry-After, in ms. */
const longestRetryAfter = 86_400_000;

/** A knock that comes a little early counts: Fluent Bit's clock is another one. */
const tolerance = 0.005;

/** Since when and why a destination fails. Times are epoch milliseconds. */
export interface Failure {
  readonly since: number;
  readonly reason: string;
  /** Attempts that failed, the first one too. */
  readonly attempts: number;
  readonly nextAttempt: number;
}

/** What a request may do: go to the SIEM, go as the one that tries it, or wait for its next knock. */
export type Admission = 'pass' | 'probe' | 'wait';

/**
 * Whether a SIEM is worth asking. While it fails, one request at a time tries it by the schedule: at the
 * first interval so many times, then at the longer one. All others are turned away without asking it.
 */
export class Circuit {
  /** The schedule; another one holds from the next attempt. */
  retry: DeliverSettings['retry'];
  readonly #now: () => number;
  #failure: Failure | undefined;
  #lastFailure: { readonly time: number; readonly reason: string } | undefined;
  /** The whole wait before the next attempt, in ms. */
  #wait = 0;
  #isProbing = false;

  /** @param now the clock, epoch milliseconds */
  constructor(retry: DeliverSettings['retry'], now: () => number = Date.now) {
    this.retry = retry;
    this.#now = now;
  }

  /** undefined while the SIEM takes what it gets. */
  get failure(): Failure | undefined {
    const now = this.#now();
    // The clock was set back: nobody is to wait for it to come round again.
    if (this.#failure && this.#failure.nextAttempt - now > this.#wait + this.retry.every * tolerance)
      this.#failure = { ...this.#failure, nextAttempt: now + this.#wait };
    return this.#failure;
  }

  /** The last attempt that failed, epoch milliseconds and why; also when the SIEM takes all again. */
  get lastFailure(): { readonly time: number; readonly reason: string } | undefined {
    return this.#lastFailure;
  }

  /** Whether no request may go to the SIEM now. */
  get isShut(): boolean {
    return this.#failure !== undefined && (this.#isProbing || this.opensIn > 0);
  }

  /** Milliseconds until a request may try a SIEM that fails; 0 or less when one may, or does. */
  get opensIn(): number {
    const { failure } = this;
    return failure ? failure.nextAttempt - this.retry.every * tolerance - this.#now() : 0;
  }

  /** Says what a request may do now. Who gets `probe` must tell how it went, or that it was not tried. */
  admit(): Admission {
    if (!this.#failure) return 'pass';
    if (this.isShut) return 'wait';
    this.#isProbing = true;
    return 'probe';
  }

  /** The next request may try the SIEM, whatever the schedule: the way to it is another one now. */
  tryNow(): void {
    if (this.#failure) this.#failure = { ...this.#failure, nextAttempt: this.#now() };
  }

  /** The SIEM took something. */
  succeeded(): void {
    this.#failure = undefined;
    this.#isProbing = false;
  }

  /**
   * The SIEM failed.
   *
   * @param admission what the request that failed had got
   * @param retryAfter milliseconds the SIEM asked for
   * @returns whether it delivered until now
   */
  failed(admission: 'pass' | 'probe', reason: string, retryAfter = 0): boolean {
    const before = this.failure;
    this.#lastFailure = { time: this.#now(), reason };
    // Of those that were under way together only the first counts; the schedule is the probe's.
    if (before && admission === 'pass') {
      this.#failure = { ...before, reason };
      return false;
    }
    this.#isProbing = false;
    const now = this.#now();
    const attempts = (before?.attempts ?? 0) + 1;
    const { every, for: period, later } = this.retry;
    const interval = attempts <= Math.round(period / every) ? every : later;
    this.#wait = Math.max(interval, Math.min(retryAfter, longestRetryAfter));
    // One that came early does not move the schedule.
    const from = Math.max(now, before?.nextAttempt ?? 0);
    this.#failure = { since: before?.since ?? now, reason, attempts, nextAttempt: from + this.#wait };
    return before === undefined;
  }

  /** A probe that never reached the SIEM: the next request may be one. */
  abandoned(): void {
    this.#isProbing = false;
  }
}
