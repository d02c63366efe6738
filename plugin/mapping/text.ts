import { toJsonText } from './json.ts';

/**
 * Any decoded value as text: objects and lists as JSON text, dates as ISO 8601, bytes as UTF-8.
 *
 * @returns undefined when the value has no text (nested beyond the stack, an invalid date)
 */
export function toText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  try {
    return value instanceof Date ? value.toISOString() : toJsonText(value);
  } catch {
    return undefined;
  }
}
