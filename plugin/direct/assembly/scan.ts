import { findAt, Key, KeyTable } from './key-table';
import { broken, load16, skip, unclear } from './skip';

/**
 * Notes where the values of the wanted keys lie in the record at an address, the last one's if a key repeats.
 *
 * @returns where the record ends, `unclear`, or `broken`
 */
export function scan(table: KeyTable, start: usize, end: usize): usize {
  const starts = table.starts;
  for (let at = starts, last = at + table.startsLength; at < last; at += 16) v128.store(at, i32x4.splat(0));
  if (start >= end) return broken;
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
    if (key !== 0) store<u32>(starts + ((<usize>changetype<Key>(key).slot) << 2), <u32>value);
    const first = <u32>load<u8>(value);
    // Most are short texts.
    at = first >= 0xa0 && first <= 0xbf ? value + 1 + (first & 0x1f) : skip(value, end, 0);
    if (at === unclear || at > end) return at;
  }
  return at;
}
