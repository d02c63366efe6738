import { isUtf8 } from 'node:buffer';
import { Unpackr } from 'msgpackr';
import { renderBody } from '../../plugin/delivery/render-body.ts';
import type { RenderedBody } from '../../plugin/delivery/rendered-body.ts';
import { BodyError } from '../../plugin/fluent/entry.ts';
import type { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { parseCef } from '../format/parse-cef.ts';
import { parseCsv } from '../format/parse-csv.ts';
import { parseLeef } from '../format/parse-leef.ts';
import { bounded } from './bounds.ts';
import type { Subject } from './destinations.ts';
import { wholeValue } from './packed.ts';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'bigint' });
const now = { seconds: 1772500000, nanoseconds: 0 };
/** `[EventTime,` before an event's record. */
const beforeRecord = 11;

/** What became of a body. */
export interface Fate {
  /** The records of the events, packed; without their time, which may be that of the test. */
  readonly events: readonly string[];
  readonly deadLetters: readonly string[];
  readonly records: number;
}

/**
 * Gives a body to a destination as /map does, and holds the result to what must be true whatever the bytes are.
 *
 * @returns undefined when no record of it can be read
 * @throws Error when something is not as it must be
 */
export function fateOf(subject: Subject, body: Buffer): Fate | undefined {
  const rendered = bounded(() => rendering(subject.destination, body));
  if (subject.overObjects) {
    const other = bounded(() => rendering(subject.overObjects!, body));
    if (describe(other) !== describe(rendered)) throw new Error('the two ways differ');
  }
  if (rendered instanceof BodyError) {
    if (!(rendered.offset >= 0 && rendered.offset <= body.length)) throw new Error('an offset outside');
    return undefined;
  }
  const { events, deadLetters, tally, records } = rendered;
  if (deadLetters.count !== tally.deadLetters) throw new Error('a dead letter is not counted');
  if (events.count !== tally.mapped + tally.passed) throw new Error('an event is not counted');
  for (const bytes of piecesOf(deadLetters)) readEvent(bytes);
  const limit = subject.destination.settings.recordLimit;
  for (const bytes of piecesOf(events)) {
    const record = readEvent(bytes);
    if (subject.isText) readLine(subject, String(record.get('message')), limit);
  }
  const withoutTime = (buffer: EventBuffer): string[] =>
    piecesOf(buffer).map((bytes) => bytes.toString('latin1', beforeRecord));
  return { events: withoutTime(events), deadLetters: withoutTime(deadLetters), records };
}

function rendering(destination: Subject['destination'], body: Buffer): RenderedBody | BodyError {
  try {
    return renderBody(destination, body, now, 'some.tag');
  } catch (error) {
    if (error instanceof BodyError) return error;
    throw error;
  }
}

function describe(result: RenderedBody | BodyError): string {
  if (result instanceof BodyError) return `${result.offset} ${result.message}`;
  // In how many events are decoded they are to differ.
  const { decodedEvents: _, ...tally } = result.tally;
  const { events, deadLetters } = result;
  const all = [events, deadLetters].map((buffer) => [
    buffer.sizes,
    buffer.slice(0, buffer.count).toString('latin1'),
  ]);
  return JSON.stringify([all, Object.entries(tally).sort()]);
}

function piecesOf(buffer: EventBuffer): Buffer[] {
  return Array.from({ length: buffer.count }, (_, index) => buffer.slice(index));
}

/** One whole msgpack value, `[time, map]`, every text in it UTF-8. */
function readEvent(bytes: Buffer): Map<unknown, unknown> {
  if (bytes[0] !== 0x92 || wholeValue(bytes, 0) !== bytes.length) throw new Error('an event is cut');
  const record: unknown = unpackr.unpack(bytes.subarray(beforeRecord));
  if (!(record instanceof Map)) throw new Error('an event is no map');
  for (const [key, value] of record) {
    if (typeof key !== 'string') throw new Error('a key is no text');
    if (typeof value === 'string' && !isUtf8(Buffer.from(value))) throw new Error('a text is no UTF-8');
  }
  return record;
}

const parsers: readonly (readonly [start: string, parse: (line: string) => unknown])[] = [
  ['cef', (line) => parseCef(line.replace(/^<\d+>1 \S+ \S+ \S+ - - - /, ''))],
  ['leef', parseLeef],
  ['csv', parseCsv],
];

function readLine({ name, destination }: Subject, line: string, limit: number | undefined): void {
  if (/[\n\r\0\u0085\u2028\u2029]/.test(line)) throw new Error('more than a line');
  if (limit !== undefined && Buffer.byteLength(line) > limit && destination.settings.format !== 'csv')
    throw new Error('over the limit');
  const parser = parsers.find(([start]) => name.startsWith(start))?.[1];
  // A line that was shortened may end with a key whose value has no room.
  if (limit === undefined) parser?.(line);
}
