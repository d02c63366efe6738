import type { Action, Model } from './explore.ts';

/** A batch that was let in, or waits in line; or shares what another visit of the same batch gets. */
interface Visit {
  readonly batch: number;
  phase: 'line' | 'inside' | 'asking' | 'burying' | 'sharing';
  readonly isProbe: boolean;
  readonly isExpired: boolean;
  isAnswered: boolean;
  /** Whether Fluent Bit still waits for the answer. */
  isHeard: boolean;
  /** Records to be sent together; the last group is the one that is asked about. */
  groups: number[][];
  done: number[];
  refused: number[];
  taken: number;
}

interface Batch {
  /** Fluent Bit was told that it is done, and deleted it. */
  isDone: boolean;
  isExpired: boolean;
  /** What the gate remembers: records that need no more. */
  settled: number[];
  /** How often the SIEM took each record, and how often it became a dead letter. */
  taken: number[];
  letters: number[];
  /** Records that may be set aside: the SIEM refused each alone, or their time was over. */
  excused: number[];
}

export interface GateState {
  faults: number;
  /** Copies that what went wrong so far explains. */
  copies: number;
  /** Attempts count to 3; `next` is in ticks from now, and -2 is long ago. */
  failure: { attempts: number; next: number } | null;
  wait: number;
  isProbing: boolean;
  isPaused: boolean;
  places: number;
  tookAny: boolean;
  refusedInARow: number;
  suspects: number[];
  visits: Visit[];
  batches: Batch[];
  /** Batches that became dead letters whole since the SIEM took something. */
  wholeLetters: number;
  /** One did before this process knew the SIEM to take any. */
  isRash: boolean;
}

export type GateBug =
  | 'trusts a SIEM that never took any'
  | 'forgets what was taken'
  | 'what is refused counts as buried'
  | 'a probe that goes away is waited for'
  | 'a failing batch is done'
  | 'a suspect waits for others for ever'
  | 'a clock set back is waited for'
  | 'what is expired is thrown away';

export interface GateModelOptions {
  /** How many records each batch has. */
  readonly batches: readonly number[];
  readonly faults: number;
  /** Only these may happen; all when left out. */
  readonly only?: readonly string[];
  /** The SIEM names the first record that it refuses, as Splunk does; those before it are taken. */
  readonly names?: boolean;
  readonly bug?: GateBug;
}

/** Ticks, more than any wait. */
const far = 100;
const longAgo = -2;
/** As in gate.ts. */
const trustedFor = 3;

/**
 * `/deliver` from the knock to the SIEM's answer: Gate, Circuit, Turnstile, Settled and OpenBatch, with a SIEM, a
 * Fluent Bit and a clock that do what they like. A tick is the first interval of the schedule; the later one is three.
 */
export class GateModel implements Model<GateState> {
  readonly initial: GateState;
  readonly faults = new Set([
    'goes away',
    'SIEM takes, unheard',
    'SIEM refuses',
    'SIEM names',
    'SIEM fails',
    'buries, unacknowledged',
    'burying fails',
    'clock back',
    'expire',
    'pause',
    'kill service',
    'kill service, all was taken',
    'kill Fluent Bit',
    'comes back',
    'reload',
  ]);
  readonly #options: GateModelOptions;

  constructor(options: GateModelOptions) {
    this.#options = options;
    this.initial = {
      faults: options.faults,
      copies: 1,
      failure: null,
      wait: 0,
      isProbing: false,
      isPaused: false,
      places: 1,
      tookAny: false,
      refusedInARow: 0,
      suspects: [],
      visits: [],
      batches: options.batches.map((records) => ({
        isDone: false,
        isExpired: false,
        settled: [],
        taken: Array(records).fill(0),
        letters: Array(records).fill(0),
        excused: [],
      })),
      wholeLetters: 0,
      isRash: false,
    };
  }

  actions({ visits, batches, failure, isPaused, faults }: GateState): Action[] {
    const actions: Action[] = [];
    for (const [number, { isDone }] of batches.entries()) {
      if (isDone) actions.push(['comes back', number]);
      else if (!visits.some(({ batch, isHeard }) => batch === number && isHeard))
        actions.push(['knocks', number]);
    }
    for (const [number, { phase, isHeard, groups }] of visits.entries()) {
      if (isHeard) actions.push(['goes away', number]);
      if (phase === 'inside') actions.push(['reads', number]);
      if (phase === 'asking') {
        for (const how of ['takes', 'takes, unheard', 'refuses', 'fails'])
          actions.push([`SIEM ${how}`, number]);
        if (this.#options.names)
          for (const index of groups.at(-1)!.keys()) actions.push(['SIEM names', number, index]);
      }
      if (phase === 'burying')
        for (const how of ['buries', 'buries, unacknowledged', 'burying fails']) actions.push([how, number]);
    }
    if (visits.some(({ phase }) => phase === 'line')) actions.push(['line is too long']);
    if (failure && failure.next > longAgo && failure.next < far) actions.push(['tick']);
    if (failure || batches.some(({ isExpired }) => isExpired)) actions.push(['clock back']);
    if (batches.some(({ isExpired }) => !isExpired)) actions.push(['expire']);
    actions.push([isPaused ? 'resume' : 'pause']);
    for (const name of ['kill service', 'kill service, all was taken', 'kill Fluent Bit', 'reload'])
      actions.push([name]);
    const { only } = this.#options;
    return actions.filter(
      ([name]) => !this.faults.has(name) || (faults > 0 && (!only || only.includes(name))),
    );
  }

  apply(state: GateState, [name, first, second]: Action): void {
    const { bug } = this.#options;
    if (this.faults.has(name)) state.faults--;
    const visit = state.visits[first as number]!;
    switch (name) {
      case 'knocks':
        this.#knock(state, first as number);
        break;
      case 'reads':
        this.#read(state, visit);
        break;
      case 'goes away':
        this.#goAway(state, visit);
        break;
      case 'line is too long':
        this.#turnAway(state);
        break;
      case 'SIEM takes':
        this.#taken(state, visit, visit.groups.pop()!);
        this.#goOn(state, visit);
        break;
      case 'SIEM takes, unheard':
        state.copies++;
        this.#atSiem(state, visit, visit.groups.at(-1)!);
        this.#fail(state, visit);
        break;
      case 'SIEM refuses':
        this.#refuse(state, visit, visit.groups.pop()!);
        this.#goOn(state, visit);
        break;
      case 'SIEM names': {
        const group = visit.groups.pop()!;
        const index = second as number;
        this.#taken(state, visit, group.slice(0, index));
        this.#refuse(state, visit, [group[index]!]);
        visit.groups.push(group.slice(index + 1));
        this.#goOn(state, visit);
        break;
      }
      case 'SIEM fails':
        this.#fail(state, visit);
        break;
      case 'buries':
        this.#letters(state, visit);
        visit.done = union(visit.done, visit.refused);
        this.#finish(state, visit, true);
        break;
      case 'buries, unacknowledged':
        state.copies++;
        this.#letters(state, visit);
        this.#finish(state, visit, false);
        break;
      case 'burying fails':
        this.#finish(state, visit, false);
        break;
      case 'tick':
        state.failure!.next--;
        break;
      case 'clock back':
        for (const batch of state.batches) batch.isExpired = false;
        // Nobody waits for it to come round again.
        if (state.failure) state.failure.next = bug === 'a clock set back is waited for' ? far : state.wait;
        break;
      case 'expire':
        for (const batch of state.batches) batch.isExpired = true;
        if (state.failure) state.failure.next = longAgo;
        break;
      case 'pause':
        state.isPaused = true;
        this.#turnAway(state);
        break;
      case 'resume':
        state.isPaused = false;
        break;
      case 'kill service':
      case 'kill service, all was taken':
        this.#killService(state, name !== 'kill service');
        break;
      case 'kill Fluent Bit':
        // One that goes makes room for another in line, which then goes as well.
        for (const one of [...state.visits]) if (state.visits.includes(one)) this.#goAway(state, one);
        break;
      case 'comes back':
        state.batches[first as number]!.isDone = false;
        break;
      case 'reload':
        if (state.failure) state.failure.next = 0;
        state.places = 3 - state.places;
        this.#fill(state);
    }
  }

  wrongWith({ batches, copies, wholeLetters, isRash, visits, places }: GateState): string | undefined {
    for (const [number, { isDone, taken, letters, excused }] of batches.entries()) {
      for (const index of taken.keys()) {
        const record = `record ${number}.${index}`;
        if (isDone && taken[index] === 0 && letters[index] === 0) return `${record} is lost`;
        if (taken[index]! > copies) return `${record} was taken ${taken[index]} times`;
        if (letters[index]! > 0 && !excused.includes(index))
          return `${record} was set aside though the SIEM never refused it alone`;
        if (letters[index]! > copies) return `${record} was set aside ${letters[index]} times`;
      }
    }
    if (isRash) return 'a record was set aside by a SIEM that took nothing yet';
    if (wholeLetters > trustedFor) return `${wholeLetters} batches were set aside whole, one after the other`;
    const busy = visits.filter(({ phase, isExpired }) => phase === 'asking' && !isExpired).length;
    return busy > Math.max(places, 2) ? `${busy} batches at the SIEM` : undefined;
  }

  isGoal({ batches, visits }: GateState): boolean {
    return visits.length === 0 && batches.every(({ isDone }) => isDone);
  }

  /** What Fluent Bit, the SIEM, the dead letters and the status see. */
  observe({ visits, batches, failure }: GateState): unknown {
    return {
      visits: visits.map(({ batch, phase, isHeard }) => [batch, phase === 'line', isHeard]),
      asked: visits
        .filter(({ phase }) => phase === 'asking')
        .map(({ batch, groups }) => `${batch}: ${groups.at(-1)}`)
        .sort(),
      buried: visits
        .filter(({ phase }) => phase === 'burying')
        .map(({ batch, refused }) => `${batch}: ${refused}`)
        .sort(),
      done: batches.map(({ isDone }) => isDone),
      failure: failure && { attempts: failure.attempts, next: failure.next },
    };
  }

  #knock(state: GateState, number: number): void {
    const { isExpired } = state.batches[number]!;
    let isProbe = false;
    if (!isExpired) {
      if (state.isPaused || this.#leavesItToOthers(state, number) || this.#isShut(state)) return;
      isProbe = state.failure !== null;
      if (isProbe) state.isProbing = true;
    }
    const hasPlace = isExpired || this.#inside(state) < state.places;
    state.visits.push({
      batch: number,
      phase: hasPlace ? 'inside' : 'line',
      isProbe,
      isExpired,
      isAnswered: false,
      isHeard: true,
      groups: [],
      done: [],
      refused: [],
      taken: 0,
    });
  }

  #leavesItToOthers({ failure, suspects }: GateState, number: number): boolean {
    if (!failure || !suspects.includes(number)) return false;
    return this.#options.bug === 'a suspect waits for others for ever' || failure.next > -1.5;
  }

  #isShut(state: GateState): boolean {
    if (!state.failure) return false;
    return state.isProbing || state.failure.next > 0;
  }

  #inside({ visits }: GateState): number {
    return visits.filter(({ phase, isExpired }) => phase !== 'line' && !isExpired).length;
  }

  #read(state: GateState, visit: Visit): void {
    const { batch } = visit;
    if (
      state.visits.some((one) => one.batch === batch && (one.phase === 'asking' || one.phase === 'burying'))
    ) {
      visit.phase = 'sharing';
      return;
    }
    const { settled, taken } = state.batches[batch]!;
    visit.done = settled;
    const open = [...taken.keys()].filter((index) => !settled.includes(index));
    if (visit.isExpired) {
      visit.refused = open;
      if (this.#options.bug === 'what is expired is thrown away') visit.refused = [];
      this.#end(state, visit);
    } else {
      visit.groups = [open];
      this.#goOn(state, visit);
    }
  }

  /** Asks the SIEM about the next group, or ends. */
  #goOn(state: GateState, visit: Visit): void {
    while (visit.groups.at(-1)?.length === 0) visit.groups.pop();
    if (visit.groups.length === 0) this.#judgeWhole(state, visit);
    else if (state.isPaused || (state.failure && !visit.isProbe)) this.#finish(state, visit, false);
    else visit.phase = 'asking';
  }

  #atSiem(state: GateState, { batch }: Visit, group: readonly number[]): void {
    for (const index of group) state.batches[batch]!.taken[index]!++;
    state.wholeLetters = 0;
  }

  #taken(state: GateState, visit: Visit, group: readonly number[]): void {
    if (group.length === 0) return;
    this.#atSiem(state, visit, group);
    visit.done = union(visit.done, group);
    visit.taken += group.length;
    visit.isAnswered = true;
    state.tookAny = true;
    state.refusedInARow = 0;
    state.suspects = [];
    if (state.failure && !visit.isProbe) return;
    this.#succeeded(state);
  }

  #refuse(state: GateState, visit: Visit, group: readonly number[]): void {
    if (group.length > 1) {
      const half = Math.ceil(group.length / 2);
      visit.groups.push(group.slice(half), group.slice(0, half));
      return;
    }
    visit.refused = union(visit.refused, group);
    const batch = state.batches[visit.batch]!;
    batch.excused = union(batch.excused, group);
  }

  #fail(state: GateState, visit: Visit): void {
    visit.isAnswered = true;
    if (!state.failure || visit.isProbe) {
      state.isProbing = false;
      const attempts = Math.min(3, (state.failure?.attempts ?? 0) + 1);
      state.wait = attempts <= 2 ? 1 : 3;
      state.failure = { attempts, next: state.wait };
    }
    this.#turnAway(state);
    this.#finish(state, visit, this.#options.bug === 'a failing batch is done');
  }

  #judgeWhole(state: GateState, visit: Visit): void {
    if (visit.taken === 0 && visit.refused.length > 0) {
      const isTrusted = state.tookAny && state.refusedInARow < trustedFor;
      if (!isTrusted && this.#options.bug !== 'trusts a SIEM that never took any') {
        state.suspects = union(state.suspects, [visit.batch]);
        this.#fail(state, visit);
        return;
      }
      state.refusedInARow = Math.min(trustedFor, state.refusedInARow + 1);
      visit.isAnswered = true;
      if (visit.isProbe || !state.failure) this.#succeeded(state);
    }
    this.#end(state, visit);
  }

  #succeeded(state: GateState): void {
    state.failure = null;
    state.isProbing = false;
  }

  #end(state: GateState, visit: Visit): void {
    if (visit.refused.length === 0) {
      this.#finish(state, visit, true);
      return;
    }
    visit.phase = 'burying';
    if (this.#options.bug === 'what is refused counts as buried')
      state.batches[visit.batch]!.settled = union(visit.done, visit.refused);
  }

  #letters(state: GateState, { batch, refused, isExpired, taken }: Visit): void {
    const one = state.batches[batch]!;
    for (const index of refused) one.letters[index]!++;
    if (isExpired) one.excused = union(one.excused, refused);
    if (isExpired || taken > 0) return;
    state.wholeLetters++;
    if (!state.tookAny) state.isRash = true;
  }

  #finish(state: GateState, visit: Visit, isDone: boolean): void {
    const batch = state.batches[visit.batch]!;
    const { bug } = this.#options;
    if (bug === 'what is refused counts as buried') visit.done = union(visit.done, visit.refused);
    batch.settled = bug === 'forgets what was taken' && !isDone ? [] : visit.done;
    const sharing = state.visits.filter((one) => one.batch === visit.batch && one.phase === 'sharing');
    for (const one of [visit, ...sharing]) {
      if (one.isHeard && isDone) batch.isDone = true;
      this.#leave(state, one);
    }
  }

  #leave(state: GateState, visit: Visit): void {
    state.visits.splice(state.visits.indexOf(visit), 1);
    this.#abandon(state, visit);
    this.#fill(state);
  }

  #abandon(state: GateState, { isProbe, isAnswered }: Visit): void {
    if (this.#options.bug === 'a probe that goes away is waited for') return;
    if (isProbe && !isAnswered) state.isProbing = false;
  }

  #fill(state: GateState): void {
    for (const visit of [...state.visits]) {
      if (visit.phase !== 'line' || this.#inside(state) >= state.places) continue;
      visit.phase = 'inside';
      const isHeld = !visit.isProbe && (state.isPaused || state.failure !== null);
      if (isHeld || !visit.isHeard) this.#leave(state, visit);
    }
  }

  #turnAway(state: GateState): void {
    for (const visit of state.visits.filter(({ phase }) => phase === 'line')) {
      state.visits.splice(state.visits.indexOf(visit), 1);
      this.#abandon(state, visit);
    }
  }

  #goAway(state: GateState, visit: Visit): void {
    visit.isHeard = false;
    if (visit.phase === 'inside') this.#leave(state, visit);
  }

  #killService(state: GateState, isTaken: boolean): void {
    state.copies++;
    for (const visit of state.visits) {
      if (isTaken && visit.phase === 'asking') this.#atSiem(state, visit, visit.groups.at(-1)!);
      if (isTaken && visit.phase === 'burying') this.#letters(state, visit);
    }
    state.visits = [];
    state.places = 1;
    for (const batch of state.batches) batch.settled = [];
    state.failure = null;
    state.wait = 0;
    state.isProbing = false;
    state.tookAny = false;
    state.refusedInARow = 0;
    state.suspects = [];
  }
}

function union(some: readonly number[], more: readonly number[]): number[] {
  return [...new Set([...some, ...more])].sort((a, b) => a - b);
}
