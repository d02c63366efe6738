import { copyPairs, writtenTo } from './copy-value';
import { KeyTable } from './key-table';
import { LineProgram, writePairs } from './line';
import { writeTime } from './number';
import { writeBefore, writeExtra, writeValue } from './object-value';
import {
  addSize,
  moreOfText,
  setSize,
  sizeAsJson,
  writeHeader,
  writeLong,
  writeNumber,
  writeTextHeader,
} from './packed';
import { copyPiece, full, Head, Program, unfit } from './program';
import { load16 } from './skip';
import { placeOf } from './source';
import { earliestStamp, isoStamp, latestStamp, writeLastStamp } from './stamp';
import {
  close,
  closeText,
  decimalTime,
  extra,
  head,
  id,
  isoTime,
  linePairs,
  milliseconds,
  open,
  openText,
  piece,
  record,
  refuse,
  Step,
  seconds,
  stepSize,
  tag,
  value,
} from './step';

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

/** A part of a head, which has three of them behind its text. */
@unmanaged
class Part {
  start: usize;
  length: u32;
  /** Its bytes in JSON text, with colons and commas. */
  size: u32;
  /** Pairs in it. */
  count: u32;
}

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
  own: Head,
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
        const at = placeToWrite(program, step, table);
        if (at === 0) continue;
        to = writeValue(step, at, to, end);
        if (to === unfit) return unfit;
        pairs++;
        index += step.skip;
        continue;
      }
      case id: {
        if (idAt === 0 || (step.of >= 0 && placeOfStep(stepAt(program, step.of), table) !== 0)) continue;
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
        to = writeNumber(eventTime / 1000, writeBefore(step, to));
        pairs++;
        continue;
      }
      case tag: {
        const part = changetype<Part>(step.constant);
        if (to + step.beforeLength + part.length + margin > end) return unfit;
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
        const at = placeToWrite(program, step, table);
        if (at === 0) continue;
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
function placeOfStep(step: Step, table: KeyTable): usize {
  return placeOf(step.slot, step.source, table);
}

/** As `placeOfStep`; 0 also for a label whose value is not there, for it says nothing. */
// @inline
function placeToWrite(program: ObjectProgram, step: Step, table: KeyTable): usize {
  const at = placeOfStep(step, table);
  return at !== 0 && step.of >= 0 && placeOfStep(stepAt(program, step.of), table) === 0 ? 0 : at;
}
