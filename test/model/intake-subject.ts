import { vi } from 'vitest';
import { Destination } from '../../plugin/delivery/destination.ts';
import { Intake } from '../../plugin/delivery/intake.ts';
import { fromMilliseconds } from '../../plugin/fluent/event-time.ts';
import type { ForwardClient } from '../../plugin/fluent/forward-client.ts';
import { ForwardError } from '../../plugin/fluent/forward-client.ts';
import { compiledOf, numbers } from '../delivery/helpers.ts';
import { quiet, type Subject } from './conform.ts';
import type { Action } from './explore.ts';
import type { IntakeOptions } from './intake-model.ts';

const settings = (records: number) => ({ batch: { ...compiledOf().settings.batch, records } });
/** By digest, and by how many records a batch may hold. */
const compiled = [0, 1].map((digest) =>
  numbers(4).map((records) => ({ ...compiledOf(settings(records)), digest: String(digest) })),
);

interface Message {
  readonly tag: string;
  readonly indexes: readonly number[];
  fate: 'flying' | 'acked' | 'failed';
  readonly acknowledge: () => void;
  readonly fail: () => void;
}

interface Take {
  readonly request: number;
  isHeard: boolean;
  readonly messages: Message[];
  /** Once it has ended: what is to be called when nobody heard so; undefined when it failed. */
  ended?: { readonly unheard: (() => void) | undefined };
}

/** Destination, Intake, Batcher and Repeats, with a Fluent Bit, a sender and a clock (vitest's) in a test's hands. */
export class RealIntake implements Subject {
  readonly #bodies: Buffer[];
  readonly #requests: ('waiting' | 'asked' | 'done')[];
  readonly #processes = new Map<string, number>();
  #process = 0;
  #digest = 0;
  #limit = 2;
  #takes: Take[] = [];
  /** The take that is being put into messages now. */
  #sending: Take | undefined;
  #destination!: Destination;
  #intake!: Intake;

  constructor({ requests }: IntakeOptions) {
    this.#bodies = requests.map((kinds, request) =>
      Buffer.from(
        kinds
          // A line that is no JSON becomes a dead letter.
          .map((kind, index) => {
            const mark = `<${request}.${index}>`;
            return kind === 'e' ? JSON.stringify({ operation: 'login', user: mark }) : mark;
          })
          .join('\n'),
      ),
    );
    this.#requests = requests.map(() => 'waiting');
    this.#start();
  }

  async perform([name, first, second]: Action): Promise<void> {
    const take = this.#takes[first as number]!;
    const message = take?.messages[second as number];
    switch (name) {
      case 'sends':
        this.#send(first as number);
        break;
      case 'stores':
        message!.acknowledge();
        break;
      case 'stores, unacknowledged':
      case 'loses':
        message!.fail();
        break;
      case 'hears':
        this.#requests[take.request] = 'done';
        this.#remove(take);
        break;
      case 'goes away before the answer':
        this.#requests[take.request] = 'waiting';
        take.ended!.unheard!();
        this.#remove(take);
        break;
      case 'goes away':
        this.#requests[take.request] = 'waiting';
        take.isHeard = false;
        break;
      case 'kill service':
        for (const { request, isHeard } of this.#takes) if (isHeard) this.#requests[request] = 'waiting';
        this.#takes = [];
        this.#process++;
        this.#start();
        break;
      case 'kill Fluent Bit':
        for (const { messages } of this.#takes)
          for (const { fate, fail } of messages) if (fate === 'flying') fail();
        break;
      case 'age':
        vi.setSystemTime(Date.now() + compiledOf().settings.batch.age);
        break;
      case 'reload limits':
        this.#limit = 5 - this.#limit;
        this.#destination.apply(this.#compiled, this.#destination.forward);
        break;
      case 'reload mapping':
        this.#digest = 1 - this.#digest;
        this.#destination.apply(this.#compiled, this.#destination.forward);
    }
    await quiet();
    for (const one of [...this.#takes]) this.#answer(one);
  }

  observe(): unknown {
    const messages = this.#takes.map((take) =>
      take.messages.map(({ tag, indexes, fate }) => [tag, indexes, fate]),
    );
    return { requests: this.#requests, messages };
  }

  get #compiled() {
    return compiled[this.#digest]![this.#limit]!;
  }

  #start(): void {
    const forward = { send: (message: Buffer) => this.#take(message) } as unknown as ForwardClient;
    this.#destination = new Destination(this.#compiled, forward);
    this.#intake = new Intake();
  }

  #send(request: number): void {
    this.#requests[request] = 'asked';
    const take: Take = { request, isHeard: true, messages: [] };
    this.#takes.push(take);
    this.#sending = take;
    const now = fromMilliseconds(Date.now());
    this.#intake.take(this.#destination, '', this.#bodies[request]!, now).then(
      ({ unheard }) => {
        take.ended = { unheard };
      },
      (error) => {
        if (!(error instanceof ForwardError)) throw error;
        take.ended = { unheard: undefined };
      },
    );
  }

  /** Fluent Bit gets a message, and does nothing yet. */
  #take(bytes: Buffer): Promise<void> {
    const text = bytes.toString('latin1');
    const [, dead, start = '', count] = /siem\.(dead\.)?siem\.\d+-([0-9a-f]{10})-(\d+)/.exec(text)!;
    if (!this.#processes.has(start)) this.#processes.set(start, this.#process);
    const tag = `${dead ? 'd' : 'e'}${this.#processes.get(start)}-${count}`;
    const indexes = [...text.matchAll(/<\d+\.(\d+)>/g)].map(([, index]) => Number(index));
    return new Promise((resolve, reject) => {
      const message: Message = {
        tag,
        indexes,
        fate: 'flying',
        acknowledge: () => {
          message.fate = 'acked';
          resolve();
        },
        fail: () => {
          message.fate = 'failed';
          reject(new ForwardError('the connection broke'));
        },
      };
      this.#sending!.messages.push(message);
    });
  }

  /** What `/map` does when a request has ended. */
  #answer(take: Take): void {
    if (!take.ended) return;
    const { unheard } = take.ended;
    if (unheard && take.isHeard) return;
    unheard?.();
    if (take.isHeard) this.#requests[take.request] = 'waiting';
    this.#remove(take);
  }

  #remove(take: Take): void {
    this.#takes.splice(this.#takes.indexOf(take), 1);
  }
}
