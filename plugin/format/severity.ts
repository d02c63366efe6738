import { severityWords } from '../mapping/severity.ts';
import { toText } from '../mapping/text.ts';

/**
 * A severity for CEF: 0-10 or one of its words. What is data and neither a number nor a word counts as 0
 * (Unknown); a number outside the range is clamped (the `onClamp` callback counts it).
 */
export function cefSeverity(value: unknown, onClamp: () => void): string {
  const severity = parseSeverity(value);
  return typeof severity === 'string' ? severity : String(clamped(severity, 0, onClamp));
}

/** What CEF's words stand for where only numbers are taken: the top of the range each names (CEF ch. 1). */
const numbers: ReadonlyMap<string, number> = new Map([
  ['Unknown', 0],
  ['Low', 3],
  ['Medium', 6],
  ['High', 8],
  ['Very-High', 10],
]);

/** A severity for LEEF: 1-10, by the same rules. */
export function leefSeverity(value: unknown, onClamp: () => void): string {
  return String(clamped(severityNumber(value), 1, onClamp));
}

/** A severity as a number from 0 to 10, for shapes that take no words. */
export function numericSeverity(value: unknown, onClamp: () => void): number {
  return clamped(severityNumber(value), 0, onClamp);
}

function severityNumber(value: unknown): number {
  const severity = parseSeverity(value);
  return typeof severity === 'string' ? numbers.get(severity)! : severity;
}

export type SeverityLevel = 'info' | 'warning' | 'error' | 'critical';

/** A severity as a log's level, by the ranges that CEF names: Low, Medium, High, Very-High (ch. 1). */
export function severityLevel(value: unknown): SeverityLevel {
  const number = severityNumber(value);
  if (number >= 9) return 'critical';
  if (number >= 7) return 'error';
  return number >= 4 ? 'warning' : 'info';
}

/** A word of CEF's, or a whole number. */
function parseSeverity(value: unknown): string | number {
  const text = (toText(value) ?? '').trim();
  const word = severityWords.get(text.toLowerCase());
  if (word !== undefined) return word;
  const number = Math.round(Number(text));
  return Number.isNaN(number) ? 0 : number;
}

function clamped(number: number, least: number, onClamp: () => void): number {
  const within = Math.min(10, Math.max(least, number));
  // Unknown is no value outside the range: it has no other number in LEEF.
  if (within !== number && number !== 0) onClamp();
  return within;
}
