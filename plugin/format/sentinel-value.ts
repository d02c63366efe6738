import type { Problems } from '../compile/event.ts';
import type { ColumnType } from '../mapping/cef-columns.ts';
import { parseTime } from '../mapping/time.ts';
import { plainText } from './content.ts';
import { cutText } from './json-limit.ts';
import { toJsonValue } from './json-value.ts';
import { cutMark } from './line.ts';

/** Bytes. Sentinel cuts a text at 64 KB, without a word. */
export const longestText = 64_000;
const longs = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const ints = { least: -(2n ** 31n), most: 2n ** 31n - 1n };

/**
 * A value as a column of this type holds it. What does not fit its column would be gone without a word.
 *
 * @returns undefined when it does not fit
 */
export function asColumn(type: ColumnType, value: unknown, problems: Problems): unknown {
  switch (type) {
    case 'boolean':
    case 'dynamic':
      return toJsonValue(value);
    case 'datetime': {
      const time = parseTime(value);
      return time === undefined ? undefined : new Date(time).toISOString();
    }
    case 'string':
      return fittingText(plainText(value), problems);
    case 'int':
      return whole(plainText(value), ints);
    case 'long':
      return whole(plainText(value), longs);
    case 'real': {
      const text = plainText(value)?.trim() ?? '';
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    }
  }
}

function fittingText(text: string | undefined, problems: Problems): string | undefined {
  if (text === undefined || Buffer.byteLength(text) <= longestText) return text;
  problems.shortenedValues++;
  return cutText(text, longestText - cutMark.length) + cutMark;
}

/** A number, or beyond what JavaScript has digits for a bigint. */
function whole(
  text: string | undefined,
  { least, most }: { least: bigint; most: bigint },
): number | bigint | undefined {
  if (text === undefined || !/^-?\d{1,19}$/.test(text.trim())) return undefined;
  const number = BigInt(text.trim());
  if (number < least || number > most) return undefined;
  const isSmall = number >= ints.least && number <= ints.most;
  return isSmall ? Number(number) : number;
}
