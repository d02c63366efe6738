import { clearProblems, hasAny, noProblems, type Problems } from '../compile/event.ts';
import { type Answers, answerBy } from './assembly.ts';
import type { RecordScan } from './record-scan.ts';

/** A program, as far as WebAssembly asks about it. */
export interface Answering {
  /**
   * Makes an event ready to be written: calls the functions, and finds its head.
   *
   * @returns the head's address; 0 when the event is to be written otherwise
   */
  readonly prepare: (scan: RecordScan, problems: Problems) => number;
  /** Renders a value of a pair. @returns the address of the text; 0 when the line is to be written otherwise */
  readonly render: (pair: number, at: number, problems: Problems) => number;
}

/** Answers what WebAssembly asks about the programs of a destination. */
export class Asked implements Answers {
  readonly #programs: ReadonlyMap<number, Answering>;
  readonly #scan: RecordScan;
  /** Where problems are counted; undefined when a record that has one is to be mapped alone, where they are. */
  #problems: Problems | undefined;
  readonly #own = noProblems();

  /** @param programs by their addresses */
  constructor(programs: ReadonlyMap<number, Answering>, scan: RecordScan) {
    this.#programs = programs;
    this.#scan = scan;
  }

  /** It is asked from now on. @param problems where they are counted; without, a record that has one is left */
  begin(problems?: Problems): void {
    this.#problems = problems;
    answerBy(this);
  }

  prepare(address: number, recordAt: number, end: number): number {
    this.#scan.attach(recordAt, end);
    const program = this.#programs.get(address)!;
    return this.#answer((problems) => program.prepare(this.#scan, problems));
  }

  render(address: number, pair: number, at: number): number {
    const program = this.#programs.get(address)!;
    return this.#answer((problems) => program.render(pair, at, problems));
  }

  #answer(answer: (problems: Problems) => number): number {
    if (this.#problems) return answer(this.#problems);
    const address = answer(this.#own);
    if (!hasAny(this.#own)) return address;
    clearProblems(this.#own);
    return 0;
  }
}
