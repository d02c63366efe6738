import { packEvent, packMessage } from '../../plugin/fluent/forward-message.ts';

/** A moment with nanoseconds, and the same one as Fluent Bit writes it: `fixext 8` of type 0. */
export const time = { seconds: 1772438437, nanoseconds: 123456789 };
export const eventTime = Buffer.from('d70069a543a5075bcd15', 'hex');

/** The time that records get which carry none. */
export const now = { seconds: 1772500000, nanoseconds: 0 };

/** `[EventTime, record]`: Fluent Bit 1.8. */
export function entry18(record: Record<string, unknown>): Buffer {
  return packEvent(time, record);
}

/** `[[EventTime, metadata], record]`: Fluent Bit 2.1 and later. */
export function entry5(record: Record<string, unknown>, metadata: Record<string, unknown> = {}): Buffer {
  return entryWith(Buffer.concat([Buffer.of(0x92), eventTime, packMessage(metadata)]), packMessage(record));
}

/** An entry of any two packed values. */
export function entryWith(header: Buffer, record: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x92), header, record]);
}

/** Deeper than any stack: lists in lists, packed. */
export function nestedLists(depth: number): Buffer {
  return Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.of(0xc0)]);
}
