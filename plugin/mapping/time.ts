const isoTime =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

// Seconds reach 10^11 in the year 5138; milliseconds passed it in 1973.
const firstMilliseconds = 1e11;
// The years 1 to 9999: no format has a place for another. A time in microseconds lies beyond.
const firstTime = Date.parse('0001-01-01T00:00:00Z');
const lastTime = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads an event's time: epoch seconds or milliseconds, as number or text, or ISO 8601. A text without a
 * zone is UTC: guessing the machine's zone would make the same record say different things.
 *
 * @returns epoch milliseconds, or undefined when it can't be read
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value === 'bigint') return fromEpoch(Number(value));
  if (value instanceof Date) return inRange(value.getTime());
  if (typeof value !== 'string') return undefined;
  const usual = fromUsual(value);
  if (usual !== undefined) return usual;
  const text = value.trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return fromEpoch(Number(text));
  const iso = isoTime.exec(text);
  if (!iso) return undefined;
  const [, date = '', time = '00:00', zone = 'Z'] = iso;
  if (!isCalendarDay(date)) return undefined;
  return inRange(
    Date.parse(`${date}T${time.replace(',', '.')}${zone.toUpperCase().replace(/^([+-]\d{2})$/, '$1:00')}`),
  );
}

const usualTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/;

/** The form that most have, in a fifth of the time; undefined for any other, and for what is no time. */
function fromUsual(text: string): number | undefined {
  const parts = usualTime.exec(text);
  if (!parts) return undefined;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const hours = Number(parts[4]);
  const minutes = Number(parts[5]);
  const seconds = Number(parts[6]);
  // Date.UTC takes the years before 100 for others; every month has 28 days.
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 28) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return Date.UTC(year, month - 1, day, hours, minutes, seconds, Number(parts[7] ?? 0));
}

/** Date.parse takes 30 February for 2 March. */
function isCalendarDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}

function fromEpoch(number: number): number | undefined {
  return inRange(Math.abs(number) < firstMilliseconds ? number * 1000 : number);
}

function inRange(time: number): number | undefined {
  const rounded = Math.round(time);
  return rounded >= firstTime && rounded <= lastTime ? rounded : undefined;
}
