import { tryParseJson } from '../mapping/json.ts';
import { BodyError, type DecodedBody, type Entry, isRecord } from './entry.ts';
import type { EventTime } from './event-time.ts';
import { decodeJsonBody, type JsonPart, jsonParts } from './json-body.ts';
import { decodeMsgpackBody } from './msgpack-body.ts';

/**
 * Decodes a request body: msgpack as Fluent Bit's out_http sends it, or JSON (array, object, NDJSON) as
 * Files.com or curl post it. The first byte tells: JSON never starts as a msgpack array does, and senders'
 * content types are not to be relied on (curl says it posts a form).
 *
 * @param bytes the unpacked body
 * @param now the time for records that carry none
 * @throws BodyError when no retry of the same bytes will help
 */
export function decodeBody(bytes: Buffer, now: EventTime): DecodedBody {
  if (bytes.length === 0) throw new BodyError(0, 'the body is empty');
  const decoded = isMsgpack(bytes) ? decodeMsgpackBody(bytes, now) : decodeJsonBody(bytes, now);
  return { entries: decoded.entries.map(unwrapLine), bad: decoded.bad };
}

/**
 * The records of a body that is no msgpack one by one, and what is none, in their order. What was given is void when an
 * error follows.
 *
 * @throws BodyError when no retry of the same bytes will help
 */
export function* textParts(bytes: Buffer, now: EventTime): Generator<JsonPart, void> {
  if (bytes.length === 0) throw new BodyError(0, 'the body is empty');
  for (const part of jsonParts(bytes, now)) yield 'record' in part ? unwrapLine(part) : part;
}

/** An entry is an array; no JSON starts with such a byte. */
export function isMsgpack(bytes: Buffer): boolean {
  const first = bytes[0]!;
  return (first >= 0x90 && first <= 0x9f) || first === 0xdc || first === 0xdd;
}

/**
 * Fluent Bit's tail without a parser gives `{"log": "<the line>"}`. Where that is all there is and the line
 * is a JSON object, the object is the record: the shipped inputs need no parser of the team's own, and
 * numbers keep all their digits.
 */
export function unwrapLine(entry: Entry): Entry {
  const { log } = entry.record;
  if (typeof log !== 'string' || Object.keys(entry.record).length !== 1 || !/^\s*\{/.test(log)) return entry;
  const record = tryParseJson(log);
  return isRecord(record) ? { time: entry.time, record } : entry;
}
