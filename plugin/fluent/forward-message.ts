import { Packr, RESET_BUFFER_MODE } from 'msgpackr/pack';
import { type EventTime, eventTimeLength, writeEventTime } from './event-time.ts';

// Integers beyond 64 bits become text: msgpack has no form for them. Without useToJSON: false a record with keys
// `constructor` and `toJSON` of its own would be taken for an object of a class, and its toJSON called.
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  largeBigIntToString: true,
  useToJSON: false,
});

/**
 * Bytes of events that one message may carry: Fluent Bit closes the connection on a message over
 * Buffer_Max_Size, 6,144,000 by default.
 */
export const largestMessage = 6_000_000;

const arrayOfTwo = 0x92;
const arrayOfThree = 0x93;

/**
 * Packs the record of an event.
 *
 * @returns memory that is used again for the next one
 * @throws RangeError when the record is nested beyond the stack
 */
export function packRecord(record: Record<string, unknown>): Buffer {
  return packr.pack(record, RESET_BUFFER_MODE);
}

/**
 * Packs one event as Fluent Bit stores it: `[EventTime, record]`. There is no metadata map, which JSON
 * outputs would print as `__internal__`; msgpackr refuses ext type 0, so the time is written by hand.
 *
 * @throws RangeError when the record is nested beyond the stack
 */
export function packEvent(time: EventTime, record: Record<string, unknown>): Buffer {
  const body = packRecord(record);
  const event = Buffer.allocUnsafe(1 + eventTimeLength + body.length);
  event[0] = arrayOfTwo;
  writeEventTime(time, new DataView(event.buffer, event.byteOffset), 1);
  body.copy(event, 1 + eventTimeLength);
  return event;
}

/**
 * A forward message in PackedForward mode: `[tag, bin of the events, {chunk, size}]`. The `chunk` option
 * makes Fluent Bit acknowledge the message once it is in its buffer.
 * https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#packedforward-mode
 *
 * @param events packed by `packEvent`, one or several in each piece
 * @param size how many events that is
 * @returns the message in pieces, one behind the other: the events are not copied
 */
export function packForwardMessage(
  tag: string,
  events: readonly Buffer[],
  chunk: string,
  size: number = events.length,
): Buffer[] {
  const bytes = events.reduce((sum, event) => sum + event.length, 0);
  const packedTag = packr.pack(tag);
  const head = Buffer.allocUnsafe(1 + packedTag.length + 5);
  head[0] = arrayOfThree;
  head.set(packedTag, 1);
  head[1 + packedTag.length] = 0xc6;
  head.writeUInt32BE(bytes, 2 + packedTag.length);
  return [head, ...events, packMessage({ chunk, size })];
}

/** Packs any other message of the protocol (HELO, PING, PONG). */
export function packMessage(message: unknown): Buffer {
  return Buffer.from(packr.pack(message));
}
