import { choose, Ids, unmapped } from './choice';
import { isoTime } from './iso-time';
import { KeyTable } from './key-table';
import { LineHead, LineProgram, writeLine } from './line';
import { asItIs, openedStart, openLog } from './log';
import { smallNumber } from './number';
import { ObjectProgram, objectSize, writeObject } from './object';
import { full, Head, headOf, object, Program, unfit } from './program';
import { scan } from './scan';
import { load32, skip, unclear } from './skip';
import { constant, locate, Source, unknown } from './source';

/** What the entries of a tag go by, as ../run.ts lays it out. */
@unmanaged
export class Plan {
  /** Of the records' keys. */
  table: usize;
  /** Slot of the key that may hold the whole record as JSON text, where it is the only one. */
  log: u32;
  /** By which the mappings are found. */
  ids: usize;
  /** The sources of the event's time, and of the record's id in the event. */
  time: usize;
  externalId: usize;
  /** Where the ends of the events go, and how many there may be. */
  ends: usize;
  /** Where their sizes in the request to the SIEM go. */
  sizes: usize;
  most: u32;
  /** How many there were. */
  count: u32;
  /** How many records that no mapping is for may be passed over, and how many were. */
  mayPass: u32;
  passed: u32;
}

/**
 * The code outside calls the functions of the program's mapping, and finds its head.
 *
 * @param program its address
 * @returns the head's address, or 0 when the event is to be written otherwise
 */
declare function prepare(program: usize, recordAt: usize, end: usize): usize;

/**
 * Maps entries from an address on, until there is one that only the code outside can tell what to do with.
 *
 * @param earliest and `latest`: epoch milliseconds; the event's time is to lie between them
 * @returns the address of the entry that comes next
 */
export function run(
  plan: Plan,
  start: usize,
  end: usize,
  target: usize,
  targetEnd: usize,
  earliest: f64,
  latest: f64,
): usize {
  const table = changetype<KeyTable>(plan.table);
  const most = plan.most;
  let at = start;
  let to = target;
  let count: u32 = 0;
  let passed: u32 = 0;
  while (count < most && at + 12 < end) {
    if (load<u8>(at) !== 0x92) break;
    const isPaired = load<u8>(at + 1) === 0x92;
    const timeAt = isPaired ? at + 2 : at + 1;
    if (load<u8>(timeAt) !== 0xd7 || load<u8>(timeAt + 1) !== 0) break;
    const seconds = load32(timeAt + 2);
    // The last two are marks of a group (fluent/event-time.ts).
    if (seconds >= 0xfffffffe) break;
    const recordAt = isPaired ? skip(at + 12, end, 0) : at + 11;
    if (recordAt === unclear || recordAt >= end) break;
    const next = scan(table, recordAt, end);
    if (next === unclear || next > end) break;
    let own = recordAt;
    let ownEnd = next;
    const log = <usize>load<u32>(table.starts + ((<usize>plan.log) << 2));
    if (table.length === 1 && log !== 0) {
      const opened = openLog(log);
      if (opened === unclear) break;
      if (opened !== asItIs) {
        own = openedStart;
        ownEnd = opened;
        if (scan(table, own, ownEnd) !== ownEnd) break;
      }
    }
    const chosen = choose(changetype<Ids>(plan.ids), table);
    if (chosen === 0) break;
    if (chosen === unmapped) {
      if (passed === plan.mayPass) break;
      passed++;
      at = next;
      continue;
    }
    const program = changetype<Program>(chosen);
    const time = timeOf(plan, table, seconds, load32(timeAt + 6));
    if (time < earliest || time > latest) break;
    const idAt = locate(changetype<Source>(plan.externalId), table);
    if (idAt === unknown) break;
    let head: usize = program.computes ? 0 : headOf(program, table);
    if (head === 0) head = prepare(chosen, own, ownEnd);
    if (head === 0) break;
    let written: usize;
    let size: u32;
    if (program.kind === object) {
      const objects = changetype<ObjectProgram>(chosen);
      const objectHead = changetype<Head>(head);
      written = writeObject(objects, objectHead, table, time, timeAt, own, idAt, to, targetEnd);
      size = objectSize();
    } else {
      const lines = changetype<LineProgram>(chosen);
      written = writeLine(lines, changetype<LineHead>(head), table, time, timeAt, idAt, to, targetEnd);
      size = <u32>(written - to);
    }
    if (written === unfit || written === full) break;
    store<u32>(plan.sizes + ((<usize>count) << 2), size);
    store<u32>(program.hits, load<u32>(program.hits) + 1);
    store<u32>(plan.ends + ((<usize>count) << 2), <u32>written);
    count++;
    to = written;
    at = next;
  }
  plan.count = count;
  plan.passed = passed;
  return at;
}

/** The event's time, epoch milliseconds; -1 when only the code outside can tell. */
function timeOf(plan: Plan, table: KeyTable, seconds: u32, nanoseconds: u32): f64 {
  const at = locate(changetype<Source>(plan.time), table);
  if (at === 0) return <f64>seconds * 1000 + Math.floor(<f64>nanoseconds / 1e6);
  if (at >= constant) return -1;
  const number = smallNumber(at);
  return number < 0 ? isoTime(at) : <f64>number * 1000;
}
