import type { Event, Problems } from '../compile/event.ts';
import { cefDictionary } from '../mapping/cef-dictionary.ts';
import { asCefType } from '../mapping/cef-types.ts';
import { type Fields, plainText } from './content.ts';
import { toJsonValue } from './json-value.ts';
import { remembered } from './remembered.ts';

/** Where a schema has the value of a CEF key: `outer.inner`, or several of them. */
export type Places = ReadonlyMap<string, readonly string[]>;

/** Reads a table of places: `key place` in each row, several places separated by commas. */
export function placesOf(table: string): Places {
  return new Map(
    table
      .trim()
      .split('\n')
      .map((row) => {
        const [key, places] = row.trim().split(/\s+/) as [string, string];
        return [key, places.split(',')];
      }),
  );
}

/**
 * Puts an event's values where a schema has them. A value that is not of its key's type would make the receiver
 * refuse the whole event; it goes, counted, to what is left over, with the keys the schema has no place for.
 *
 * @returns what is left over, as JSON values
 */
export function fillPlaces(target: Fields, event: Event, places: Places, problems: Problems): Fields {
  const rest: [string, unknown][] = [];
  for (const [key, value] of event.extension) {
    const typed = typedValue(key, value);
    const where = places.get(key);
    if (where && typed !== undefined) for (const place of where) setPlace(target, place, typed);
    else {
      const one = toJsonValue(value);
      if (where) problems.mistypedValues++;
      if (one === undefined) problems.failedValues++;
      else rest.push([key.toWellFormed(), one]);
    }
  }
  return Object.fromEntries(rest);
}

/** Whole numbers as numbers, everything else as text; undefined for what is not of the key's type. */
function typedValue(key: string, value: unknown): string | number | bigint | undefined {
  const text = plainText(value);
  const type = cefDictionary.get(key)?.type ?? 'string';
  const fitting = text === undefined ? undefined : asCefType(type, text);
  if (fitting === undefined || (type !== 'integer' && type !== 'port')) return fitting;
  const number = BigInt(fitting);
  return number >= -(2n ** 31n) && number < 2n ** 32n ? Number(number) : number;
}

/** Sets `outer.inner` unless it is there already. */
export function setPlace(target: Fields, place: string, value: unknown): void {
  if (value === undefined) return;
  const path = partsOf(place);
  const last = path.length - 1;
  let object = target;
  for (let index = 0; index < last; index++) {
    const inner = object[path[index]!] ?? {};
    object[path[index]!] = inner;
    object = inner as Fields;
  }
  object[path[last]!] ??= value;
}

/** A schema has few places, and each is set again and again. */
const partsOf = remembered((place) => place.split('.'));
