import { addExtension, type Options, Unpackr } from 'msgpackr/unpack';
import { type BadEntry, BodyError, type DecodedBody, type Entry, isRecord } from './entry.ts';
import {
  type EventTime,
  isGroupMark,
  readEventTime,
  readEventTimeData,
  toMilliseconds,
} from './event-time.ts';
import { arrayHeader, endOfValue, isMap, MsgpackError } from './msgpack-scan.ts';

// A record's own values may hold Fluent's EventTime too; as a date it has a text in every format.
addExtension({
  type: 0,
  unpack: (bytes: Uint8Array) =>
    bytes.length === 8 ? new Date(toMilliseconds(readEventTimeData(Buffer.from(bytes)))) : null,
});

// 'auto' (missing in the package's types): a number where it is exact, else a bigint.
const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'auto',
  // A function may keep what it is given, and the memory of the direct path is used again.
  copyBuffers: true,
} as unknown as Options);

/** What stands at one place of a body; neither, where it is the mark of a group. */
export interface EntryAt {
  /** Offset behind it. */
  readonly end: number;
  readonly entry?: Entry;
  readonly bad?: BadEntry;
}

/**
 * Decodes one entry of what Fluent Bit's out_http sends with `format msgpack`: entries one after another,
 * each `[time, record]` (1.8) or `[[time, metadata], record]` (2.1 and later).
 *
 * @param now the time for an entry whose own can't be read
 * @throws BodyError when the bytes themselves are no msgpack from there on
 */
export function msgpackEntryAt(bytes: Buffer, at: number, now: EventTime): EntryAt {
  const end = endOfEntry(bytes, at);
  const parts = splitEntry(bytes, at);
  if (!parts?.time) {
    const reason = `no [time, record] at byte ${at}`;
    return { end, bad: { time: now, offset: at, reason, raw: bytes.subarray(at, end) } };
  }
  const { time, recordAt } = parts;
  if (isGroupMark(time)) return { end };
  const record = isMap(bytes, recordAt) ? unpackValue(bytes, recordAt, end) : undefined;
  if (isRecord(record)) return { end, entry: { time, record } };
  const reason = `no record at byte ${recordAt}`;
  return { end, bad: { time, offset: recordAt, reason, raw: bytes.subarray(at, end) } };
}

/**
 * Decodes a whole body of such entries. An entry that is no record stands alone among the bad ones.
 *
 * @param now the time for an entry whose own can't be read
 * @throws BodyError when the bytes themselves are no msgpack from some offset on
 */
export function decodeMsgpackBody(bytes: Buffer, now: EventTime): DecodedBody {
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = msgpackEntryAt(bytes, at, now);
    if (found.entry) entries.push(found.entry);
    if (found.bad) bad.push(found.bad);
    at = found.end;
  }
  return { entries, bad };
}

/** @throws BodyError when the bytes are no msgpack from there on */
export function endOfEntry(bytes: Buffer, at: number): number {
  try {
    return endOfValue(bytes, at);
  } catch (error) {
    if (error instanceof MsgpackError) throw new BodyError(error.offset, error.message);
    throw error;
  }
}

/** The parts of `[time, record]` or `[[time, metadata], record]`; the entry is known to be whole. */
function splitEntry(
  bytes: Buffer,
  at: number,
): { time: EventTime | undefined; recordAt: number } | undefined {
  const entry = arrayHeader(bytes, at);
  if (entry?.length !== 2) return undefined;
  const header = arrayHeader(bytes, entry.first);
  const time = readEventTime(bytes, header && header.length > 0 ? header.first : entry.first);
  return { time, recordAt: endOfValue(bytes, entry.first) };
}

/**
 * The value between two offsets.
 *
 * @returns undefined when it can't be decoded: an unknown ext type, nesting beyond the stack
 */
export function unpackValue(bytes: Buffer, start: number, end: number): unknown {
  try {
    // One body is one source: msgpackr makes a DataView of each that it meets for the first time.
    return unpackr.unpack(bytes, { start, end });
  } catch {
    return undefined;
  }
}
