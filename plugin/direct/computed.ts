import type { Problems } from '../compile/event.ts';
import { isEmpty } from '../mapping/empty.ts';
import { computedSize, computedStart, memory } from './assembly.ts';
import type { Slot } from './key-table.ts';
import { packValue } from './objects/part.ts';
import { nothing, type RecordScan } from './record-scan.ts';
import type { Source } from './source.ts';

/** A value that a function gives: rendered, it is put where a program finds the values of the record. */
export interface ComputedValue {
  readonly source: Source;
  readonly slot: Slot;
  readonly render: RenderValue;
}

/** Renders a value; undefined when it has no rendering. */
export type RenderValue = (value: unknown, problems: Problems) => unknown;

/** As many bytes may be read behind a text. */
const readBehind = 32;

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
  for (const { source, slot, render } of values) {
    const value = source.compute!(scan, problems);
    if (scan.isUnclear) return false;
    scan.put(slot, nothing);
    if (isEmpty(value)) continue;
    const rendered = render(value, problems);
    // What is empty now would be taken for nothing.
    if (rendered === undefined || rendered === '') return false;
    const end = putValue(rendered, at);
    if (end === 0) return false;
    scan.put(slot, at);
    at = end + readBehind;
  }
  return true;
}

const longestShort = 31;

/** Puts a value, packed. @returns where it ends; 0 when there is no room for it */
function putValue(value: unknown, at: number): number {
  const shortEnd = typeof value === 'string' ? putShortText(value, at) : 0;
  if (shortEnd > 0) return shortEnd;
  const packed = packValue(value);
  if (at + packed.length + readBehind > computedStart + computedSize) return 0;
  memory.set(packed, at);
  return at + packed.length;
}

/** Puts a short text of ASCII, as most are. @returns where it ends, or 0 when it is another */
function putShortText(text: string, at: number): number {
  const { length } = text;
  if (length > longestShort || at + length + 1 + readBehind > computedStart + computedSize) return 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return 0;
    memory[at + 1 + index] = code;
  }
  memory[at] = 0xa0 | length;
  return at + 1 + length;
}
