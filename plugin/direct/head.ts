import { hasAny, noProblems, type Problems } from '../compile/event.ts';
import type { Mapping } from '../mapping/model.ts';
import type { Dialect } from './dialect.ts';
import { decodeAt, endOf, startOfText } from './packed-value.ts';
import { type RecordScan, unclear } from './record-scan.ts';
import { compileSource, computed, constant, type SlotOf } from './source.ts';
import { TextCache } from './text-cache.ts';
import { type Piece, pieceOf, viewOf } from './words.ts';

/** What stands before and after the time of an event, ready to be copied. */
export interface Head {
  readonly before: Piece;
  readonly after: Piece;
  readonly severity: unknown;
}

/** @returns undefined when only the objects path can tell */
export type FindHead = (scan: RecordScan, problems: Problems) => Head | undefined;

/** Stands in a key for a value that is no text of the record's, and behind one that is: no UTF-8 has these bytes. */
const notOfRecord = 0xfe;
const endOfValue = 0xff;

/**
 * Compiles what finds the header of an event: made once for each class, name and severity there is, for they are few.
 *
 * @returns undefined when only the objects path can read one of the three
 */
export function compileHead(mapping: Mapping, dialect: Dialect, slotOf: SlotOf): FindHead | undefined {
  const values = [mapping.eventClass, mapping.eventName, mapping.severity];
  const sources = values.map((value) => compileSource(value, slotOf));
  if (!sources.every((source) => source !== undefined)) return undefined;
  const varying = sources.filter(({ isConstant }) => !isConstant);
  const known = new TextCache<Head>();
  const key = Buffer.alloc(256);
  const keyWords = viewOf(key);

  const results: unknown[] = [];

  /** @returns the length of the key that the values of the record make; -1 when they make none */
  const writeKey = (scan: RecordScan): number => {
    let length = 0;
    for (let index = 0; index < varying.length; index++) {
      const at = varying[index]!.locate(scan);
      if (at === computed) {
        const text = plainText(results[index]);
        if (text === undefined || length + text.length * 3 + 2 > key.length) return -1;
        key[length++] = notOfRecord;
        length += key.write(text, length);
        key[length++] = endOfValue;
        continue;
      }
      if (at <= 0) {
        if (at === unclear || length >= key.length) return -1;
        key[length++] = notOfRecord;
        continue;
      }
      const start = startOfText(scan.bytes, at);
      const end = endOf(scan.bytes, at);
      if (start === 0 || length + end - start >= key.length) return -1;
      for (let from = start; from < end; from++) key[length++] = scan.bytes[from]!;
      key[length++] = endOfValue;
    }
    return length;
  };

  const make = (scan: RecordScan, problems: Problems): Head | undefined => {
    const found: unknown[] = [];
    for (const source of sources) {
      const at = source.locate(scan);
      if (at === unclear) return undefined;
      if (at === computed) found.push(results[varying.indexOf(source)]);
      else found.push(at > 0 ? decodeAt(scan.bytes, at) : at === constant ? source.constant : undefined);
    }
    const [eventClass, eventName, severity] = found;
    const parts = dialect.head(eventClass, eventName, severity, problems);
    return parts && { before: pieceOf(parts[0]), after: pieceOf(parts[1]), severity };
  };

  return (scan, problems) => {
    // Once: a function may fail, which is counted.
    for (let index = 0; index < varying.length; index++)
      results[index] = varying[index]!.compute?.(scan, problems);
    if (scan.isUnclear) return undefined;
    const length = writeKey(scan);
    const before = length < 0 ? undefined : known.find(keyWords, 0, length);
    if (before) return before;
    const own = noProblems();
    const head = make(scan, own);
    // One that is a problem is a problem each time.
    if (hasAny(own)) return make(scan, problems);
    if (head && length >= 0) known.keep(keyWords, 0, length, head);
    return head;
  };
}

/** A text that no other value of the same kind has; undefined for what has none. */
function plainText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
    ? `${typeof value}${value}`
    : undefined;
}
