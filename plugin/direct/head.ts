import { hasAny, noProblems, type Problems } from '../compile/event.ts';
import type { Mapping } from '../mapping/model.ts';
import { writeLeaves, writePacked } from './memo.ts';
import { decodeAt, endOf, startOfText } from './packed-value.ts';
import { nothing, type RecordScan, unclear } from './record-scan.ts';
import { compileSource, computed, constant, type SlotOf, type Source, sourceAt } from './source.ts';
import { TextCache } from './text-cache.ts';
import { viewOf } from './words.ts';

/**
 * Makes of an event's class, name and severity what depends on them.
 *
 * @returns undefined when that takes decoded values
 */
export type MakeHead<Head> = (
  eventClass: unknown,
  eventName: unknown,
  severity: unknown,
  problems: Problems,
) => Head | undefined;

/** Finds what depends on an event's class, name and severity. */
export interface Heads<Head> {
  /** @returns undefined when that takes decoded values */
  readonly find: (scan: RecordScan, problems: Problems) => Head | undefined;
  /** The sources that it depends on. */
  readonly by: readonly Source[];
  /** Told of a head that is the same for each record with the same text, where `by` is one source or none. */
  onKnown: (text: Uint8Array, head: Head) => void;
}

const noText = new Uint8Array(0);

/** Stand in a key before a result and behind it: no UTF-8 has these bytes. */
const result = 0xfe;
const endOfResult = 0xff;

/**
 * Compiles what finds the head of an event: made once for each class, name and severity there is, for they are few.
 *
 * @param needsAll whether a record that lacks one takes decoded values: only those tell what is empty from what is not there
 * @returns undefined when it takes decoded values to read one of the three
 */
export function compileHead<Head>(
  mapping: Mapping,
  makeHead: MakeHead<Head>,
  slotOf: SlotOf,
  needsAll = false,
): Heads<Head> | undefined {
  const values = [mapping.eventClass, mapping.eventName, mapping.severity];
  const sources = values.map((value) => compileSource(value, slotOf));
  if (!sources.every((source) => source !== undefined)) return undefined;
  const varying = sources.filter(({ isConstant }) => !isConstant);
  const by = distinct(varying.flatMap((source) => source.leafPlaces?.map(sourceAt) ?? [source]));
  const known = new TextCache<Head>();
  const key = Buffer.alloc(256);
  const keyWords = viewOf(key);

  const results: unknown[] = [];

  /** @returns the length of the key that the values of the record make; -1 when they make none */
  const writeKey = (scan: RecordScan): number => {
    let length = 0;
    for (let index = 0; index < varying.length; index++) {
      const { locate, leaves } = varying[index]!;
      if (leaves) {
        length = writeLeaves(leaves, scan, key, length);
        if (length < 0) return -1;
        continue;
      }
      const at = locate(scan);
      if (at === computed) {
        const text = plainText(results[index]);
        if (text === undefined || length + text.length * 3 + 2 > key.length) return -1;
        key[length++] = result;
        length += key.write(text, length);
        key[length++] = endOfResult;
        continue;
      }
      length = at === unclear ? -1 : writePacked(at, scan, key, length);
      if (length < 0) return -1;
    }
    return length;
  };

  const make = (scan: RecordScan, problems: Problems): Head | undefined => {
    const found: unknown[] = [];
    for (const source of sources) {
      const at = source.locate(scan);
      if (at === unclear || (needsAll && at === nothing)) return undefined;
      if (at === computed)
        found.push(source.leaves ? source.compute!(scan, problems) : results[varying.indexOf(source)]);
      else found.push(at > 0 ? decodeAt(scan.bytes, at) : at === constant ? source.constant : undefined);
    }
    if (scan.isUnclear) return undefined;
    const [eventClass, eventName, severity] = found;
    return makeHead(eventClass, eventName, severity, problems);
  };

  const usual = new TextCache<Head>();
  const [only] = by;
  /** The head by the one text of the record that it depends on, where it does: found without a key of its own. */
  const findUsual = (scan: RecordScan, problems: Problems): Head | undefined => {
    const at = only!.locate(scan);
    const start = at > 0 ? startOfText(scan.bytes, at) : 0;
    if (start === 0) return find(scan, problems);
    const end = endOf(at);
    const known = usual.find(scan.view, start, end);
    if (known) return known;
    const own = noProblems();
    const head = make(scan, own);
    // One that is a problem is a problem each time.
    if (hasAny(own)) return make(scan, problems);
    if (head) {
      usual.keep(scan.view, start, end, head);
      heads.onKnown(scan.bytes.subarray(start, end), head);
    }
    return head;
  };

  const find: Heads<Head>['find'] = (scan, problems) => {
    // Once: a function may fail, which is counted. What depends on its values alone may be known by these.
    for (let index = 0; index < varying.length; index++) {
      const { leaves, compute } = varying[index]!;
      if (!leaves) results[index] = compute?.(scan, problems);
    }
    if (scan.isUnclear) return undefined;
    const length = writeKey(scan);
    const before = length < 0 ? undefined : known.find(keyWords, 0, length);
    if (before) return before;
    const own = noProblems();
    const head = make(scan, own);
    // One that is a problem is a problem each time.
    if (hasAny(own)) return make(scan, problems);
    if (head && length >= 0) {
      known.keep(keyWords, 0, length, head);
      if (varying.length === 0) heads.onKnown(noText, head);
    }
    return head;
  };

  const isUsual = by.length === 1 && only!.compute === undefined;
  const heads: Heads<Head> = { find: isUsual ? findUsual : find, by, onKnown: () => {} };
  return heads;
}

/** Of sources that look at the same places, one. */
function distinct(sources: readonly Source[]): Source[] {
  const found = new Map<unknown, Source>();
  for (const source of sources) {
    const { alternatives, constant } = source;
    // A function is like no other.
    const key = alternatives ? JSON.stringify([alternatives, constant]) : source;
    if (!found.has(key)) found.set(key, source);
  }
  return [...found.values()];
}

/** A text that no other value of the same kind has; undefined for what has none. */
function plainText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
    ? `${typeof value}${value}`
    : undefined;
}
