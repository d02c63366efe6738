import { copyPiece } from './program';
import { load16, load32 } from './skip';

/** The whole number from 0 to 2^32 - 1 at an address; -1 when there is none. */
export function smallNumber(at: usize): i64 {
  const type = <u32>load<u8>(at);
  if (type <= 0x7f) return type;
  if (type === 0xcc) return load<u8>(at + 1);
  if (type === 0xcd) return load16(at + 1);
  return type === 0xce ? load32(at + 1) : -1;
}

/** Writes such a number in decimal. @returns where it ends, or 0 when there is none */
export function writeSmall(at: usize, to: usize): usize {
  const number = smallNumber(at);
  return number < 0 ? 0 : writeDigits(<u32>number, digitsOf(<u32>number), to);
}

/** Writes a whole number from 0 to 2^53, in decimal. */
export function writeNumber(number: f64, to: usize): usize {
  if (number < 1e9) return writeDigits(<u32>number, digitsOf(<u32>number), to);
  // Exact: what is one less than a multiple differs from it by more than half of what 53 bits can tell there.
  const high = <u32>(number / 1e9);
  const low = <u32>(number - <f64>high * 1e9);
  return writeDigits(low, 9, writeDigits(high, digitsOf(high), to));
}

function digitsOf(number: u32): u32 {
  let count: u32 = 1;
  for (let rest = number; rest >= 10; rest /= 10) count++;
  return count;
}

/** Writes a number with so many digits, zeros in front. */
export function writeDigits(number: u32, count: u32, to: usize): usize {
  const end = to + count;
  let at = end;
  let rest = number;
  // Two at a time: each division waits for the one before.
  for (; at > to + 1; at -= 2) {
    const next = rest / 100;
    const two = rest - next * 100;
    const tens = two / 10;
    store<u16>(at - 2, <u16>(0x3030 + tens + ((two - tens * 10) << 8)));
    rest = next;
  }
  if (at > to) store<u8>(to, <u8>(0x30 + rest));
  return end;
}

/** The time that was written last: neighbours often have the same. */
let lastTime: f64 = -1;
let lastLength: u32 = 0;
const lastText = memory.data(32, 16);

/** Writes a time, epoch milliseconds, in decimal. @returns where it ends */
export function writeTime(time: f64, to: usize): usize {
  if (time !== lastTime) {
    lastTime = time;
    lastLength = <u32>(writeNumber(time, lastText) - lastText);
  }
  return copyPiece(lastText, lastLength, to);
}
