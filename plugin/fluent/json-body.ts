import { describeJsonError, parseJson } from '../mapping/json.ts';
import { type BadEntry, BodyError, type DecodedBody, type Entry, isRecord } from './entry.ts';
import type { EventTime } from './event-time.ts';

const lineFeed = 0x0a;

/**
 * Decodes JSON: an array of records, one record, or NDJSON. A line or element that is no record stands
 * alone among the bad ones as long as one other is good.
 *
 * @param now the time of the records: JSON carries none that is Fluent Bit's
 * @throws BodyError when nothing in the body is a record
 */
export function decodeJsonBody(bytes: Buffer, now: EventTime): DecodedBody {
  const text = decodeText(bytes);
  const whole = tryParse(text);
  if (Array.isArray(whole)) return fromArray(whole, now);
  if (isRecord(whole)) return { entries: [{ time: now, record: whole }], bad: [] };
  const lines = fromLines(bytes, now);
  if (lines.entries.length > 0) return lines;
  // Nothing can be saved: say where the body as a whole stops being JSON.
  const { offset, reason } =
    whole === undefined
      ? describeJsonError(text)
      : { offset: 0, reason: 'not an object or array of objects' };
  const byteOffset = Buffer.byteLength(text.slice(0, offset)) + (bytes.length - Buffer.byteLength(text));
  throw new BodyError(byteOffset, `no JSON records: ${reason} at byte ${byteOffset}`);
}

/** UTF-8 without the byte-order mark that Windows tools put in front. */
function decodeText(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

function fromArray(items: unknown[], now: EventTime): DecodedBody {
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  for (const [index, item] of items.entries()) {
    if (isRecord(item)) entries.push({ time: now, record: item });
    else
      bad.push({
        time: now,
        offset: 0,
        reason: `element ${index} is no object`,
        raw: Buffer.from(JSON.stringify(item) ?? ''),
      });
  }
  return { entries, bad };
}

/** Split at LF only: U+2028 and U+2029 may stand inside JSON text. */
function fromLines(bytes: Buffer, now: EventTime): DecodedBody {
  const entries: Entry[] = [];
  const bad: BadEntry[] = [];
  let start = 0;
  while (start < bytes.length) {
    const next = bytes.indexOf(lineFeed, start);
    const end = next < 0 ? bytes.length : next;
    const line = decodeText(bytes.subarray(start, end));
    if (line.trim() !== '') {
      const record = tryParse(line);
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

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
