/**
 * Fluent's EventTime: msgpack ext type 0 of 8 bytes, seconds and nanoseconds, 32 bits each, big endian.
 * Written in its `fixext 8` form it takes 10 bytes.
 * https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#eventtime-ext-format
 */
export const eventTimeLength = 10;

/** 2^32 - 1 seconds and one less mark the start and end of a group in Fluent Bit 3.2 and later: no records. */
const firstGroupMark = 0xfffffffe;

export interface EventTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/**
 * Reads the time of an entry: EventTime in its two ext forms, an integer (old senders) or a float.
 *
 * @param at byte offset of the time
 * @returns undefined when what stands there is no time
 */
export function readEventTime(bytes: Buffer, at: number): EventTime | undefined {
  const type = bytes[at];
  if (type === 0xd7 && bytes[at + 1] === 0) return readEventTimeData(bytes, at + 2);
  if (type === 0xc7 && bytes[at + 1] === 8 && bytes[at + 2] === 0) return readEventTimeData(bytes, at + 3);
  const seconds = readNumber(bytes, at);
  if (seconds === undefined || !(seconds >= 0 && seconds <= 0xffffffff)) return undefined;
  const whole = Math.floor(seconds);
  // A float64 holds microseconds at today's dates; what lies below is noise.
  return { seconds: whole, nanoseconds: Math.min(999_999_000, Math.round((seconds - whole) * 1e6) * 1000) };
}

/** Whether the time is Fluent Bit's mark of a group, which stands in a record's place and is none. */
export function isGroupMark(time: EventTime): boolean {
  return time.seconds >= firstGroupMark;
}

/** Writes a time in its `fixext 8` form at an offset. @throws RangeError when there is no room for it */
export function writeEventTime(time: EventTime, target: DataView, at: number): void {
  target.setUint16(at, 0xd700);
  target.setUint32(at + 2, time.seconds);
  target.setUint32(at + 6, time.nanoseconds);
}

/** Epoch milliseconds, rounded down. */
export function toMilliseconds(time: EventTime): number {
  return time.seconds * 1000 + Math.floor(time.nanoseconds / 1e6);
}

/** The time of a moment given in epoch milliseconds; before 1970 there is no EventTime. */
export function fromMilliseconds(milliseconds: number): EventTime {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return { seconds, nanoseconds: Math.max(0, Math.round(milliseconds - seconds * 1000)) * 1e6 };
}

/** Reads the 8 bytes that an EventTime's ext header announces. */
export function readEventTimeData(bytes: Buffer, at = 0): EventTime {
  return { seconds: bytes.readUInt32BE(at), nanoseconds: bytes.readUInt32BE(at + 4) };
}

function readNumber(bytes: Buffer, at: number): number | undefined {
  const type = bytes[at]!;
  if (type <= 0x7f) return type;
  switch (type) {
    case 0xca:
      return bytes.readFloatBE(at + 1);
    case 0xcb:
      return bytes.readDoubleBE(at + 1);
    case 0xcc:
      return bytes[at + 1];
    case 0xcd:
      return bytes.readUInt16BE(at + 1);
    case 0xce:
      return bytes.readUInt32BE(at + 1);
    case 0xcf:
      return Number(bytes.readBigUInt64BE(at + 1));
    case 0xd0:
      return bytes.readInt8(at + 1);
    case 0xd1:
      return bytes.readInt16BE(at + 1);
    case 0xd2:
      return bytes.readInt32BE(at + 1);
    case 0xd3:
      return Number(bytes.readBigInt64BE(at + 1));
    default:
      return undefined;
  }
}
