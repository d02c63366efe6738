// AssemblyScript (https://www.assemblyscript.org): TypeScript's syntax, the processor's types. See assembly.ts beside this folder.

/** What can't be told from the bytes alone: the record is to be decoded. */
export const unclear: usize = 0;

/** The value goes on behind the end of the window, or is said to. Greater than any address. */
export const broken: usize = 0xffffffff;

/** Containers in containers that are followed. */
const deepest: i32 = 32;

/** The number of 16 bits at an address, big-endian. */
export function load16(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}

/** The number of 32 bits at an address, big-endian. */
export function load32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** Whether a value of this type is a map that is followed. */
export function isMap(type: u32): bool {
  return (type >= 0x80 && type <= 0x8f) || type === 0xde;
}

/** So many bytes further, which may be said to be more than there are. */
function behind(at: usize, length: u32, end: usize): usize {
  return at > end || length > <u32>(end - at) ? broken : at + length;
}

/**
 * Where the value at an address ends: a greater one than `end` when it breaks off there. What is read behind the end on the
 * way (a window of memory has bytes there) can only make it break off, too.
 */
export function skip(at: usize, end: usize, depth: i32): usize {
  if (at >= end) return broken;
  const type = <u32>load<u8>(at);
  if (type <= 0x7f || type >= 0xe0) return at + 1;
  if (type >= 0xa0 && type <= 0xbf) return at + 1 + (type & 0x1f);
  if (type <= 0x8f) return skipItems(at + 1, type & 0x0f, true, end, depth);
  if (type <= 0x9f) return skipItems(at + 1, type & 0x0f, false, end, depth);
  switch (type) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return at + 1;
    case 0xcc: // uint 8
    case 0xd0:
      return at + 2;
    case 0xcd:
    case 0xd1:
      return at + 3;
    case 0xca: // float 32
    case 0xce:
    case 0xd2:
      return at + 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return at + 9;
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return behind(at + 2, load<u8>(at + 1), end);
    case 0xc5:
    case 0xda:
      return behind(at + 3, load16(at + 1), end);
    case 0xc6:
    case 0xdb:
      return behind(at + 5, load32(at + 1), end);
    case 0xdc: // array 16
      return skipItems(at + 3, load16(at + 1), false, end, depth);
    case 0xde: // map 16
      return skipItems(at + 3, load16(at + 1), true, end, depth);
    default:
      return unclear;
  }
}

function skipItems(first: usize, count: u32, isMap: bool, end: usize, depth: i32): usize {
  if (depth >= deepest) return unclear;
  let at = first;
  for (let item: u32 = 0; item < count; item++) {
    if (isMap) {
      if (at >= end) return broken;
      at = endOfKey(at);
      if (at === unclear) return unclear;
    }
    at = skip(at, end, depth + 1);
    if (at === unclear || at > end) return at;
  }
  return at;
}

/** Where the key at an address ends, which is a short text, or `unclear`. */
function endOfKey(at: usize): usize {
  const type = <u32>load<u8>(at);
  if (type >= 0xa0 && type <= 0xbf) return at + 1 + (type & 0x1f);
  return type === 0xd9 ? at + 2 + <u32>load<u8>(at + 1) : unclear;
}
