import { areSame, KeyTable } from './key-table';
import { isMap, load16, skip } from './skip';
import { isEmpty, startOfText } from './text';

/** A value's place is not in the record: it is the source's constant. */
export const constant: usize = 0xfffffffe;

/** Only the code outside can tell. */
export const unknown: usize = 0xffffffff;

/** Where a value of a mapping comes from: the first of some that is not empty. Laid out by ../layout.ts. */
@unmanaged
export class Source {
  count: u32;
  alternatives: usize;
}

@unmanaged
export class Alternative {
  isConstant: u32;
  /** The key at the top of the record. */
  slot: u32;
  /** The keys below it: of each the address and the length. */
  count: u32;
  keys: usize;
  /** The slot of the first of them. */
  below: u32;
}

const alternativeSize: usize = 20;

/** @returns the address of the value, 0 when there is none, `constant` or `unknown` */
export function locate(source: Source, table: KeyTable): usize {
  const count = source.count;
  for (let index: u32 = 0; index < count; index++) {
    const one = changetype<Alternative>(source.alternatives + <usize>index * alternativeSize);
    if (one.isConstant) return constant;
    const at = walk(one, table);
    if (at === unknown) return unknown;
    if (at !== 0 && !isEmpty(at)) return at;
  }
  return 0;
}

/** As `locate`; where the source is a slot alone, that is looked at. @param slot -1 for any other source */
// @inline
export function placeOf(slot: i32, source: usize, table: KeyTable): usize {
  if (slot < 0) return locate(changetype<Source>(source), table);
  const at = <usize>load<u32>(table.starts + ((<usize>slot) << 2));
  return at !== 0 && isEmpty(at) ? 0 : at;
}

/** The value at a place in the record, empty or not; 0 when there is none, or `unknown`. */
export function walk(place: Alternative, table: KeyTable): usize {
  let at = <usize>load<u32>(table.starts + ((<usize>place.slot) << 2));
  const depth = place.count;
  if (depth === 0 || at === 0) return at;
  let key: u32 = 0;
  if (isMap(load<u8>(at))) {
    // It was looked for when the record was scanned.
    at = load<u32>(table.starts + ((<usize>place.below) << 2));
    key = 1;
  }
  for (; key < depth && at !== 0; key++) {
    const entry = place.keys + ((<usize>key) << 3);
    at = step(at, load<u32>(entry), load<u32>(entry + 4));
    if (at === unknown) return unknown;
  }
  return at;
}

/** From a value to the one under a key of it. */
function step(at: usize, key: usize, length: u32): usize {
  const type = <u32>load<u8>(at);
  if (type >= 0x80 && type <= 0x8f) return valueIn(at + 1, type & 0x0f, key, length);
  if (type === 0xde) return valueIn(at + 3, load16(at + 1), key, length);
  // Lists have their own rules, and a text may hold JSON, which a path goes into.
  if ((type >= 0x90 && type <= 0x9f) || type === 0xdc) return unknown;
  const text = startOfText(at);
  if (text === 0) return 0;
  const first = <u32>load<u8>(text);
  const isWord = first > 0x20 && first < 0x7f && first !== 0x7b && first !== 0x5b;
  return isWord || isEmpty(at) ? 0 : unknown;
}

/** The value of a key in a map, the last one's if it repeats; the map was scanned. */
function valueIn(first: usize, pairs: u32, key: usize, length: u32): usize {
  let found: usize = 0;
  let at = first;
  for (let pair: u32 = 0; pair < pairs; pair++) {
    const type = <u32>load<u8>(at);
    const own = type === 0xd9 ? <u32>load<u8>(at + 1) : type & 0x1f;
    const start = type === 0xd9 ? at + 2 : at + 1;
    at = start + own;
    if (own === length && areSame(key, start, length)) found = at;
    const first = <u32>load<u8>(at);
    at = first >= 0xa0 && first <= 0xbf ? at + 1 + (first & 0x1f) : skip(at, 0xfffffff0, 0);
  }
  return found;
}
