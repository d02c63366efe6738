import { copyValue, writtenTo } from './copy-value';
import { jsonStart, writeJson } from './json';
import { smallNumber, writeSmall } from './number';
import { addSize, writeLong, writeText, writeTextHeader, writeWhole } from './packed';
import { copyPiece, unfit } from './program';
import { constant, unknown } from './source';
import { isoStamp, writeLastStamp } from './stamp';
import { Step } from './step';
import { backslash, characterAt, lengthOfText, startOfText } from './text';

/** How a value is written. */
const asValue: u32 = 0;
const asText: u32 = 1;
const asAttribute: u32 = 2;
/** 3 is a column of 32 bits. */
const asLong: u32 = 4;
const asReal: u32 = 5;
const asTime: u32 = 6;

/** Writes the key of a step, or its piece. */
// @inline
export function writeBefore(step: Step, to: usize): usize {
  addSize(step.beforeSize);
  return copyPiece(step.before, step.beforeLength, to);
}

/** Writes a key and its value. @returns where it ends, or `unfit` */
export function writeValue(step: Step, at: usize, target: usize, end: usize): usize {
  const to = writeBefore(step, target);
  if (at === constant) {
    if (step.constant === 0) return unfit;
    addSize(step.constantSize);
    return copyPiece(step.constant, step.constantLength, to);
  }
  if (at === unknown) return unfit;
  const as = step.as;
  if (as === asValue) return copyValue(at, to, end, 0) === 0 ? unfit : writtenTo();
  const start = startOfText(at);
  if (as === asText || as === asAttribute) {
    if (start > 0) {
      const length = lengthOfText(at);
      return length > step.count ? unfit : writeText(start, length, to, end);
    }
    return as === asText ? writeOther(at, step, to, end) : writeAttribute(at, step, to, end);
  }
  const number = start > 0 ? numberIn(start, lengthOfText(at)) : smallNumber(at);
  if (number < 0) return unfit;
  if (as === asReal) return number > 0xffffffff ? unfit : writeWhole(<u32>number, to);
  if (as === asTime) {
    // A text is read in other ways, too.
    if (start > 0) return unfit;
    addSize(26);
    return writeLastStamp(isoStamp, <f64>number * 1000, writeTextHeader(24, to));
  }
  if (number <= 0x7fffffff) return writeWhole(<u32>number, to);
  return as === asLong ? writeLong(number, to) : unfit;
}

/** Makes the text of what is no text, from `jsonStart` on. @returns where it ends, or 0 */
function textOfOther(at: usize): usize {
  const small = writeSmall(at, jsonStart);
  return small > 0 ? small : writeJson(at);
}

/** Writes the text of what is no text. */
function writeOther(at: usize, step: Step, to: usize, end: usize): usize {
  const textEnd = textOfOther(at);
  const length = <u32>(textEnd - jsonStart);
  return textEnd === 0 || length > step.count ? unfit : writeText(jsonStart, length, to, end);
}

/** Writes what is no text as an attribute: lists and maps have none of their own. */
function writeAttribute(at: usize, step: Step, to: usize, end: usize): usize {
  const type = <u32>load<u8>(at);
  if ((type >= 0x80 && type <= 0x8f) || type === 0xde) return writeOther(at, step, to, end);
  if ((type >= 0x90 && type <= 0x9f) || type === 0xdc) return unfit;
  return copyValue(at, to, end, 0) === 0 ? unfit : writtenTo();
}

/** The number that a text of digits is, or -1. */
function numberIn(start: usize, length: u32): i64 {
  if (length > 18) return -1;
  let number: i64 = 0;
  for (let at = start, end = start + length; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Writes `key=value` in a text, where each byte of the value has a backslash that needs one. */
export function writeExtra(step: Step, at: usize, care: usize, target: usize, end: usize): usize {
  let to = copyPiece(step.before, step.beforeLength, target);
  if (at === constant) {
    if (step.constant === 0) return unfit;
    return copyPiece(step.constant, step.constantLength, to);
  }
  if (at === unknown) return unfit;
  let start = startOfText(at);
  let length: u32;
  if (start > 0) length = lengthOfText(at);
  else {
    const textEnd = textOfOther(at);
    if (textEnd === 0) return unfit;
    start = jsonStart;
    length = <u32>(textEnd - start);
  }
  if (to + 2 * length + 64 > end) return unfit;
  const last = start + length;
  for (let from = start; from < last; ) {
    const byte = <u32>load<u8>(from);
    const need = load<u8>(care + byte);
    const bytes = need <= backslash ? 1 : byte < 0x80 ? 0 : characterAt(from, last);
    if (bytes === 0) return unfit;
    if (need === backslash) store<u8>(to++, 0x5c);
    store<u32>(to, load<u32>(from));
    from += bytes;
    to += bytes;
  }
  return to;
}
