import { jsonStart, writeJson } from './json';
import { KeyTable } from './key-table';
import { writeSmall, writeTime } from './number';
import { copyPiece, full, Head, Program, unfit } from './program';
import { constant, placeOf, unknown } from './source';
import { earliestStamp, latestStamp, noStamp, writeLastStamp } from './stamp';
import { copyText, lengthOfText, startOfText } from './text';

/** How a value may stand in a line as it is. */
const anyText: u32 = 0;
const digits: u32 = 1;
const ipv4: u32 = 2;
const never: u32 = 3;
/** It is rendered already. */
const ready: u32 = 4;

/** Stands for the index of the record's id. */
const idIndex: u32 = 0xffffffff;

/**
 * The code outside renders a value of a pair.
 *
 * @param program its address
 * @returns the address of the text, or 0 when the line is to be written otherwise
 */
declare function render(program: usize, pair: u32, at: usize): usize;

/** A key and where its value comes from, as ../lines/line-program.ts lays it out. */
@unmanaged
export class Pair {
  /** The separator, the name and its `=`. */
  before: usize;
  beforeLength: u32;
  /** Where the value is; -1 for a source. */
  slot: i32;
  plain: u32;
  /** Most bytes of a text. */
  longest: u32;
  /** 0 when it can't be said. */
  constant: usize;
  constantLength: u32;
  /** Index of the pair that this one is the label of, or -1. */
  labels: i32;
  source: usize;
}

const pairSize: usize = 36;

/** What all lines of a mapping share, as ../lines/line-program.ts lays it out. */
@unmanaged
export class LineProgram extends Program {
  count: u32;
  pairs: usize;
  /** For each byte what it needs. */
  care: usize;
  /** The two printable characters that are not copied as they are. */
  special: u32;
  /** The pair of the record's id. */
  id: usize;
  /** Index of the pair that sets it as well, or -1. */
  ownId: i32;
  /** Most bytes of a line. */
  limit: u32;
}

/** What stands before the time, and behind it. */
@unmanaged
export class LineHead extends Head {
  /** Of the syslog header, what stands before its own time; and in which form that is. */
  start: usize;
  startLength: u32;
  stamp: u32;
  before: usize;
  beforeLength: u32;
  after: usize;
  afterLength: u32;
}

/**
 * Writes an event: `[EventTime, {"message": str 32}]`.
 *
 * @param head of this line
 * @param eventTime epoch milliseconds
 * @param entryTime address of the entry's EventTime
 * @param idAt address of the record's id, or 0
 * @returns where it ends, `unfit` or `full`
 */
export function writeLine(
  program: LineProgram,
  head: LineHead,
  table: KeyTable,
  eventTime: f64,
  entryTime: usize,
  idAt: usize,
  target: usize,
  end: usize,
): usize {
  if (head.stamp !== noStamp && !(eventTime >= earliestStamp && eventTime <= latestStamp)) return unfit;
  if (target + head.startLength + head.beforeLength + head.afterLength + 128 > end) return full;
  store<u8>(target, 0x92);
  store<u16>(target + 1, load<u16>(entryTime));
  store<u64>(target + 3, load<u64>(entryTime + 2));
  // {"message": str 32
  store<u32>(target + 11, 0x656da781);
  store<u32>(target + 15, 0x67617373);
  store<u16>(target + 19, 0xdb65);
  const line = target + 25;
  let to = line;
  if (head.stamp !== noStamp) {
    to = copyPiece(head.start, head.startLength, to);
    to = writeLastStamp(head.stamp, eventTime, to);
  }
  to = copyPiece(head.before, head.beforeLength, to);
  to = writeTime(eventTime, to);
  to = copyPiece(head.after, head.afterLength, to);
  to = writePairs(program, table, idAt, to, end);
  if (to <= full) return to;
  const length = <u32>(to - line);
  if (length > program.limit) return unfit;
  store<u32>(target + 21, bswap<u32>(length));
  return to;
}

/** Writes the record's id and what the mapping says. @returns where that ends, `unfit` or `full` */
export function writePairs(
  program: LineProgram,
  table: KeyTable,
  idAt: usize,
  target: usize,
  end: usize,
): usize {
  let to = target;
  if (idAt !== 0 && !hasOwnId(program, table)) {
    to = writePair(program, idIndex, changetype<Pair>(program.id), idAt, to, end);
    if (to <= full) return to;
  }
  const count = program.count;
  for (let index: u32 = 0; index < count; index++) {
    const pair = pairAt(program, index);
    const at = placeOfPair(pair, table);
    // A label without its value says nothing.
    if (at === 0 || (pair.labels >= 0 && placeOfPair(pairAt(program, pair.labels), table) === 0)) continue;
    to = writePair(program, index, pair, at, to, end);
    if (to <= full) return to;
  }
  return to;
}

/** Whether the mapping sets the record's id itself. */
function hasOwnId(program: LineProgram, table: KeyTable): bool {
  return program.ownId >= 0 && placeOfPair(pairAt(program, program.ownId), table) !== 0;
}

function pairAt(program: LineProgram, index: u32): Pair {
  return changetype<Pair>(program.pairs + <usize>index * pairSize);
}

/** The address of a pair's value: 0 for none, `constant` or `unknown`. */
// @inline
function placeOfPair(pair: Pair, table: KeyTable): usize {
  return placeOf(pair.slot, pair.source, table);
}

function writePair(
  program: LineProgram,
  index: u32,
  pair: Pair,
  at: usize,
  target: usize,
  end: usize,
): usize {
  if (target + pair.beforeLength + 64 > end) return full;
  const to = copyPiece(pair.before, pair.beforeLength, target);
  if (at === constant) {
    if (pair.constant === 0) return unfit;
    if (to + pair.constantLength + 32 > end) return full;
    return copyPiece(pair.constant, pair.constantLength, to);
  }
  if (at === unknown) return unfit;
  const plain = pair.plain;
  if (plain === ready) return writeReady(at, to, end);
  const written = plain === never ? unfit : writePlain(pair, at, program, to, end);
  if (written !== unfit) return written;
  const rendered = render(changetype<usize>(program), index, at);
  return rendered === 0 ? unfit : writeReady(rendered, to, end);
}

/** Writes a text that is rendered. */
function writeReady(at: usize, to: usize, end: usize): usize {
  const length = lengthOfText(at);
  return length > <u32>(end - to) || to + length + 32 > end ? full : copyPiece(startOfText(at), length, to);
}

/** Writes a value that needs nothing but backslashes. @returns `unfit` for any other */
function writePlain(pair: Pair, at: usize, program: LineProgram, to: usize, end: usize): usize {
  const plain = pair.plain;
  let start = startOfText(at);
  let length: u32;
  if (start > 0) length = lengthOfText(at);
  else {
    const small: usize = plain === ipv4 ? 0 : writeSmall(at, to);
    if (small > 0 || plain !== anyText) return small;
    const jsonEnd = writeJson(at);
    if (jsonEnd === 0) return unfit;
    start = jsonStart;
    length = <u32>(jsonEnd - start);
  }
  const textEnd = start + length;
  // Twice its length would be beyond any address for what is no length at all.
  if (length > <u32>(end - to) / 2 || to + 2 * length + 32 > end) return full;
  if (plain === anyText) {
    if (length > pair.longest) return unfit;
  } else if (plain === digits) {
    if (!isDigits(start, textEnd)) return unfit;
  } else if (!isIpv4(start, textEnd)) return unfit;
  return copyText(start, textEnd, to, program.care, program.special);
}

function isDigits(start: usize, end: usize): bool {
  if (end - start > 18) return false;
  for (let at = start; at < end; at++) if (<u32>load<u8>(at) - 0x30 > 9) return false;
  return true;
}

function isIpv4(start: usize, end: usize): bool {
  let at = start;
  for (let part = 0; part < 4; part++) {
    // A dot before each but the first.
    if (part > 0 && (at === end || load<u8>(at++) !== 0x2e)) return false;
    const first = at;
    let number: u32 = 0;
    while (at < end) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) break;
      number = number * 10 + digit;
      at++;
    }
    if (at === first || at > first + 3 || number > 255) return false;
  }
  return at === end;
}
