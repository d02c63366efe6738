import type { compileAge } from './event-age.ts';
import type { BodyMaker } from './request-body.ts';
import type { Progress } from './settled.ts';
import type { Verdict } from './verdict.ts';

/** A record that the SIEM will not get, and why. */
export interface Refused {
  readonly line: string;
  readonly reason: string;
}

/** A batch on its way: which of its records are open, taken or refused. */
export class OpenBatch {
  /** Records taken and refused by the SIEM, this time. */
  taken = 0;
  refusedBySiem = 0;
  readonly #lines: string[];
  readonly #done: Set<number>;
  readonly #refused = new Map<number, string>();
  /** Groups of records to be sent together, the next one last. */
  readonly #groups: number[][];

  /** @param body Fluent Bit's records as JSON, one a line */
  constructor(body: Buffer, progress: Progress) {
    this.#lines = body
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const all = [...this.#lines.keys()];
    this.#done = new Set(progress === 'all' ? all : progress);
    this.#groups = [all.filter((index) => !this.#done.has(index))];
  }

  /** What needs no more, to be remembered when the rest is to be tried again. */
  get progress(): Progress {
    return this.#done.size === this.#lines.length ? 'all' : this.#done;
  }

  get refused(): readonly Refused[] {
    return [...this.#refused].map(([index, reason]) => ({ line: this.#lines[index]!, reason }));
  }

  /** The records to be sent next; undefined when there are none. */
  next(): number[] | undefined {
    const group = this.#groups.pop();
    return group?.length === 0 ? this.next() : group;
  }

  bodyOf(group: readonly number[], { make }: BodyMaker): Buffer {
    return make(group.map((index) => this.#lines[index]!));
  }

  /**
   * Restamps or refuses the events whose time the SIEM does not take.
   *
   * @returns how many were restamped
   */
  checkAges(age: ReturnType<typeof compileAge>, now: number): number {
    let restamped = 0;
    this.#groups[0] = this.#groups[0]!.filter((index) => {
      const aged = age(this.#lines[index]!, now);
      if (aged.kind === 'refused') {
        this.#refused.set(index, aged.reason);
        return false;
      }
      if (aged.kind === 'restamped') restamped++;
      this.#lines[index] = aged.line;
      return true;
    });
    return restamped;
  }

  /** @returns how many records were open */
  refuseAll(reason: string): number {
    const open = this.#groups.pop() ?? [];
    for (const index of open) this.#refused.set(index, reason);
    return open.length;
  }

  /**
   * Does what an answer says of a group.
   *
   * @returns how many records were taken, and how many must be tried again later
   */
  apply(group: readonly number[], verdict: Verdict): { taken: number; later: number } {
    switch (verdict.kind) {
      case 'taken':
        return { taken: this.#take(group), later: 0 };
      case 'taken-until': {
        const taken = this.#take(group.slice(0, verdict.refused));
        this.#refuse(group[verdict.refused]!, verdict.reason);
        this.#groups.push(group.slice(verdict.refused + 1));
        return { taken, later: 0 };
      }
      case 'each':
        return this.#applyEach(group, verdict.fates);
      case 'refused': {
        if (group.length === 1) this.#refuse(group[0]!, verdict.reason);
        else {
          const half = Math.ceil(group.length / 2);
          this.#groups.push(group.slice(half), group.slice(0, half));
        }
        return { taken: 0, later: 0 };
      }
      case 'failing':
        return { taken: 0, later: group.length };
    }
  }

  /** The refused ones are kept elsewhere: they need no more. */
  buried(): void {
    for (const index of this.#refused.keys()) this.#done.add(index);
    this.#refused.clear();
  }

  #applyEach(
    group: readonly number[],
    fates: (Verdict & { kind: 'each' })['fates'],
  ): { taken: number; later: number } {
    const taken: number[] = [];
    let later = 0;
    for (const [position, index] of group.entries()) {
      const fate = fates[position];
      if (fate === 'taken') taken.push(index);
      else if (fate === undefined) later++;
      else this.#refuse(index, fate.reason);
    }
    return { taken: this.#take(taken), later };
  }

  #take(group: readonly number[]): number {
    for (const index of group) this.#done.add(index);
    this.taken += group.length;
    return group.length;
  }

  #refuse(index: number, reason: string): void {
    this.#refused.set(index, `the SIEM refused it: ${reason}`);
    this.refusedBySiem++;
  }
}
