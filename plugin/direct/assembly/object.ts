import { jsonStart, writeJson } from './json';
import { KeyTable } from './key-table';
import { LineProgram, writePairs } from './line';
import { writeSmall, writeTime } from './number';
import {
  addSize,
  copyPairs,
  copyValue,
  moreOfText,
  setSize,
  sizeAsJson,
  sizeOfFraction,
  writeHeader,
  writeLong,
  writeText,
  writeTextHeader,
  writeWhole,
  writtenTo,
} from './packed';
import { copyPiece, full, Head, Program, unfit } from './program';
import { load16, load32 } from './skip';
import { constant, locate, Source, unknown } from './source';
import { earliestStamp, isoStamp, latestStamp, writeLastStamp } from './stamp';
import { backslash, characterAt, isEmpty, lengthOfText, startOfText } from './text';

/** What a step writes. */
const open: u32 = 0;
const close: u32 = 1;
const piece: u32 = 2;
const head: u32 = 3;
const value: u32 = 4;
const id: u32 = 5;
const isoTime: u32 = 6;
const milliseconds: u32 = 7;
const seconds: u32 = 8;
const decimalTime: u32 = 9;
const tag: u32 = 10;
const openText: u32 = 11;
const closeText: u32 = 12;
const linePairs: u32 = 13;
const extra: u32 = 14;
const record: u32 = 15;
const refuse: u32 = 16;

/** How a value is written. */
const asValue: u32 = 0;
const asText: u32 = 1;
const asAttribute: u32 = 2;
const asInt: u32 = 3;
const _asLong: u32 = 4;
const asReal: u32 = 5;
const asTime: u32 = 6;

/** What is written next, as ../objects/object-program.ts lays it out. */
@unmanaged
class Step {
  kind: u32;
  /** The key, or a whole piece. */
  before: usize;
  beforeLength: u32;
  /** Its bytes in JSON text, with the colon and the comma. */
  beforeSize: u32;
  /** Where the value is; -1 for a source. */
  slot: i32;
  source: usize;
  /** The source's constant; 0 when it can't be said. */
  constant: usize;
  constantLength: u32;
  constantSize: u32;
  /** Index of the step that this one is the label of, or of the one that writes the same; -1 for none. */
  of: i32;
  /** How the value is written. */
  as: u32;
  /** Steps that are left out when this one has written something. */
  skip: u32;
  /** Pairs of a piece; bytes for the number of an object's; most bytes of a text; index of a part of the head. */
  count: u32;
  /** Whether an object without pairs is left out; else it is for the code outside. */
  isOptional: u32;
}

const stepSize: usize = 56;

/** What all objects of a mapping share. */
@unmanaged
export class ObjectProgram extends Program {
  count: u32;
  steps: usize;
  /** Most bytes of an object's JSON text. */
  limit: u32;
  /** Of lines in objects, for each byte of a value what it needs. */
  care: usize;
}

/** Parts that stand where a step says, three of them. */
@unmanaged
export class ObjectHead extends Head {
  first: usize;
}

/** A part of a head. */
@unmanaged
class Part {
  start: usize;
  length: u32;
  /** Its bytes in JSON text, with colons and commas. */
  size: u32;
  /** Pairs in it. */
  count: u32;
}

/** The parts stand behind the head's text. */
const partsAt: usize = 8;
const partSize: usize = 16;

/** An object that is being written, in another one. */
@unmanaged
class Level {
  /** Where the key starts, and the bytes of JSON text before it. */
  start: usize;
  size: u32;
  /** Where the pairs start, and how many the object around has. */
  first: usize;
  pairs: u32;
  /** Bytes for the number of pairs. */
  room: u32;
}

const levelSize: usize = 20;
const levels = memory.data(80, 4);

/** Room that is left for what has no length of its own. */
const margin: usize = 128;
/** A larger object is written in memory that has nothing else in it. */
const usual: usize = 2 ** 16;

/** Bytes that the last object has as JSON text. */
export function objectSize(): u32 {
  return sizeAsJson();
}

/**
 * Writes an event: `[EventTime, object]`.
 *
 * @param own of this object
 * @param eventTime epoch milliseconds
 * @param entryTime address of the entry's EventTime
 * @param recordAt address of the record
 * @param idAt address of the record's id, or 0
 * @returns where it ends, `unfit` or `full`
 */
export function writeObject(
  program: ObjectProgram,
  own: ObjectHead,
  table: KeyTable,
  eventTime: f64,
  entryTime: usize,
  recordAt: usize,
  idAt: usize,
  target: usize,
  end: usize,
): usize {
  if (target + usual > end) return full;
  store<u8>(target, 0x92);
  store<u16>(target + 1, load<u16>(entryTime));
  store<u64>(target + 3, load<u64>(entryTime + 2));
  let to = target + 11;
  setSize(0);
  /** Of the object that is being written. */
  let pairs: u32 = 0;
  let level = levels;
  /** Of the text that is being written. */
  let textStart: usize = 0;
  const count = program.count;
  for (let index: u32 = 0; index < count; index++) {
    const step = stepAt(program, index);
    if (to + step.beforeLength + step.constantLength + margin > end) return unfit;
    switch (step.kind) {
      case value: {
        const at = placeOf(step, table);
        // A label without its value says nothing.
        if (at === 0 || (step.of >= 0 && placeOf(stepAt(program, step.of), table) === 0)) continue;
        to = writeValue(step, at, to, end);
        if (to === unfit) return unfit;
        pairs++;
        index += step.skip;
        continue;
      }
      case id: {
        if (idAt === 0 || (step.of >= 0 && placeOf(stepAt(program, step.of), table) !== 0)) continue;
        to = writeValue(step, idAt, to, end);
        if (to === unfit) return unfit;
        pairs++;
        continue;
      }
      case piece: {
        to = writeBefore(step, to);
        pairs += step.count;
        continue;
      }
      case head: {
        const part = changetype<Part>(changetype<usize>(own) + partsAt + <usize>step.count * partSize);
        if (to + part.length + margin > end) return unfit;
        to = copyPiece(part.start, part.length, to);
        addSize(part.size);
        pairs += part.count;
        continue;
      }
      case open: {
        const outer = changetype<Level>(level);
        outer.start = to;
        outer.size = sizeAsJson();
        outer.pairs = pairs;
        outer.room = step.count;
        to = writeBefore(step, to) + step.count;
        addSize(2);
        outer.first = to;
        pairs = 0;
        level += levelSize;
        continue;
      }
      case close: {
        level -= levelSize;
        const outer = changetype<Level>(level);
        if (pairs === 0) {
          if (!step.isOptional) return unfit;
          to = outer.start;
          setSize(outer.size);
          pairs = outer.pairs;
          continue;
        }
        const first = writeHeader(pairs, 0x80, 0xde, outer.first - outer.room);
        if (first < outer.first) memory.copy(first, outer.first, to - outer.first);
        to -= outer.first - first;
        pairs = outer.pairs + 1;
        continue;
      }
      case isoTime: {
        if (!(eventTime >= earliestStamp && eventTime <= latestStamp)) return unfit;
        to = writeLastStamp(isoStamp, eventTime, writeTextHeader(24, writeBefore(step, to)));
        addSize(26);
        pairs++;
        continue;
      }
      case milliseconds: {
        to = writeLong(<i64>eventTime, writeBefore(step, to));
        pairs++;
        continue;
      }
      case seconds: {
        to = writeSeconds(eventTime / 1000, writeBefore(step, to));
        pairs++;
        continue;
      }
      case tag: {
        const part = changetype<Part>(step.constant);
        to = copyPiece(part.start, part.length, writeBefore(step, to));
        addSize(part.size);
        pairs++;
        continue;
      }
      case openText: {
        const outer = changetype<Level>(level);
        outer.start = to;
        outer.size = sizeAsJson();
        // There are three bytes for its length.
        textStart = writeBefore(step, to) + 3;
        to = textStart;
        continue;
      }
      case decimalTime: {
        to = writeTime(eventTime, to);
        continue;
      }
      case linePairs: {
        to = writePairs(changetype<LineProgram>(step.source), table, idAt, to, end);
        if (to <= full) return unfit;
        continue;
      }
      case extra: {
        const at = placeOf(step, table);
        if (at === 0 || (step.of >= 0 && placeOf(stepAt(program, step.of), table) === 0)) continue;
        // Between two of them.
        if (to > textStart) store<u8>(to++, 0x3b);
        to = writeExtra(step, at, program.care, to, end);
        if (to === unfit) return unfit;
        continue;
      }
      case closeText: {
        const length = <u32>(to - textStart);
        const outer = changetype<Level>(level);
        if (length > step.count) return unfit;
        if (length === 0) {
          to = outer.start;
          setSize(outer.size);
          continue;
        }
        addSize(length + 2 + moreOfText(textStart, to));
        const first = writeTextHeader(length, textStart - 3);
        if (first < textStart) memory.copy(first, textStart, length);
        to = first + length;
        pairs++;
        continue;
      }
      case record: {
        const type = <u32>load<u8>(recordAt);
        const isShort = type !== 0xde;
        const own = isShort ? type & 0x0f : load16(recordAt + 1);
        if (copyPairs(recordAt + (isShort ? 1 : 3), own, to, end, 0) === 0) return unfit;
        to = writtenTo();
        pairs += own;
        continue;
      }
      case refuse: {
        if (load<u32>(table.starts + ((<usize>step.slot) << 2)) !== 0) return unfit;
        continue;
      }
      default:
        return unfit;
    }
  }
  return sizeAsJson() > program.limit ? unfit : to;
}

function stepAt(program: ObjectProgram, index: u32): Step {
  return changetype<Step>(program.steps + <usize>index * stepSize);
}

/** The address of a step's value: 0 for none, `constant` or `unknown`. */
// @inline
function placeOf(step: Step, table: KeyTable): usize {
  if (step.slot < 0) return locate(changetype<Source>(step.source), table);
  const at = <usize>load<u32>(table.starts + ((<usize>step.slot) << 2));
  return at !== 0 && isEmpty(at) ? 0 : at;
}

// @inline
function writeBefore(step: Step, to: usize): usize {
  addSize(step.beforeSize);
  return copyPiece(step.before, step.beforeLength, to);
}

/** Writes a key and its value. @returns where it ends, or `unfit` */
function writeValue(step: Step, at: usize, target: usize, end: usize): usize {
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
  return as === asInt ? unfit : writeLong(number, to);
}

/** Writes the text of what is no text. */
function writeOther(at: usize, step: Step, to: usize, end: usize): usize {
  const small = writeSmall(at, jsonStart);
  const textEnd = small > 0 ? small : writeJson(at);
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

/** The whole number from 0 to 2^32 - 1 at an address, or -1. */
function smallNumber(at: usize): i64 {
  const type = <u32>load<u8>(at);
  if (type <= 0x7f) return type;
  if (type === 0xcc) return load<u8>(at + 1);
  if (type === 0xcd) return load16(at + 1);
  return type === 0xce ? load32(at + 1) : -1;
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

/** Writes seconds as a number is packed: whole ones as such. */
function writeSeconds(time: f64, to: usize): usize {
  const whole = Math.floor(time);
  if (whole === time && whole <= 4_294_967_295) return writeWhole(<u32>whole, to);
  store<u8>(to, 0xcb);
  store<u64>(to + 1, bswap<u64>(reinterpret<u64>(time)));
  addSize(whole === time ? 17 : sizeOfFraction);
  return to + 9;
}

/** Writes `key=value` in a text, where each byte of the value has a backslash that needs one. */
function writeExtra(step: Step, at: usize, care: usize, target: usize, end: usize): usize {
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
    const small = writeSmall(at, jsonStart);
    const textEnd = small > 0 ? small : writeJson(at);
    if (textEnd === 0) return unfit;
    start = jsonStart;
    length = <u32>(textEnd - start);
  }
  if (length > <u32>(end - to) / 2 - 64) return unfit;
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
