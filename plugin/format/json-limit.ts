import type { Problems } from '../compile/event.ts';
import { toJsonText } from '../mapping/json.ts';
import { cutMark, longestWithin } from './line.ts';
import type { OutgoingRecord, Render } from './render.ts';

const plain = /^[ !#-[\]-~]*$/;

/**
 * Bytes of a rendered value as JSON text, as Fluent Bit writes it: exact for texts, at least enough for numbers.
 *
 * @param most beyond so many it need not be told how many more: counting may stop
 */
export function jsonBytes(value: unknown, most = Number.POSITIVE_INFINITY): number {
  return bytesOf(value, most, textBytes);
}

function textBytes(text: string): number {
  return plain.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));
}

function bytesOf(value: unknown, most: number, ofText: (text: string) => number): number {
  switch (typeof value) {
    case 'string':
      return ofText(value);
    case 'number':
      // Fluent Bit may write a float with more digits than JavaScript.
      return Number.isSafeInteger(value) ? 17 : 25;
    case 'object': {
      if (value === null) return 4;
      let bytes = 2;
      if (Array.isArray(value)) {
        for (const item of value) {
          bytes += bytesOf(item, most - bytes, ofText) + 1;
          if (bytes > most) break;
        }
      } else {
        const fields = value as Record<string, unknown>;
        for (const key of Object.keys(fields)) {
          bytes += textBytes(key) + bytesOf(fields[key], most - bytes, ofText) + 2;
          if (bytes > most) break;
        }
      }
      return bytes;
    }
    case 'bigint':
      // Beyond 64 bits it travels as text.
      return String(value).length + 2;
    default:
      return 5;
  }
}

/** Keeps what a JSON shape renders within so many bytes of JSON text. */
export function withRecordLimit(render: Render, limit: number | undefined): Render {
  if (limit === undefined) return render;
  return (event, problems) => fitRecord(render(event, problems), limit, problems);
}

/**
 * The record in at most so many bytes of JSON text: the longest texts are cut, all to the same length, each with
 * a mark; if that is not enough, what is nested becomes text first, and then the keys that have no room are left out.
 */
export function fitRecord(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord {
  if (jsonBytes(record, limit) <= limit) return record;
  const cut = cutTexts(record, limit, problems);
  if (cut) return cut;
  const fitting = withRoom(record, limit, problems);
  return cutTexts(fitting, limit, problems) ?? fitting;
}

/** undefined when cutting texts is not enough. */
function cutTexts(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord | undefined {
  // What is no text comes first: of hundreds of thousands of keys few are looked at.
  const room = limit - bytesOf(record, limit, () => 0);
  if (room < 0) return undefined;
  const lengths: number[] = [];
  eachText(record, (text) => void lengths.push(textBytes(text)));
  const longest = longestWithin(lengths, room);
  if (longest < cutMark.length + 2) return undefined;
  return mapTexts(record, (text) => {
    if (textBytes(text) <= longest) return text;
    problems.shortenedValues++;
    return cutText(text, longest - cutMark.length - 2) + cutMark;
  }) as OutgoingRecord;
}

/** Cuts a text at a whole character so that it has at most so many bytes in JSON, quotes not counted. */
export function cutText(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += textBytes(character) - 2;
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) eachText(item, visit);
  }
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Bytes of the smallest pair there is, `"":0,`. */
const leastPair = 5;

/**
 * Keeps as many keys, in their order, as have room with their texts cut to nothing but the mark. An envelope's own
 * objects stay; what lies deeper becomes JSON text, which can be cut.
 */
function withRoom(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord {
  let room = limit - 2;
  const keep = (fields: OutgoingRecord, isEnvelope: boolean): OutgoingRecord => {
    const kept: [string, unknown][] = [];
    const keys = Object.keys(fields);
    for (const [index, key] of keys.entries()) {
      if (room < leastPair) {
        problems.failedValues += keys.length - index;
        break;
      }
      const own = fields[key];
      const isKept = isEnvelope && isObject(own);
      const value = isKept || typeof own !== 'object' || own === null ? own : toJsonText(own);
      const bytes = textBytes(key) + (isKept ? 2 : leastBytes(value)) + 2;
      if (bytes > room) {
        problems.failedValues++;
        continue;
      }
      room -= bytes;
      kept.push([key, isKept ? keep(own, false) : value]);
    }
    return Object.fromEntries(kept);
  };
  return keep(record, true);
}

/** What a value takes at least: a text can be cut, anything else can't. */
function leastBytes(value: unknown): number {
  const bytes = jsonBytes(value);
  return typeof value === 'string' ? Math.min(bytes, cutMark.length + 2) : bytes;
}
