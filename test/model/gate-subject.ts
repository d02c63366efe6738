import { vi } from 'vitest';
import { type Entry, Gate, type GateOptions, Held } from '../../plugin/delivery/gate.ts';
import { Measures } from '../../plugin/delivery/measures.ts';
import { type Answer, SendError } from '../../plugin/delivery/sender.ts';
import { NoPlace } from '../../plugin/delivery/turnstile.ts';
import { ForwardError } from '../../plugin/fluent/forward-client.ts';
import { destination } from '../helpers.ts';
import { quiet, type Subject } from './conform.ts';
import type { Action } from './explore.ts';
import type { GateModelOptions } from './gate-model.ts';

const tick = 60_000;
const day = 86_400_000;
const born = 1772438437000;
const deliver =
  "deliver: { to: 'https://siem/', body: lines, connections: 1, retry: { every: 1m, for: 2m, then: 3m } }";
const settings = ['json', 'splunk-hec'].map(
  (format) => destination(`${format}, ${deliver}`) as GateOptions['settings'],
);
const ok: Answer = { status: 200, retryAfter: undefined, text: '' };

interface Visit {
  readonly batch: number;
  entry: Entry | undefined;
  isHeard: boolean;
  isBusy: boolean;
}

/** Something the gate waits for: a request to the SIEM, or dead letters for Fluent Bit. */
interface Question<A> {
  readonly records: readonly number[];
  readonly answer: (answer: A) => void;
  readonly fail: (error: Error) => void;
}

/**
 * A Gate with a SIEM, a Fluent Bit and a clock in a test's hands, used as `/deliver` uses it. Its timers are vitest's.
 */
export class RealGate implements Subject {
  readonly #settings: GateOptions['settings'];
  readonly #bodies: Buffer[];
  readonly #done: boolean[];
  #now = born;
  #places = 1;
  #isPaused = false;
  #visits: Visit[] = [];
  #asked = new Map<number, Question<Answer>>();
  #buried = new Map<number, Question<void>>();
  #gate!: Gate;

  constructor({ batches, names }: GateModelOptions) {
    this.#settings = settings[names ? 1 : 0]!;
    this.#bodies = batches.map((count, batch) =>
      Buffer.from(Array.from({ length: count }, (_, index) => `{"id":"${batch}.${index}"}`).join('\n')),
    );
    this.#done = batches.map(() => false);
    this.#start();
  }

  async perform([name, first, second]: Action): Promise<void> {
    const visit = this.#visits[first as number]!;
    const asked = this.#asked.get(visit?.batch);
    const buried = this.#buried.get(visit?.batch);
    switch (name) {
      case 'knocks':
        this.#knock(first as number);
        break;
      case 'reads':
        void this.#deliver(visit);
        break;
      case 'goes away':
        this.#goAway(visit);
        break;
      case 'line is too long':
        vi.advanceTimersByTime(20_000);
        break;
      case 'SIEM takes':
        asked!.answer(ok);
        break;
      case 'SIEM takes, unheard':
        asked!.fail(new SendError('the connection broke'));
        break;
      case 'SIEM refuses':
        asked!.answer({ ...ok, status: 400, text: 'bad' });
        break;
      case 'SIEM names':
        asked!.answer({ ...ok, status: 400, text: `{"invalid-event-number":${second}}` });
        break;
      case 'SIEM fails':
        asked!.answer({ ...ok, status: 503 });
        break;
      case 'buries':
        buried!.answer();
        break;
      case 'buries, unacknowledged':
      case 'burying fails':
        buried!.fail(new ForwardError('the connection broke'));
        break;
      case 'tick':
        this.#now += tick;
        break;
      case 'clock back':
        this.#now = Math.min(this.#now, born) - 8 * day;
        break;
      case 'expire':
        this.#now = Math.max(this.#now, born) + 8 * day;
        break;
      case 'pause':
      case 'resume':
        this.#isPaused = name === 'pause';
        this.#gate.isPaused = this.#isPaused;
        break;
      case 'kill service':
      case 'kill service, all was taken':
        this.#visits = [];
        this.#places = 1;
        this.#start();
        break;
      case 'kill Fluent Bit':
        for (const one of this.#visits) this.#goAway(one);
        break;
      case 'comes back':
        this.#done[first as number] = false;
        break;
      case 'reload':
        this.#places = 3 - this.#places;
        this.#gate.apply(this.#rules());
    }
    await quiet();
  }

  observe(): unknown {
    const { failure, opensIn } = this.#gate.circuit;
    const list = (questions: ReadonlyMap<number, Question<never>>): string[] =>
      [...questions].map(([batch, { records }]) => `${batch}: ${records}`).sort();
    return {
      visits: this.#visits.map(({ batch, entry, isHeard }) => [batch, entry === undefined, isHeard]),
      asked: list(this.#asked as never),
      buried: list(this.#buried as never),
      done: this.#done,
      failure: failure ? { attempts: Math.min(3, failure.attempts), next: ticks(opensIn) } : null,
    };
  }

  #start(): void {
    this.#asked = new Map();
    this.#buried = new Map();
    const { settings, isText, send } = this.#rules();
    this.#gate = new Gate({
      settings,
      isText,
      send,
      measures: new Measures(),
      now: () => this.#now,
      bury: (letters) => question(this.#buried, letters.map(({ content }) => content).join('\n')),
    });
    this.#gate.isPaused = this.#isPaused;
  }

  /** Each time another way to the SIEM, as after a reload that changed it. */
  #rules(): Pick<GateOptions, 'settings' | 'isText' | 'send'> {
    const { deliver } = this.#settings;
    const asked = this.#asked;
    return {
      settings: { ...this.#settings, deliver: { ...deliver, connections: this.#places } },
      isText: false,
      send: (body) => question(asked, body.toString()),
    };
  }

  #knock(batch: number): void {
    const tag = tagOf(batch);
    if (this.#gate.whyTurnedAway(tag) !== undefined) return;
    const visit: Visit = { batch, entry: undefined, isHeard: true, isBusy: false };
    this.#visits.push(visit);
    this.#gate.enter(tag).then(
      (entry) => {
        visit.entry = entry;
        if (!visit.isHeard) this.#leave(visit);
      },
      (error) => {
        if (!(error instanceof Held || error instanceof NoPlace)) throw error;
        this.#remove(visit);
      },
    );
  }

  async #deliver(visit: Visit): Promise<void> {
    visit.isBusy = true;
    try {
      await this.#gate.deliver(visit.entry!, tagOf(visit.batch), this.#bodies[visit.batch]!);
      if (visit.isHeard) this.#done[visit.batch] = true;
    } catch (error) {
      if (!(error instanceof Held || error instanceof ForwardError)) throw error;
    }
    this.#leave(visit);
  }

  #goAway(visit: Visit): void {
    visit.isHeard = false;
    if (visit.entry && !visit.isBusy) this.#leave(visit);
  }

  #leave(visit: Visit): void {
    visit.entry!.leave();
    this.#remove(visit);
  }

  #remove(visit: Visit): void {
    this.#visits = this.#visits.filter((one) => one !== visit);
  }
}

function tagOf(batch: number): string {
  return `siem.x.${born}-0a1b2c3d4e-${batch}`;
}

function ticks(milliseconds: number): number {
  return Math.max(-2, Math.round(milliseconds / tick));
}

/** Something is asked about the records in a text, and answered when the test wants it. */
function question<A>(questions: Map<number, Question<A>>, text: string): Promise<A> {
  const ids = [...text.matchAll(/"id":"(\d+)\.(\d+)"/g)];
  const batch = Number(ids[0]![1]);
  const forget = (): void => {
    questions.delete(batch);
  };
  return new Promise((resolve, reject) => {
    questions.set(batch, {
      records: ids.map(([, , index]) => Number(index)),
      answer: (answer) => {
        forget();
        resolve(answer);
      },
      fail: (error) => {
        forget();
        reject(error);
      },
    });
  });
}
