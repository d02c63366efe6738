import { severityWords } from '../mapping/severity.ts';
import { toText } from '../mapping/text.ts';

/**
 * A severity for CEF: 0-10 or one of its words. What is data and neither a number nor a word counts as 0
 * (Unknown); a number outside the range is clamped (the `onClamp` callback counts it).
 */
export function cefSeverity(value: unknown, onClamp: () => void): string {
  const text = (toText(value) ?? '').trim();
  const word = severityWords.get(text.toLowerCase());
  if (word !== undefined) return word;
  const number = text === '' ? 0 : Math.round(Number(text));
  if (Number.isNaN(number)) return '0';
  if (number >= 0 && number <= 10) return String(number);
  onClamp();
  return number < 0 ? '0' : '10';
}
