import { hasAny, type Problems } from '../compile/event.ts';
import { isEmpty } from '../mapping/empty.ts';
import { computedSize, computedStart, memory } from './assembly.ts';
import type { Slot } from './key-table.ts';
import { Memo } from './memo.ts';
import { packValue } from './objects/part.ts';
import { nothing, type RecordScan } from './record-scan.ts';
import type { Source } from './source.ts';

/** Renders a value; undefined when it has no rendering. */
export type RenderValue = (value: unknown, problems: Problems) => unknown;

/** Behind the last address that a value may have; as many bytes may be read behind a text. */
const lastEnd = computedStart + computedSize - 32;

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
    const end = known ? copyTo(at, known) : this.#compute(scan, problems, at);
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
    return rendered === undefined || rendered === '' ? 0 : putPacked(rendered, at);
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

/** @returns where it ends, or 0 when there is no room */
function putPacked(value: unknown, at: number): number {
  const shortEnd = typeof value === 'string' ? putShortText(value, at) : 0;
  return shortEnd > 0 ? shortEnd : copyTo(at, packValue(value));
}

/** Bytes of a text whose header is one byte. */
const longestShort = 31;

/** Puts a short text of ASCII, as most are. @returns where it ends, or 0 when it is another */
function putShortText(text: string, at: number): number {
  const { length } = text;
  if (length > longestShort || at + length >= lastEnd) return 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return 0;
    memory[at + 1 + index] = code;
  }
  memory[at] = 0xa0 | length;
  return at + 1 + length;
}

/** So few bytes are copied faster one by one. */
const few = 48;

/** @returns where they end, or 0 when there is no room */
function copyTo(at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (at + length > lastEnd) return 0;
  if (length > few) memory.set(bytes, at);
  else for (let index = 0; index < length; index++) memory[at + index] = bytes[index]!;
  return at + length;
}
