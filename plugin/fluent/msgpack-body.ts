import { addExtension, type Options, Unpackr } from 'msgpackr';
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
} as unknown as Options);

/**
 * Decodes what Fluent Bit's out_http sends with `format msgpack`: entries one after another, each
 * `[time, record]` (1.8) or `[[time, metadata], record]` (2.1 and later). An entry that is no record
 * stands alone among the bad ones.
 *
 * @param now the time for an entry whose own can't be read
 * @throws BodyError when the bytes themselves are no msgpack from some offset on
 */
export function decodeMsgpackBody(bytes: Buffer, now: EventTime): DecodedBody {
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfEntry(bytes, at);
    const parts = splitEntry(bytes, at);
    if (!parts?.time) {
      bad.push({
        time: now,
        offset: at,
        reason: `no [time, record] at byte ${at}`,
        raw: bytes.subarray(at, end),
      });
    } else if (!isGroupMark(parts.time)) {
      const { time, recordAt } = parts;
      const record = isMap(bytes, recordAt) ? unpack(bytes, recordAt, end) : undefined;
      if (isRecord(record)) entries.push({ time, record });
      else
        bad.push({
          time,
          offset: recordAt,
          reason: `no record at byte ${recordAt}`,
          raw: bytes.subarray(at, end),
        });
    }
    at = end;
  }
  return { entries, bad };
}

function endOfEntry(bytes: Buffer, at: number): number {
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

/** undefined when the record can't be decoded: an unknown ext type, nesting beyond the stack. */
function unpack(bytes: Buffer, start: number, end: number): unknown {
  try {
    return unpackr.unpack(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}
