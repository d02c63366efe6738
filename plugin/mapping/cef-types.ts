import type { CefType } from './cef-dictionary.ts';
import { parseTime } from './time.ts';

/** What a CEF key of a type holds, in words. */
export const typeNames: Readonly<Record<CefType, string>> = {
  string: 'a text',
  integer: 'a whole number',
  decimal: 'a number',
  time: 'a time',
  address: 'an IP address',
  port: 'a port',
  mac: 'a MAC address',
};

/**
 * A text as a CEF key of this type holds it (ArcSight CEF implementation standard, ch. 2): a time as epoch
 * milliseconds, a MAC address with colons.
 *
 * @returns undefined when the text is no value of the type
 */
export function asCefType(type: CefType, text: string): string | undefined {
  if (type === 'string') return text;
  const word = text.trim();
  switch (type) {
    case 'integer':
      return isLong(word) ? word : undefined;
    case 'decimal':
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(word) ? word : undefined;
    case 'port':
      return /^\d{1,5}$/.test(word) && Number(word) <= 65535 ? word : undefined;
    case 'time':
      return toMilliseconds(word);
    case 'address':
      return isAddress(word) ? word : undefined;
    case 'mac':
      return /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(word) ? word.replaceAll('-', ':') : undefined;
  }
}

/** The standard's own text form, `Mmm dd [yyyy] HH:mm:ss[.SSS] [zone]` (appendix A), stays as it is. */
function toMilliseconds(word: string): string | undefined {
  if (/^[A-Z][a-z]{2} \d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{3})?(?: \S+)?$/.test(word)) return word;
  const time = parseTime(word);
  return time === undefined ? undefined : String(time);
}

function isLong(word: string): boolean {
  if (!/^-?\d{1,19}$/.test(word)) return false;
  return word.length < 19 || BigInt.asIntN(64, BigInt(word)) === BigInt(word);
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|[01]?\d{1,2})(?:\.(?=\d)|$)){4}$/;

function isAddress(word: string): boolean {
  if (ipv4.test(word)) return true;
  return /^[0-9a-f:.]+$/i.test(word) && word.includes(':') && URL.canParse(`http://[${word}]/`);
}
