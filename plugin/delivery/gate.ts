import { fromMilliseconds } from '../fluent/event-time.ts';
import { Circuit } from './circuit.ts';
import type { DeadLetter } from './dead-letter.ts';
import { ask, type CompiledRules, compileRules, type GateRules, isExpired } from './gate-rules.ts';
import type { Measures } from './measures.ts';
import { OpenBatch } from './open-batch.ts';
import { Settled } from './settled.ts';
import { Trust } from './trust.ts';
import { Turnstile } from './turnstile.ts';
import type { Verdict } from './verdict.ts';

/** The batch can't go now; Fluent Bit is to keep it and knock again. */
export class Held extends Error {}

export interface GateOptions extends GateRules {
  readonly measures: Measures;
  /** Hands dead letters to Fluent Bit, and waits until it has them. @throws ForwardError */
  readonly bury: (letters: readonly DeadLetter[]) => Promise<void>;
  /** Told when the destination begins or ends to fail; for the log. */
  readonly onChange?: (state: 'delivering' | 'failing', reason: string) => void;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

/** A batch that was let in. Whoever got it must call `leave`, once. */
export interface Entry {
  readonly isProbe: boolean;
  /** The SIEM said something, or could not be reached: the probe was one. */
  answered: boolean;
  /** Its time is over: it goes to the dead letters, and not to the SIEM. */
  readonly isExpired: boolean;
  readonly leave: () => void;
}

/** What became of a batch's records, this time. */
export interface Delivered {
  /** Taken by the SIEM. */
  readonly records: number;
  readonly deadLetters: number;
}

/** Fluent Bit 5.x waits 60 s for an answer: none may wait for a place so long. */
const longestWait = 20_000;
const mostWaiting = 2048;
/** Expired batches that are set aside at a time. */
const mostExpiring = 16;

/**
 * Stands between Fluent Bit and a SIEM, and decides for each batch that knocks: send it, or have Fluent Bit
 * keep it. A batch is done only when each of its records is taken by the SIEM or acknowledged as a dead letter.
 */
export class Gate {
  readonly circuit: Circuit;
  readonly #options: Omit<GateOptions, keyof GateRules>;
  #rules: CompiledRules;
  readonly #now: () => number;
  readonly #settled = new Settled();
  readonly #underWay = new Map<string, Promise<Delivered>>();
  /** One for each batch from its knock until it leaves. */
  readonly #visits = new Set<Promise<void>>();
  /** To the SIEM, and to the dead letters. */
  readonly #turnstile: Turnstile;
  readonly #exit = new Turnstile(mostExpiring, mostWaiting, longestWait);
  readonly #trust = new Trust();
  #paused = false;

  constructor(options: GateOptions) {
    const { settings, now = Date.now } = options;
    this.#options = options;
    this.#rules = compileRules(options);
    this.#now = now;
    this.circuit = new Circuit(settings.deliver.retry, now);
    this.#turnstile = new Turnstile(settings.deliver.connections, mostWaiting, longestWait);
  }

  /**
   * Goes on by other rules, and knows all it knew. What is being sent is sent to its end by the old ones; when they lead
   * to another place, or with other credentials, a SIEM that fails is tried at the next knock.
   */
  apply(rules: GateRules): void {
    const { retry, connections } = rules.settings.deliver;
    const isOtherWay = rules.send !== this.#rules.send;
    this.#rules = compileRules(rules);
    this.circuit.retry = retry;
    if (isOtherWay) this.circuit.tryNow();
    this.#turnstile.places = connections;
  }

  /** Resolves when all batches that are here now have left. */
  async emptied(): Promise<void> {
    await Promise.all(this.#visits);
  }

  /** Epoch milliseconds of the last request that the SIEM took something of. */
  get lastSuccess(): number | undefined {
    return this.#trust.lastSuccess;
  }

  /** Batches that wait for their turn at this moment. */
  get waiting(): number {
    return this.#turnstile.waiting;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  set isPaused(paused: boolean) {
    this.#paused = paused;
    if (paused) this.#turnstile.turnAway(new Held('paused'));
  }

  /**
   * Why a batch can't go now, by its tag alone: what `enter` would say, only cheaper. Thousands may knock each
   * minute while a SIEM fails or is paused.
   *
   * @returns undefined for one that is to `enter`
   */
  whyTurnedAway(tag: string): string | undefined {
    if (isExpired(this.#rules.settings, tag, this.#now())) return undefined;
    const isHeld = this.#paused || this.#leavesItToOthers(tag) || this.circuit.isShut;
    return isHeld ? this.#whyHeld() : undefined;
  }

  /** Why every batch that is not expired will be turned away, and for how many ms unless something changes. */
  get shut(): { readonly why: string; readonly milliseconds: number } | undefined {
    const milliseconds = this.#paused
      ? Number.MAX_SAFE_INTEGER
      : this.circuit.isShut
        ? this.circuit.opensIn
        : 0;
    return milliseconds > 0 ? { why: this.#whyHeld(), milliseconds } : undefined;
  }

  /**
   * Lets a batch in, by its tag alone: its body is read after that.
   *
   * @throws Held, NoPlace
   */
  async enter(tag: string): Promise<Entry> {
    this.#options.measures.backlog.knocked(tag);
    const expired = isExpired(this.#rules.settings, tag, this.#now());
    // What is expired asks no SIEM and waits for none: only the memory it takes is bounded.
    const isProbe = !expired && this.#admit(tag);
    const turnstile = expired ? this.#exit : this.#turnstile;
    const ended = this.#visit();
    try {
      await turnstile.enter();
      // It may have changed while this one waited.
      if (!isProbe && !expired && (this.#paused || this.circuit.failure)) {
        turnstile.leave();
        throw new Held(this.#whyHeld());
      }
    } catch (error) {
      if (isProbe) this.circuit.abandoned();
      ended();
      throw error;
    }
    let isInside = true;
    const entry: Entry = {
      isProbe,
      answered: false,
      isExpired: expired,
      leave: () => {
        if (!isInside) return;
        isInside = false;
        turnstile.leave();
        if (isProbe && !entry.answered) this.circuit.abandoned();
        ended();
      },
    };
    return entry;
  }

  /**
   * Delivers a batch: when it returns, each record is taken or a dead letter.
   *
   * @param body Fluent Bit's records as JSON, one a line
   * @throws Held when some are not, ForwardError when their dead letters could not be kept
   */
  async deliver(entry: Entry, tag: string, body: Buffer): Promise<Delivered> {
    const key = this.#settled.key(tag, body);
    // Fluent Bit gave up waiting and knocks again while the first is still under way.
    const same = this.#underWay.get(key);
    if (same) return same;
    const batch = new OpenBatch(body, this.#settled.get(key));
    const promise = this.#run(entry, tag, batch).finally(() => {
      this.#settled.set(key, batch.progress);
      this.#underWay.delete(key);
    });
    this.#underWay.set(key, promise);
    return promise;
  }

  /** @returns to be called when the visit is over */
  #visit(): () => void {
    let resolve!: () => void;
    const visit = new Promise<void>((end) => {
      resolve = end;
    });
    this.#visits.add(visit);
    return () => {
      this.#visits.delete(visit);
      resolve();
    };
  }

  async #run(entry: Entry, tag: string, batch: OpenBatch): Promise<Delivered> {
    const { measures, bury } = this.#options;
    const rules = this.#rules;
    // Counted at the end: a batch that is held comes again.
    const counted = { expired: 0, restamped: 0, deadEventTime: 0 };
    if (entry.isExpired) {
      const days = rules.settings.deliver.retention / 86_400_000;
      const reason = `expired: the service took it more than ${Number(days.toPrecision(3))} days ago`;
      counted.expired = batch.refuseAll(reason);
    } else {
      counted.restamped = batch.checkAges(rules.age, this.#now());
      counted.deadEventTime = batch.refused.length;
      await this.#send(rules, entry, tag, batch);
    }
    const { refused } = batch;
    if (refused.length > 0) {
      const time = fromMilliseconds(this.#now());
      await bury(refused.map(({ line, reason }) => ({ time, reason, content: line, isEvent: true, tag })));
      batch.buried();
    }
    const { expired, deadEventTime } = counted;
    measures.counters.addAll({
      ...counted,
      undeliverable: refused.length,
      deadExpired: expired,
      deadRefused: refused.length - expired - deadEventTime,
    });
    measures.backlog.settled(tag);
    return { records: batch.taken, deadLetters: refused.length };
  }

  async #send(rules: CompiledRules, entry: Entry, tag: string, batch: OpenBatch): Promise<void> {
    const { measures } = this.#options;
    const { counters, durations } = measures;
    for (let group = batch.next(); group; group = batch.next()) {
      // Another may have learnt meanwhile that the SIEM fails, or someone has paused it.
      if (this.#paused || (this.circuit.failure && !entry.isProbe)) throw new Held(this.#whyHeld());
      const body = batch.bodyOf(group, rules.body);
      counters.addAll({ deliveries: 1, deliveredBytes: body.length });
      const { verdict, outcome, milliseconds } = await ask(rules, body, group.length);
      durations.siem.record(outcome, milliseconds);
      const { taken, later } = batch.apply(group, verdict);
      if (taken > 0) {
        counters.add('delivered', taken);
        this.#succeed(entry);
      }
      const reason = reasonOf(verdict);
      if (verdict.kind === 'failing') this.#fail(entry, reason, verdict.retryAfter);
      if (later > 0) this.#fail(entry, `it could not take ${later} of ${group.length} records`);
      if (batch.taken === 0 && this.#trust.isEnough(batch.refusedBySiem)) this.#suspect(entry, tag, reason);
    }
    this.#judgeWhole(entry, tag, batch);
  }

  #succeed(entry: Entry): void {
    const { failure } = this.circuit;
    entry.answered = true;
    this.#trust.took(this.#now());
    // It was on its way when another failed, and says nothing of the time since: a Retry-After still holds.
    if (failure && !entry.isProbe) return;
    this.circuit.succeeded();
    if (failure) this.#options.onChange?.('delivering', `it failed ${failure.attempts} times before`);
  }

  /** @throws Held always */
  #fail(entry: Entry, reason: string, retryAfter?: number): never {
    entry.answered = true;
    const begins = this.circuit.failed(entry.isProbe ? 'probe' : 'pass', reason, retryAfter);
    if (begins) this.#options.onChange?.('failing', reason);
    // Those in line would each learn it by themselves.
    this.#turnstile.turnAway(new Held(this.#whyHeld()));
    throw new Held(this.#whyHeld());
  }

  /** @throws Held when the SIEM refuses this one whole, and is not to be believed */
  #judgeWhole(entry: Entry, tag: string, batch: OpenBatch): void {
    if (batch.taken > 0 || batch.refusedBySiem === 0) return;
    const [first] = batch.refused;
    if (!this.#trust.isGiven) this.#suspect(entry, tag, first!.reason);
    this.#trust.refusedWhole();
    // It did answer, and as it does for such records.
    entry.answered = true;
    if (entry.isProbe || !this.circuit.failure) this.circuit.succeeded();
  }

  /** @throws Held always */
  #suspect(entry: Entry, tag: string, reason: string): never {
    this.#trust.suspect(tag);
    this.#fail(entry, `it refuses every record: ${reason}`);
  }

  /** @returns whether the request is the one that tries a failing SIEM. @throws Held */
  #admit(tag: string): boolean {
    if (this.#paused || this.#leavesItToOthers(tag)) throw new Held(this.#whyHeld());
    const admission = this.circuit.admit();
    if (admission === 'wait') throw new Held(this.#whyHeld());
    return admission === 'probe';
  }

  /**
   * A batch that was refused whole knocks just when the SIEM is to be tried again, and would be the one that tries
   * it each time. All others knock within Fluent Bit's own interval; one of them is to show whether the SIEM takes any.
   */
  #leavesItToOthers(tag: string): boolean {
    const { failure } = this.circuit;
    if (!failure || !this.#trust.isSuspect(tag)) return false;
    return this.#now() < failure.nextAttempt + this.circuit.retry.every * 1.5;
  }

  #whyHeld(): string {
    return this.#paused ? 'paused' : `failing: ${this.circuit.failure?.reason ?? 'not yet known why'}`;
  }
}

function reasonOf(verdict: Verdict): string {
  return 'reason' in verdict ? verdict.reason : '';
}
