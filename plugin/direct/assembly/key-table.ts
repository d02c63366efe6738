/** As the constructor of ../key-table.ts lays it out. */
@unmanaged
export class KeyTable {
  /** Slots, one for each key. */
  size: u32;
  mask: u32;
  /** For each hash the first slot, and for each slot the next with the same hash; -1 for none. */
  first: usize;
  next: usize;
  /** For each slot the address of its key, and its length. */
  keys: usize;
  /** For each slot the address of the value that the last record has under its key; 0 for none. */
  starts: usize;
  /** Keys at the top of the last record. */
  length: u32;
}

/** The slot of the key at an address, or -1. */
export function find(table: KeyTable, key: usize, length: u32): i32 {
  let slot = load<i32>(table.first + ((hashOfEnds(key, length) & table.mask) << 2));
  while (slot >= 0) {
    const entry = table.keys + ((<usize>slot) << 3);
    if (load<u32>(entry + 4) === length && areSame(load<u32>(entry), key, length)) return slot;
    slot = load<i32>(table.next + ((<usize>slot) << 2));
  }
  return slot;
}

/** Keys of one record differ in length or at an end; a sender that makes them collide costs himself time. */
export function hashOfEnds(key: usize, length: u32): u32 {
  if (length < 4) return length === 0 ? 0 : <u32>load<u8>(key) * 7 + <u32>load<u8>(key + length - 1) * 31;
  const ends = load<u32>(key) ^ (load<u32>(key + length - 4) * 31);
  const hash = (ends + length) * 0x9e3779b1;
  return hash ^ (hash >> 15);
}

function areSame(one: usize, other: usize, length: u32): bool {
  if (length < 4) {
    for (let at: u32 = 0; at < length; at++) if (load<u8>(one + at) !== load<u8>(other + at)) return false;
    return true;
  }
  const last = length - 4;
  for (let at: u32 = 0; at < last; at += 4) if (load<u32>(one + at) !== load<u32>(other + at)) return false;
  return load<u32>(one + last) === load<u32>(other + last);
}
