import type { Event, Problems } from '../compile/event.ts';
import { renderable } from './renderable.ts';

/** Deeper nesting than any audit record's; readers of JSON have limits of their own, often 64 to 1000. */
const maxDepth = 100;

class TooDeep extends Error {}

/**
 * A decoded value as something every JSON reader takes: bytes as UTF-8 text, dates as ISO 8601, NaN and
 * infinities as text, lone surrogates replaced.
 *
 * @returns undefined when the value can't be said: nested too deeply, an invalid date
 */
export function toJsonValue(value: unknown): unknown {
  try {
    return convert(value, 0);
  } catch (error) {
    if (!(error instanceof TooDeep || error instanceof RangeError)) throw error;
    return undefined;
  }
}

function convert(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new TooDeep();
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'number':
      return convertNumber(value);
    case 'bigint':
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return null;
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1));
  const converted: Record<string, unknown> = {};
  for (const key of Object.keys(value))
    setOwn(converted, key.toWellFormed(), convert((value as Record<string, unknown>)[key], depth + 1));
  return converted;
}

function convertNumber(value: number): number | bigint | string {
  if (!Number.isFinite(value)) return String(value);
  // msgpackr packs integers beyond 32 bits (signed below zero) as floating point: Fluent Bit would print 1772438437123.0
  return Number.isSafeInteger(value) && (value > 0xffffffff || value < -0x80000000) ? BigInt(value) : value;
}

/** What the mapping says, flat: the three fields every event has, then the extension in its order. */
export function mappedFields(
  event: Pick<Event, 'eventClass' | 'eventName' | 'severity' | 'extension'>,
  problems: Problems,
): Record<string, unknown> {
  const pairs: (readonly [key: string, value: unknown])[] = [];
  if (event.eventClass !== undefined) pairs.push(['eventClass', event.eventClass]);
  if (event.eventName !== undefined) pairs.push(['eventName', event.eventName]);
  if (event.severity !== undefined) pairs.push(['severity', event.severity]);
  return fieldsOf(renderable(pairs.concat(event.extension), toJsonValue, problems));
}

/** An object of keys and values; a key that comes twice has its last value. */
export function fieldsOf(
  pairs: readonly (readonly [key: string, value: unknown])[],
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of pairs) setOwn(fields, key.toWellFormed(), value);
  return fields;
}

/** Sets a property as JSON.parse does: `__proto__` is a key like any other. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
