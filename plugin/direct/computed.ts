import { hasAny, type Problems } from '../compile/event.ts';
import { isEmpty } from '../mapping/empty.ts';
import { computedSize, computedStart, memory } from './assembly.ts';
import type { Slot } from './key-table.ts';
import { Memo } from './memo.ts';
import { copyTo, putPacked, readBehind } from './put-value.ts';
import { nothing, type RecordScan } from './record-scan.ts';
import type { Source } from './source.ts';

/** Renders a value; undefined when it has no rendering. */
export type RenderValue = (value: unknown, problems: Problems) => unknown;

/** Behind the last address that a value may have. */
const lastEnd = computedStart + computedSize - readBehind;

/** A value that a function gives: rendered, it is put where a program finds the values of the record. */
export class ComputedValue {
  /** Where its address is noted. */
  readonly slot: Slot;
  readonly #source: Source;
  readonly #render: RenderValue;
  /** What was put for the same arguments before; empty for nothing. */
  readonly #memo: Memo | undefined;

  constructor(source: Source, slot: Slot, render: RenderValue) {
    this.#source = source;
    this.slot = slot;
    this.#render = render;
    this.#memo = source.leaves && new Memo(source.leaves);
  }

  /**
   * Calls the function, unless it is known what it gives, and puts that at an address.
   *
   * @returns where it ends; 0 when it takes decoded values to tell how it is written
   */
  put(scan: RecordScan, problems: Problems, at: number): number {
    const known = this.#memo?.find(scan);
    const end = known ? copyTo(known, at, lastEnd) : this.#compute(scan, problems, at);
    // A problem is one each time.
    if (!known && end > 0 && !hasAny(problems)) this.#memo?.keep(memory, at, end);
    scan.put(this.slot, end === at ? nothing : at);
    return end;
  }

  #compute(scan: RecordScan, problems: Problems, at: number): number {
    const value = this.#source.compute!(scan, problems);
    if (scan.isUnclear) return 0;
    if (isEmpty(value)) return at;
    const rendered = this.#render(value, problems);
    // What is empty now would be taken for nothing.
    return rendered === undefined || rendered === '' ? 0 : putPacked(rendered, at, lastEnd);
  }
}

/**
 * Calls the functions, and puts what they give where it is looked for.
 *
 * @returns false when it takes decoded values to tell how one of them is written
 */
export function computeValues(
  values: readonly ComputedValue[],
  scan: RecordScan,
  problems: Problems,
): boolean {
  let at = computedStart;
  for (const value of values) {
    at = value.put(scan, problems, at);
    if (at === 0) return false;
  }
  return true;
}
