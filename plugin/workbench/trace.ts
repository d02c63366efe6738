import type { Event } from '../compile/event.ts';
import type { Dissect, Piece } from './pieces.ts';

/** A part of an event that a mapping or the record gives. */
export type Part =
  | { readonly kind: 'eventClass' | 'eventName' | 'severity' | 'time' | 'externalId' | 'tag' }
  /** A key of the extension, or one at the top of the record. */
  | { readonly kind: 'extension' | 'record'; readonly key: string };

/** A record with more keys is one part. */
const mostKeys = 200;
const mark = 'fluent-bit-siem-mark';
const day = 86_400_000;

/**
 * Finds out which parts of an event each piece of the rendered one is made of: a part is taken away or exchanged, the
 * event rendered again by the same code, and what is not the same any more is made of that part. So it holds for every
 * format, whatever it makes of keys and values.
 *
 * @returns by the pieces' units, the parts in the order of the event
 */
export function trace(event: Event, pieces: readonly Piece[], dissect: Dissect): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  const before = unitsOf(pieces);
  const note = (part: Part, ...others: readonly Event[]): boolean => {
    const rendered = others.map((one) => unitsOf(dissect(one)));
    const units = [...before].filter(([unit, text]) => rendered.some((other) => other.get(unit) !== text));
    for (const [unit] of units) parts.set(unit, [...(parts.get(unit) ?? []), part]);
    return units.length > 0;
  };
  for (const kind of ['eventClass', 'eventName', 'externalId'] as const)
    note({ kind }, { ...event, [kind]: undefined }, { ...event, [kind]: mark });
  note(
    { kind: 'severity' },
    { ...event, severity: 1 },
    { ...event, severity: 9 },
    { ...event, severity: undefined },
  );
  note({ kind: 'time' }, { ...event, time: event.time > day ? event.time - day : event.time + day });
  note({ kind: 'tag' }, { ...event, tag: mark });
  for (const [index, [key]] of event.extension.entries())
    note({ kind: 'extension', key }, { ...event, extension: event.extension.toSpliced(index, 1) });
  traceRecord(event, (part, other) => note(part, other), dissect, before);
  return parts;
}

/** Some shapes hold the record, or values that destinations.yaml takes from it. */
function traceRecord(
  event: Event,
  note: (part: Part, other: Event) => boolean,
  dissect: Dissect,
  before: ReadonlyMap<string, string>,
): void {
  const without = unitsOf(dissect({ ...event, record: {} }));
  const isSame = [...before].every(([unit, text]) => without.get(unit) === text);
  const keys = Object.keys(event.record);
  if (isSame || keys.length > mostKeys) return;
  for (const key of keys) {
    const { [key]: _, ...record } = event.record;
    note({ kind: 'record', key }, { ...event, record });
  }
}

function unitsOf(pieces: readonly Piece[]): Map<string, string> {
  return new Map(pieces.flatMap(({ unit, text }) => (unit === undefined ? [] : [[unit, text] as const])));
}
