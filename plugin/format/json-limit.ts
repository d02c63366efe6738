import type { Problems } from '../compile/event.ts';
import { toJsonText } from '../mapping/json.ts';
import { cutMark, longestWithin } from './line.ts';
import type { OutgoingRecord, Render } from './render.ts';

const plain = /^[ !#-[\]-~]*$/;

/**
 * Bytes of a rendered value as JSON text, as Fluent Bit writes it: exact for texts, at least enough for numbers.
 */
export function jsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return plain.test(value) ? value.length + 2 : Buffer.byteLength(JSON.stringify(value));
    case 'number':
      // Fluent Bit may write a float with more digits than JavaScript.
      return Number.isSafeInteger(value) ? 17 : 25;
    case 'object': {
      if (value === null) return 4;
      let bytes = 2;
      if (Array.isArray(value)) for (const item of value) bytes += jsonBytes(item) + 1;
      else for (const [key, item] of Object.entries(value)) bytes += jsonBytes(key) + jsonBytes(item) + 2;
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
  if (jsonBytes(record) <= limit) return record;
  return (
    cutTexts(record, limit, problems) ??
    cutTexts(flattened(record), limit, problems) ??
    withRoomAndCut(flattened(record), limit, problems)
  );
}

/** undefined when cutting texts is not enough. */
function cutTexts(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord | undefined {
  const lengths: number[] = [];
  eachText(record, (text) => void lengths.push(jsonBytes(text)));
  const room = limit - (jsonBytes(record) - lengths.reduce((sum, length) => sum + length, 0));
  const longest = longestWithin(lengths, room);
  if (room < 0 || longest < cutMark.length + 2) return undefined;
  return mapTexts(record, (text) => {
    if (jsonBytes(text) <= longest) return text;
    problems.shortenedValues++;
    return cutText(text, longest - cutMark.length - 2) + cutMark;
  }) as OutgoingRecord;
}

/** Cuts a text at a whole character so that it has at most so many bytes in JSON, quotes not counted. */
export function cutText(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += jsonBytes(character) - 2;
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

/** An envelope's own objects stay; what lies deeper becomes JSON text, which can be cut. */
function flattened(record: OutgoingRecord): OutgoingRecord {
  const asText = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? toJsonText(value) : value;
  return mapValues(record, (value) => (isObject(value) ? mapValues(value, asText) : asText(value)));
}

function mapValues(
  record: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function withRoomAndCut(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord {
  const fitting = withRoom(record, limit, problems);
  return cutTexts(fitting, limit, problems) ?? fitting;
}

/** Keeps as many keys, in their order, as have room with their texts cut to nothing but the mark. */
function withRoom(record: OutgoingRecord, limit: number, problems: Problems): OutgoingRecord {
  let room = limit - 2;
  const keep = (fields: OutgoingRecord): OutgoingRecord =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
        const least = isObject(value) ? 2 : Math.min(jsonBytes(value), leastBytes(value));
        const bytes = jsonBytes(key) + least + 2;
        if (bytes > room) {
          problems.failedValues++;
          return [];
        }
        room -= bytes;
        return [[key, isObject(value) ? keep(value) : value]];
      }),
    );
  return keep(record);
}

/** What a value takes at least: a text can be cut, anything else can't. */
function leastBytes(value: unknown): number {
  return typeof value === 'string' ? cutMark.length + 2 : Number.POSITIVE_INFINITY;
}
