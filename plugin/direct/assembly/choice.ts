import { areSame, find, Key, KeyTable } from './key-table';
import { writeSmall } from './number';
import { Alternative, constant, locate, Source, unknown, walk } from './source';
import { lengthOfText, startOfText } from './text';

/** No mapping is for the record. */
export const unmapped: usize = 1;

/** Mappings in the order they are tried, as ../run.ts lays them out. */
@unmanaged
class Choice {
  count: u32;
  entries: usize;
}

@unmanaged
class Entry {
  /** All of them must be met; or, for one that excludes, not all. */
  count: u32;
  conditions: usize;
  excludes: u32;
  /** 0 when only the code outside can write its lines. */
  program: usize;
}

@unmanaged
class Condition {
  /** Where the value is. */
  place: usize;
  /** The texts of which it is to be one: of each the address and the length. */
  count: u32;
  texts: usize;
}

const entrySize: usize = 16;
const conditionSize: usize = 12;

/** Whether a record may be taken by a mapping. */
const no: u32 = 0;
const yes: u32 = 1;
const unclear: u32 = 2;

/** `SysAlert::` and others may stand before an id, which all begin so (mapping/constant.ts). */
const prefixed: u8 = 0x53;

/** By which a record's mappings are found: the first of some that there is. */
@unmanaged
export class Ids {
  count: u32;
  sources: usize;
  /** The ids that are known, and of each its choice. */
  known: usize;
  choices: usize;
  /** The choice for any other. */
  other: usize;
}

const digits = memory.data(16);

/** @returns the program for a record, `unmapped`, or 0 when only the code outside can tell */
export function choose(ids: Ids, table: KeyTable): usize {
  let start: usize = 0;
  let length: u32 = 0;
  const count = ids.count;
  for (let index: u32 = 0; index < count; index++) {
    const at = locate(changetype<Source>(load<u32>(ids.sources + ((<usize>index) << 2))), table);
    if (at === 0) continue;
    if (at >= constant) return 0;
    start = startOfText(at);
    if (start === 0) return 0;
    length = lengthOfText(at);
    break;
  }
  const id = find(changetype<KeyTable>(ids.known), start, length);
  if (id !== 0) {
    const slot = changetype<Key>(id).slot;
    return firstOf(changetype<Choice>(load<u32>(ids.choices + ((<usize>slot) << 2))), table);
  }
  if (length > 0 && load<u8>(start) === prefixed) return 0;
  return firstOf(changetype<Choice>(ids.other), table);
}

function firstOf(choice: Choice, table: KeyTable): usize {
  const count = choice.count;
  for (let index: u32 = 0; index < count; index++) {
    const entry = changetype<Entry>(choice.entries + <usize>index * entrySize);
    const met = areMet(entry, table);
    if (met === unclear) return 0;
    if (entry.excludes) return met === yes ? 0 : entry.program;
    if (met === yes) return entry.program;
  }
  return unmapped;
}

function areMet(entry: Entry, table: KeyTable): u32 {
  const count = entry.count;
  for (let index: u32 = 0; index < count; index++) {
    const met = isMet(changetype<Condition>(entry.conditions + <usize>index * conditionSize), table);
    if (met !== yes) return met;
  }
  return yes;
}

function isMet(condition: Condition, table: KeyTable): u32 {
  const at = walk(changetype<Alternative>(condition.place), table);
  if (at === unknown) return unclear;
  let start: usize = 0;
  let length: u32 = 0;
  if (at !== 0 && load<u8>(at) !== 0xc0) {
    start = startOfText(at);
    if (start === 0) {
      start = digits;
      const end = writeSmall(at, digits);
      if (end === 0) return unclear;
      length = <u32>(end - digits);
    } else {
      length = lengthOfText(at);
      if (length > 0 && load<u8>(start) === prefixed) return unclear;
    }
  }
  const count = condition.count;
  for (let index: u32 = 0; index < count; index++) {
    const text = condition.texts + ((<usize>index) << 3);
    if (load<u32>(text + 4) === length && areSame(load<u32>(text), start, length)) return yes;
  }
  return no;
}
