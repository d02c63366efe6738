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

/** A record, or what is none. */
export type JsonPart = Entry | BadEntry;

/**
 * Decodes JSON: an array of records, one record, or NDJSON. A line or element that is no record stands
 * alone among the bad ones as long as one other is good.
 *
 * @param now the time of the records: JSON carries none that is Fluent Bit's
 * @throws BodyError when nothing in the body is a record, or too much
 */
export function decodeJsonBody(bytes: Buffer, now: EventTime): DecodedBody {
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  for (const part of jsonParts(bytes, now)) {
    if ('record' in part) entries.push(part);
    else bad.push(part);
  }
  return { entries, bad };
}

/**
 * The same one by one, as they stand in the body: those of NDJSON are not all in memory. What was given is void when an
 * error follows.
 */
export function* jsonParts(bytes: Buffer, now: EventTime): Generator<JsonPart, void> {
  // Where more follows the first line, and that is a record, it is NDJSON: the whole needs no try.
  const whole = beginsAsLines(bytes) ? undefined : tryParseJson(decodeText(bytes));
  if (Array.isArray(whole)) {
    yield* fromArray(whole, now);
    return;
  }
  if (isRecord(whole)) {
    yield { time: now, record: whole };
    return;
  }
  if (yield* fromLines(bytes, now)) return;
  // Nothing can be saved: say where the body as a whole stops being JSON.
  if (whole !== undefined) throw new BodyError(0, 'no JSON records: no object or array of objects at byte 0');
  // JSON's own signs are ASCII: read as Latin-1 every byte is one character, and the offset is in bytes.
  const { offset, reason } = describeJsonError(bytes.toString('latin1', markLength(bytes)));
  const at = offset + markLength(bytes);
  throw new BodyError(at, `no JSON records: ${reason} at byte ${at}`);
}

function beginsAsLines(bytes: Buffer): boolean {
  const end = bytes.indexOf(lineFeed);
  if (end < 0 || ends(bytes, end + 1, bytes.length) === 'blank') return false;
  return ends(bytes, 0, end) === 'object' && isRecord(tryParseJson(decodeText(bytes.subarray(0, end))));
}

/** UTF-8 without the byte-order mark that Windows tools put in front. */
function decodeText(bytes: Buffer): string {
  return bytes.toString('utf8', markLength(bytes));
}

function markLength(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function* fromArray(items: unknown[], now: EventTime): Generator<JsonPart, void> {
  if (items.length > mostRecords) throw new TooManyRecords(0);
  for (const [index, item] of items.entries()) {
    if (isRecord(item)) yield { time: now, record: item };
    else
      yield {
        time: now,
        offset: 0,
        reason: `element ${index} is no object`,
        raw: Buffer.from(jsonOf(item)),
      };
  }
}

/** Nothing, when it is nested beyond the stack. */
function jsonOf(item: unknown): string {
  try {
    return toJsonText(item);
  } catch {
    return '';
  }
}

/**
 * Split at LF only: U+2028 and U+2029 may stand inside JSON text.
 *
 * @returns whether there is a record; without one nothing is given
 */
function* fromLines(bytes: Buffer, now: EventTime): Generator<JsonPart, boolean> {
  checkLines(bytes);
  let isAny = false;
  /** Where lines that are none begin and end, before the first record. */
  let held: number[] = [];
  const bad = (start: number, end: number): BadEntry => ({
    time: now,
    offset: start,
    reason: `the line at byte ${start} is no JSON object`,
    raw: bytes.subarray(start, end),
  });
  for (let start = 0, end: number; start < bytes.length; start = end + 1) {
    const next = bytes.indexOf(lineFeed, start);
    end = next < 0 ? bytes.length : next;
    const kind = ends(bytes, start, end);
    if (kind === 'blank') continue;
    let record: unknown;
    if (kind !== 'other') {
      const line = decodeText(bytes.subarray(start, end));
      if (line.trim() === '') continue;
      record = tryParseJson(line);
    }
    if (isRecord(record)) {
      isAny = true;
      for (let at = 0; at < held.length; at += 2) yield bad(held[at]!, held[at + 1]!);
      held = [];
      yield { time: now, record };
    } else if (isAny) yield bad(start, end);
    else held.push(start, end);
  }
  return isAny;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * What a line can be by its first and last byte: to try to parse what is no JSON costs ten times as much as to parse.
 * `unknown` has signs in front that may be blank, a byte-order mark for one.
 */
function ends(bytes: Buffer, start: number, end: number): 'blank' | 'object' | 'other' | 'unknown' {
  let first = start;
  while (first < end && isBlank(bytes[first]!)) first++;
  if (first === end) return 'blank';
  const byte = bytes[first]!;
  if (byte < 0x20 || byte >= 0x7f) return 'unknown';
  let last = end - 1;
  while (isBlank(bytes[last]!)) last--;
  return byte === openBrace && bytes[last] === closeBrace ? 'object' : 'other';
}

/** Space, tab, line feed and carriage return are all that JSON knows (RFC 8259, section 2). */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b && byte !== 0x0c);
}

/** Before any is read: each takes memory, or becomes a dead letter. */
function checkLines(bytes: Buffer): void {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1))
    if (++count > mostRecords) throw new TooManyRecords(at);
}
