import { isEmpty } from '../mapping/empty.ts';
import type { Mapping, Path } from '../mapping/model.ts';
import type { Event, Problems } from './event.ts';
import { compileValueOf } from './value.ts';

/** What a mapping says of an event; the rest comes with the record. */
export type EventParts = Pick<Event, 'eventClass' | 'eventName' | 'severity' | 'extension'>;

/**
 * Compiles what a mapping says of a record, for whatever paths are read from. The result never throws.
 *
 * @param compileRead gives what reads a path's value; undefined is no value
 */
export function compileParts<From>(
  mapping: Mapping,
  compileRead: (path: Path) => (from: From) => unknown,
): (from: From, problems: Problems) => EventParts {
  const eventClass = compileValueOf(mapping.eventClass, compileRead);
  const eventName = compileValueOf(mapping.eventName, compileRead);
  const severity = compileValueOf(mapping.severity, compileRead);
  const keys = mapping.extension.map(({ key }) => key);
  const evaluates = mapping.extension.map(({ value }) => compileValueOf(value, compileRead));
  // A label without its value says nothing: it goes when the value goes.
  const labelled = keys.map((key) =>
    key.endsWith('Label') ? keys.indexOf(key.slice(0, -'Label'.length)) : -1,
  );
  const values = new Array<unknown>(keys.length);
  return (from, problems) => {
    for (let index = 0; index < keys.length; index++) {
      const value = evaluates[index]!(from, problems);
      values[index] = isEmpty(value) ? undefined : value;
    }
    const extension: [string, unknown][] = [];
    for (let index = 0; index < keys.length; index++) {
      const label = labelled[index]!;
      if (values[index] === undefined || (label >= 0 && values[label] === undefined)) continue;
      extension.push([keys[index]!, values[index]]);
    }
    return {
      extension,
      eventClass: eventClass(from, problems),
      eventName: eventName(from, problems),
      severity: severity(from, problems),
    };
  };
}
