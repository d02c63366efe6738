import { tryParseJson } from '../mapping/json.ts';
import type { Path } from '../mapping/model.ts';
import type { AuditRecord } from './event.ts';

/** Reads the value at a path; undefined where there is none. */
export type ReadPath = (record: AuditRecord) => unknown;

/** Compiles a path to a function. It sees own properties only, never the prototype. */
export function compilePath(path: Path): ReadPath {
  const [first, ...rest] = path.segments;
  if (rest.length === 0) return (record) => (Object.hasOwn(record, first!) ? record[first!] : undefined);
  return (record) => {
    let value = ownProperty(record, first!);
    for (const segment of rest) {
      if (value === undefined || value === null) return undefined;
      value = ownProperty(opened(value), segment);
    }
    return value;
  };
}

function ownProperty(value: unknown, key: string): unknown {
  // Buffers have an own property for each byte, which no mapping means.
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return undefined;
  // An array's `length` is its own property as well; a path means elements.
  if (Array.isArray(value) && key === 'length') return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/** FileCloud stores some objects as JSON text: it is opened when a path goes into it. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const start = value.trimStart()[0];
  if (start !== '{' && start !== '[') return undefined;
  return tryParseJson(value);
}
