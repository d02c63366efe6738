import type { Event, Problems } from '../compile/event.ts';
import { compileValue } from '../compile/value.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { Value } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { toText } from '../mapping/text.ts';
import { compileCefLine } from './cef.ts';
import { fieldsOf, mappedFields, toJsonValue } from './json-value.ts';
import { joinLine } from './line.ts';
import { renderable } from './renderable.ts';

/** An object's keys and values. */
export type Fields = Record<string, unknown>;

/**
 * Compiles what an event holds in a JSON shape, as the destination's `event` has it: the mapping's keys, the
 * record as it came, or the CEF line as `message`.
 */
export function compileContent(settings: DestinationSettings): (event: Event, problems: Problems) => Fields {
  switch (settings.event) {
    case 'mapped':
      return mappedFields;
    case 'record':
      return recordFields;
    case 'cef': {
      const renderLine = compileCefLine(settings);
      return (event, problems) => ({ message: joinLine(renderLine(event, problems)) });
    }
  }
}

function recordFields(event: Event, problems: Problems): Fields {
  return fieldsOf(renderable(Object.entries(event.record), toJsonValue, problems));
}

/**
 * Compiles values of destinations.yaml that every event gets: texts, left out where the record has none.
 *
 * @param values by the key they get
 */
export function compileTexts(
  values: Iterable<readonly [key: string, value: Value | undefined]>,
): (event: Pick<Event, 'record'>, problems: Problems) => Record<string, string> {
  const compiled = [...values].flatMap(([key, value]) =>
    value === undefined ? [] : [[key, compileValue(value)] as const],
  );
  return ({ record }, problems) => {
    const texts: [string, string][] = [];
    for (const [key, evaluate] of compiled) {
      const text = plainText(evaluate(record, problems));
      if (text !== undefined) texts.push([key, text]);
    }
    return Object.fromEntries(texts);
  };
}

/** undefined for what is empty or has no text. */
export function plainText(value: unknown): string | undefined {
  return isEmpty(value) ? undefined : toText(value)?.toWellFormed();
}

/** One line for people: what the mapping calls `msg`, else the event's name or class. */
export function messageOf({
  extension,
  eventName,
  eventClass,
}: Pick<Event, 'extension' | 'eventName' | 'eventClass'>): string {
  const [, msg] = extension.find(([key]) => key === 'msg') ?? [];
  return plainText(msg) ?? plainText(eventName) ?? plainText(eventClass) ?? 'event';
}

/**
 * The fields without keys that the shape sets itself: `key` becomes `key_`, so that nothing is lost and the
 * shape's own stands.
 */
export function withoutKeys(fields: Fields, keys: ReadonlySet<string>): Fields {
  if (![...keys].some((key) => Object.hasOwn(fields, key))) return fields;
  const taken = new Set(Object.keys(fields));
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      let name = key;
      while (keys.has(name) || (name !== key && taken.has(name))) name += '_';
      return [name, value];
    }),
  );
}
