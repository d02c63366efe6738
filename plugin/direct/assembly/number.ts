import { load16, load32 } from './skip';

/** Writes the whole number from 0 to 2^32 - 1 at an address, in decimal. @returns where it ends, or 0 when there is none */
export function writeSmall(at: usize, to: usize): usize {
  const type = <u32>load<u8>(at);
  if (type <= 0x7f) return writeNumber(type, to);
  if (type === 0xcc) return writeNumber(load<u8>(at + 1), to);
  if (type === 0xcd) return writeNumber(load16(at + 1), to);
  return type === 0xce ? writeNumber(load32(at + 1), to) : 0;
}

/** Writes a whole number, in decimal. */
export function writeNumber(number: u64, to: usize): usize {
  if (number < 1_000_000_000) return writeDigits(<u32>number, digitsOf(<u32>number), to);
  // To divide 32 bits by ten is a multiplication; 64 bits take many times as long.
  const high = <u32>(number / 1_000_000_000);
  const low = <u32>(number - <u64>high * 1_000_000_000);
  return writeDigits(low, 9, writeDigits(high, digitsOf(high), to));
}

function digitsOf(number: u32): u32 {
  let count: u32 = 1;
  for (let rest = number; rest >= 10; rest /= 10) count++;
  return count;
}

function writeDigits(number: u32, count: u32, to: usize): usize {
  const end = to + count;
  let rest = number;
  for (let at = end; at > to; ) {
    const next = rest / 10;
    store<u8>(--at, <u8>(0x30 + (rest - next * 10)));
    rest = next;
  }
  return end;
}
