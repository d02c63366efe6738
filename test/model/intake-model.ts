import type { Action, Model } from './explore.ts';

/** An event, or a dead letter: what a record of a request becomes. */
type Kind = 'e' | 'd';

/** A forward message under way, or what became of it. Its tag is `<kind><process>-<count>/<limit>`. */
interface Message {
  readonly tag: string;
  readonly request: number;
  readonly indexes: readonly number[];
  fate: 'flying' | 'acked' | 'failed' | 'lost';
}

/** A request in the service's hands. */
interface Take {
  readonly request: number;
  /** Of the configuration that maps it. */
  readonly digest: number;
  /** Whether the sender still waits for the answer. */
  isHeard: boolean;
  readonly before: readonly number[];
  readonly messages: Message[];
  isAnswered: boolean;
}

interface Batch {
  readonly tag: string;
  limit: number;
  count: number;
}

export interface IntakeState {
  /** Faults that may still come. */
  faults: number;
  /** Copies of a record that what went wrong so far explains. */
  copies: number;
  /** Starts of the service before this one. */
  process: number;
  digest: number;
  /** Records of a batch that is to be opened. */
  limit: number;
  batches: Record<Kind, Batch | null>;
  opened: Record<Kind, number>;
  /** What is remembered as acknowledged, by digest and request. */
  memory: number[][][];
  requests: ('waiting' | 'asked' | 'done')[];
  takes: Take[];
  /** Messages of a service that is dead: Fluent Bit may still read them. */
  orphans: Message[];
  /** What Fluent Bit has: tag, request and index of each record. */
  stored: string[];
}

/** Mistakes that could be made; each must be found. */
export type IntakeBug =
  | 'tags start anew'
  | 'room is given back'
  | 'an open batch gets new limits'
  | 'what failed is remembered, too'
  | 'nothing is remembered'
  | 'answers before the acknowledgement'
  | 'a failure is not noticed';

export interface IntakeOptions {
  /** What each record of each request becomes; events first. */
  readonly requests: readonly (readonly Kind[])[];
  readonly faults: number;
  readonly bug?: IntakeBug;
}

/**
 * `/map` from the collector's chunk to Fluent Bit's file: Intake, Batcher and Repeats, with everything around them
 * that can fail. A batch may hold two records, or three after a reload.
 */
export class IntakeModel implements Model<IntakeState> {
  readonly initial: IntakeState;
  readonly faults = new Set([
    'stores, unacknowledged',
    'loses',
    'goes away before the answer',
    'goes away',
    'kill service',
    'kill Fluent Bit',
    'age',
    'reload limits',
    'reload mapping',
  ]);
  readonly #requests: IntakeOptions['requests'];
  readonly #bug: IntakeBug | undefined;

  constructor({ requests, faults, bug }: IntakeOptions) {
    this.#requests = requests;
    this.#bug = bug;
    this.initial = {
      faults,
      copies: 1,
      process: 0,
      digest: 0,
      limit: 2,
      batches: { e: null, d: null },
      opened: { e: 0, d: 0 },
      memory: [requests.map(() => []), requests.map(() => [])],
      requests: requests.map(() => 'waiting'),
      takes: [],
      orphans: [],
      stored: [],
    };
  }

  actions({ requests, takes, orphans, faults }: IntakeState): Action[] {
    const actions: Action[] = [];
    for (const [request, state] of requests.entries())
      if (state === 'waiting') actions.push(['sends', request]);
    for (const [number, { messages, isAnswered, isHeard }] of takes.entries()) {
      if (isAnswered) actions.push(['hears', number], ['goes away before the answer', number]);
      else if (isHeard) actions.push(['goes away', number]);
      for (const [index, { fate }] of messages.entries()) {
        if (fate !== 'flying') continue;
        actions.push(['stores', number, index]);
        actions.push(['stores, unacknowledged', number, index], ['loses', number, index]);
      }
    }
    for (const number of orphans.keys()) actions.push(['stores orphan', number], ['loses orphan', number]);
    for (const name of ['kill service', 'kill Fluent Bit', 'age', 'reload limits', 'reload mapping'])
      actions.push([name]);
    return faults > 0 ? actions : actions.filter(([name]) => !this.faults.has(name));
  }

  apply(state: IntakeState, [name, first, second]: Action): void {
    if (this.faults.has(name)) state.faults--;
    const take = state.takes[first as number]!;
    const message = take?.messages[second as number];
    switch (name) {
      case 'sends':
        this.#send(state, first as number);
        break;
      case 'stores':
        this.#store(state, message!);
        message!.fate = 'acked';
        this.#settle(state, take);
        break;
      case 'stores, unacknowledged':
        state.copies++;
        this.#store(state, message!);
        this.#fail(state, take, [message!]);
        break;
      case 'loses':
        this.#fail(state, take, [message!]);
        break;
      case 'hears':
        state.requests[take.request] = 'done';
        this.#remove(state, take);
        break;
      case 'goes away before the answer':
        state.requests[take.request] = 'waiting';
        this.#remember(state, take, true);
        this.#remove(state, take);
        break;
      case 'goes away':
        // Its repeat may come before what this one got acknowledged is remembered.
        state.copies++;
        state.requests[take.request] = 'waiting';
        take.isHeard = false;
        break;
      case 'stores orphan':
        this.#store(state, state.orphans[first as number]!);
        state.orphans.splice(first as number, 1);
        break;
      case 'loses orphan':
        state.orphans.splice(first as number, 1);
        break;
      case 'kill service':
        this.#killService(state);
        break;
      case 'kill Fluent Bit':
        state.orphans = [];
        for (const one of [...state.takes]) this.#fail(state, one, one.messages.filter(isFlying));
        break;
      case 'age':
        state.batches = { e: null, d: null };
        break;
      case 'reload limits':
        state.limit = 5 - state.limit;
        if (this.#bug === 'an open batch gets new limits')
          for (const batch of Object.values(state.batches)) if (batch) batch.limit = state.limit;
        break;
      case 'reload mapping':
        // Another mapping may make other events of a request: nothing is held against its repeat.
        state.copies++;
        state.digest = 1 - state.digest;
    }
  }

  wrongWith({ stored, requests, copies }: IntakeState): string | undefined {
    const under = new Map<string, number>();
    const times = new Map<string, number>();
    for (const one of stored) {
      const [tag = '', record = ''] = one.split(' ');
      under.set(tag, (under.get(tag) ?? 0) + 1);
      times.set(record, (times.get(record) ?? 0) + 1);
    }
    for (const [tag, count] of under)
      if (count > Number(tag.split('/')[1])) return `${count} records under the tag ${tag}`;
    for (const [request, state] of requests.entries()) {
      for (const [index, kind] of this.#requests[request]!.entries()) {
        const count = times.get(`${kind}${request}.${index}`) ?? 0;
        if (state === 'done' && count === 0) return `record ${request}.${index} is lost`;
        if (count > copies) return `record ${request}.${index} came ${count} times`;
      }
    }
    return undefined;
  }

  isGoal({ requests, takes, orphans }: IntakeState): boolean {
    return takes.length === 0 && orphans.length === 0 && requests.every((state) => state === 'done');
  }

  /** What the sender and Fluent Bit see. */
  observe({ requests, takes }: IntakeState): unknown {
    const messages = takes.map((take) =>
      take.messages.map(({ tag, indexes, fate }) => [tag.split('/')[0], indexes, fate]),
    );
    return { requests, messages };
  }

  #send(state: IntakeState, request: number): void {
    const before = state.memory[state.digest]![request]!;
    state.memory[state.digest]![request] = [];
    state.requests[request] = 'asked';
    const messages: Message[] = [];
    for (const [index, kind] of this.#requests[request]!.entries()) {
      if (before.includes(index)) continue;
      const { tag } = this.#room(state, kind);
      const last = messages.at(-1);
      // Neighbours in a request that share a tag share a message.
      if (last?.tag === tag && last.indexes.at(-1) === index - 1)
        messages[messages.length - 1] = { ...last, indexes: [...last.indexes, index] };
      else messages.push({ tag, request, indexes: [index], fate: 'flying' });
    }
    const take = { request, digest: state.digest, isHeard: true, before, messages, isAnswered: false };
    state.takes.push(take);
    this.#settle(state, take);
  }

  #room(state: IntakeState, kind: Kind): Batch {
    let batch = state.batches[kind];
    if (!batch || batch.count >= batch.limit) {
      const tag = `${kind}${state.process}-${state.opened[kind]++}/${state.limit}`;
      batch = { tag, limit: state.limit, count: 0 };
      state.batches[kind] = batch;
    }
    batch.count++;
    return batch;
  }

  #store(state: IntakeState, { tag, request, indexes }: Message): void {
    for (const index of indexes) state.stored.push(`${tag} ${tag[0]}${request}.${index}`);
    state.stored.sort();
  }

  #fail(state: IntakeState, take: Take, messages: readonly Message[]): void {
    for (const message of messages) {
      message.fate = this.#bug === 'a failure is not noticed' ? 'lost' : 'failed';
      const batch = state.batches[message.tag[0] as Kind];
      if (this.#bug === 'room is given back' && batch?.tag === message.tag)
        batch.count -= message.indexes.length;
    }
    if (messages.length > 0) this.#settle(state, take);
  }

  /** Answers a request when nothing of it is under way any more. */
  #settle(state: IntakeState, take: Take): void {
    const { messages, request, isHeard } = take;
    const isEarly = this.#bug === 'answers before the acknowledgement';
    if (!isEarly && messages.some(({ fate }) => fate === 'flying' || fate === 'lost')) return;
    const isWhole = isEarly || messages.every(({ fate }) => fate === 'acked');
    if (isWhole && isHeard) {
      take.isAnswered = true;
      return;
    }
    this.#remember(state, take, isWhole);
    if (isHeard) state.requests[request] = 'waiting';
    this.#remove(state, take);
  }

  #remember(state: IntakeState, { digest, request, before, messages }: Take, isWhole: boolean): void {
    if (this.#bug === 'nothing is remembered') return;
    const isAll = isWhole || this.#bug === 'what failed is remembered, too';
    const acked = messages.filter(({ fate }) => isAll || fate === 'acked').flatMap(({ indexes }) => indexes);
    const now = state.memory[digest]![request]!;
    state.memory[digest]![request] = [...new Set([...now, ...before, ...acked])].sort((a, b) => a - b);
  }

  #remove(state: IntakeState, take: Take): void {
    state.takes.splice(state.takes.indexOf(take), 1);
  }

  #killService(state: IntakeState): void {
    state.copies++;
    const flying = state.takes.flatMap(({ messages }) => messages.filter(isFlying));
    state.orphans.push(...flying);
    for (const { request, isHeard } of state.takes) if (isHeard) state.requests[request] = 'waiting';
    state.takes = [];
    state.memory = state.memory.map((digest) => digest.map(() => []));
    state.batches = { e: null, d: null };
    state.opened = { e: 0, d: 0 };
    if (this.#bug !== 'tags start anew') state.process++;
  }
}

function isFlying({ fate }: Message): boolean {
  return fate === 'flying';
}
