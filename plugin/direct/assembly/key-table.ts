/** As the constructor of ../key-table.ts lays it out. */
@unmanaged
export class KeyTable {
  mask: u32;
  /** For each hash, masked, the first key; 0 for none. */
  first: usize;
  /** For each key, by its slot, the address of the value that the last record has under it; 0 for none. */
  starts: usize;
  /** Bytes of these, sixteen by sixteen: those below the top have them in the same place. */
  startsLength: u32;
  /** Keys at the top of the last record. */
  length: u32;
  /** The key that stood at each place of the last records. */
  guesses: usize;
}

/** A key. Its bytes follow, and fifteen that may be read. */
@unmanaged
export class Key {
  /** The next with the same hash; 0 for none. */
  next: usize;
  length: u32;
  slot: u32;
  /** The table of the keys that are wanted below it; 0 for none. */
  below: usize;
}

const bytesOfKey: usize = 16;

/** Places that are guessed at, a power of two: neighbours mostly have the same keys in the same order. */
const guesses: u32 = 32;

/** @returns the key at an address, which is a record's at a place; 0 when it is none of the table's */
// @inline
export function findAt(table: KeyTable, place: u32, at: usize, length: u32): usize {
  const guessAt = table.guesses + ((<usize>place & (guesses - 1)) << 2);
  const guess = <usize>load<u32>(guessAt);
  if (guess !== 0 && changetype<Key>(guess).length === length && areSame(guess + bytesOfKey, at, length))
    return guess;
  const key = find(table, at, length);
  store<u32>(guessAt, <u32>key);
  return key;
}

/** @returns the key at an address; 0 when it is none of the table's */
export function find(table: KeyTable, at: usize, length: u32): usize {
  let key = <usize>load<u32>(table.first + ((hashOfEnds(at, length) & table.mask) << 2));
  while (key !== 0 && (changetype<Key>(key).length !== length || !areSame(key + bytesOfKey, at, length)))
    key = changetype<Key>(key).next;
  return key;
}

/** Keys of one record differ in length or at an end; a sender that makes them collide costs himself time. */
export function hashOfEnds(key: usize, length: u32): u32 {
  if (length < 4) return length === 0 ? 0 : <u32>load<u8>(key) * 7 + <u32>load<u8>(key + length - 1) * 31;
  const ends = load<u32>(key) ^ (load<u32>(key + length - 4) * 31);
  const hash = (ends + length) * 0x9e3779b1;
  return hash ^ (hash >> 15);
}

/** Whether so many bytes are the same. Up to 15 behind them are read. */
// @inline
export function areSame(one: usize, other: usize, length: u32): bool {
  let at: u32 = 0;
  for (; at + 16 < length; at += 16)
    if (i8x16.bitmask(i8x16.eq(v128.load(one + at), v128.load(other + at))) !== 0xffff) return false;
  const same = i8x16.bitmask(i8x16.eq(v128.load(one + at), v128.load(other + at)));
  return ctz(~same) >= <i32>(length - at);
}
