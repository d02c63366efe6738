import type { Problems } from '../../compile/event.ts';
import { mappedFields, toJsonValue } from '../../format/json-value.ts';
import { cefDialect } from '../lines/cef-dialect.ts';
import { compilePairs } from '../lines/line.ts';
import { partOfPairs, partOfText } from '../objects/part.ts';
import { pairSteps, type Shape, type ShapeContext, valueStep } from './shape.ts';
import { isUsualKey, type Step } from './step.ts';

/** Most bytes of a line in an object. */
const longestLine = 0xffff;

/** What the mapping says of an event beside its pairs. */
export function mappedHead(
  eventClass: unknown,
  eventName: unknown,
  severity: unknown,
  problems: Problems,
): Record<string, unknown> {
  return mappedFields({ eventClass, eventName, severity, extension: [] }, problems);
}

/** Keys that an event has beside what the mapping's extension sets. */
export const mappedKeys = ['eventClass', 'eventName', 'severity'];

/** What the mapping says. @param taken other keys that a mapping may not set */
export function mappedContent(context: ShapeContext, taken: readonly string[] = []): Shape {
  const keys = new Set([...mappedKeys, ...taken]);
  return {
    head: (...values) => [partOfPairs(mappedHead(...values))],
    steps: (mapping) => {
      const pairs = pairSteps(mapping, context, (key, source) =>
        isUsualKey(key) && !keys.has(key) ? valueStep(context, key, source, 'value', toJsonValue) : undefined,
      );
      return pairs && [{ kind: 'head', part: 0, most: mappedKeys.length }, ...pairs.values()];
    },
  };
}

/** The CEF line under a key. */
export function lineContent({ settings, slots, image }: ShapeContext, key: string): Shape {
  const dialect = cefDialect(settings);
  return {
    head: (...values) => dialect.head(...values)?.map(partOfText),
    steps: (mapping, externalId) => {
      const program = compilePairs(mapping, externalId, dialect, slots, image);
      if (!program) return undefined;
      return [
        { kind: 'openText', key },
        { kind: 'head', part: 0, most: 0 },
        { kind: 'decimalTime' },
        { kind: 'head', part: 1, most: 0 },
        { kind: 'linePairs', program },
        { kind: 'closeText', longest: longestLine },
      ];
    },
  };
}

/** The record as it came, where it has none of the keys. */
export function recordContent({ slotOf }: ShapeContext, taken: readonly string[] = []): Shape {
  const refused = taken.map((key): Step => ({ kind: 'refuse', slot: slotOf(key) }));
  return { head: () => [], steps: () => [...refused, { kind: 'record' }] };
}
