import { describeJsonError, toJsonText, tryParseJson } from '../mapping/json.ts';
import {
  type BadEntry,
  BodyError,
  type DecodedBody,
  type Entry,
  isRecord,
  mostRecords,
  TooManyRecords,
} from './entry.ts';
import type { EventTime } from './event-time.ts';

const lineFeed = 0x0a;

/**
 * Decodes JSON: an array of records, one record, or NDJSON. A line or element that is no record stands
 * alone among the bad ones as long as one other is good.
 *
 * @param now the time of the records: JSON carries none that is Fluent Bit's
 * @throws BodyError when nothing in the body is a record, or too much
 */
export function decodeJsonBody(bytes: Buffer, now: EventTime): DecodedBody {
  const text = decodeText(bytes);
  const whole = tryParseJson(text);
  if (Array.isArray(whole)) return fromArray(whole, now);
  if (isRecord(whole)) return { entries: [{ time: now, record: whole }], bad: [] };
  const lines = fromLines(bytes, now);
  if (lines.entries.length > 0) return lines;
  // Nothing can be saved: say where the body as a whole stops being JSON.
  if (whole !== undefined) throw new BodyError(0, 'no JSON records: no object or array of objects at byte 0');
  // JSON's own signs are ASCII: read as Latin-1 every byte is one character, and the offset is in bytes.
  const { offset, reason } = describeJsonError(bytes.toString('latin1', markLength(bytes)));
  const at = offset + markLength(bytes);
  throw new BodyError(at, `no JSON records: ${reason} at byte ${at}`);
}

/** UTF-8 without the byte-order mark that Windows tools put in front. */
function decodeText(bytes: Buffer): string {
  return bytes.toString('utf8', markLength(bytes));
}

function markLength(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function fromArray(items: unknown[], now: EventTime): DecodedBody {
  if (items.length > mostRecords) throw new TooManyRecords(0);
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  for (const [index, item] of items.entries()) {
    if (isRecord(item)) entries.push({ time: now, record: item });
    else
      bad.push({
        time: now,
        offset: 0,
        reason: `element ${index} is no object`,
        raw: Buffer.from(jsonOf(item)),
      });
  }
  return { entries, bad };
}

/** Nothing, when it is nested beyond the stack. */
function jsonOf(item: unknown): string {
  try {
    return toJsonText(item);
  } catch {
    return '';
  }
}

/** Split at LF only: U+2028 and U+2029 may stand inside JSON text. */
function fromLines(bytes: Buffer, now: EventTime): DecodedBody {
  checkLines(bytes);
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  let start = 0;
  while (start < bytes.length) {
    const next = bytes.indexOf(lineFeed, start);
    const end = next < 0 ? bytes.length : next;
    const line = decodeText(bytes.subarray(start, end));
    if (line.trim() !== '') {
      const record = tryParseJson(line);
      if (isRecord(record)) entries.push({ time: now, record });
      else
        bad.push({
          time: now,
          offset: start,
          reason: `the line at byte ${start} is no JSON object`,
          raw: bytes.subarray(start, end),
        });
    }
    start = end + 1;
  }
  return { entries, bad };
}

/** Before any is read: a million that are no JSON take seconds. */
function checkLines(bytes: Buffer): void {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1))
    if (++count > mostRecords) throw new TooManyRecords(at);
}
