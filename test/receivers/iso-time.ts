const pattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/**
 * Reads an ISO 8601 time as strictly as a receiver may: whole date, seconds, a day that the calendar has.
 * It is not plugin/mapping/time.ts on purpose: a fault there must show here.
 *
 * @param zone whether a time without a zone is taken for UTC, or for none
 * @returns epoch milliseconds, or undefined when it is none
 */
export function readIsoTime(text: unknown, zone: 'required' | 'optional' = 'required'): number | undefined {
  const match = typeof text === 'string' ? pattern.exec(text) : null;
  if (!match) return undefined;
  const [whole, day, hour, minute, second, offset] = match;
  if (offset === undefined && zone === 'required') return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day!)) return undefined;
  return Date.parse(`${whole.replace(' ', 'T')}${offset === undefined ? 'Z' : ''}`);
}
