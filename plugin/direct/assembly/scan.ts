import { findAt, Key, KeyTable } from './key-table';
import { broken, isMap, load16, skip, unclear } from './skip';

/**
 * Notes where the values of the wanted keys lie in the record at an address, the last one's if a key repeats.
 *
 * @returns where the record ends, `unclear`, or `broken`
 */
export function scan(table: KeyTable, start: usize, end: usize): usize {
  for (let at = table.starts, last = at + table.startsLength; at < last; at += 16)
    v128.store(at, i32x4.splat(0));
  return scanMap(table, start, end, 0);
}

function scanMap(table: KeyTable, start: usize, end: usize, depth: i32): usize {
  if (start >= end) return broken;
  const starts = table.starts;
  const type = <u32>load<u8>(start);
  let pairs: u32;
  let at: usize;
  if (type >= 0x80 && type <= 0x8f) {
    pairs = type & 0x0f;
    at = start + 1;
  } else if (type === 0xde) {
    if (start + 3 > end) return broken;
    pairs = load16(start + 1);
    at = start + 3;
  } else return unclear;
  table.length = pairs;
  for (let pair: u32 = 0; pair < pairs; pair++) {
    if (at >= end) return broken;
    const kind = <u32>load<u8>(at);
    let length: u32;
    if (kind >= 0xa0 && kind <= 0xbf) {
      length = kind & 0x1f;
      at += 1;
    } else if (kind === 0xd9) {
      length = load<u8>(at + 1);
      at += 2;
    } else return unclear;
    const value = at + length;
    if (value >= end) return broken;
    const key = findAt(table, pair, at, length);
    const first = <u32>load<u8>(value);
    let below: usize = 0;
    if (key !== 0) {
      const place = starts + ((<usize>changetype<Key>(key).slot) << 2);
      below = changetype<Key>(key).below;
      // What was found below the first of two would be taken for the second's.
      if (below !== 0 && load<u32>(place) !== 0) return unclear;
      store<u32>(place, <u32>value);
    }
    // Most are short texts.
    if (first >= 0xa0 && first <= 0xbf) at = value + 1 + (first & 0x1f);
    else if (below !== 0 && isMap(first)) at = scanMap(changetype<KeyTable>(below), value, end, depth + 1);
    else at = skip(value, end, depth);
    if (at === unclear || at > end) return at;
  }
  return at;
}
