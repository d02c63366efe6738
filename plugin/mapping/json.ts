import { parse as parseLossless, stringify as stringifyLossless } from 'lossless-json';

// A number JavaScript would round has at least 16 digits in a row; the built-in parser is ten times faster.
const mayBeRounded = /\d{16}/;

/**
 * Levels that are parsed carefully. That calls itself for each, and how many have room on the stack changes while V8 compiles
 * it (4,700 the first time, 9,000 later): the same record must not be refused once and taken the next time.
 */
const deepest = 1000;

/**
 * Parses JSON without rounding: an integer beyond 2^53 becomes a bigint, but for texts nested beyond any record's. Of a
 * repeated key the last one wins, as in JSON.parse. `__proto__` is a key like any other.
 *
 * @throws SyntaxError; use `describeJsonError` for the place
 */
export function parseJson(text: string): unknown {
  return mayBeRounded.test(text) && !isDeep(text) ? parseCarefully(text) : JSON.parse(text);
}

/** The same; undefined when the text is not JSON (JSON itself has no undefined). */
export function tryParseJson(text: string): unknown {
  // Nobody sees the error: its stack is half of what it costs.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Where and why a text is not JSON.
 *
 * @returns the offset in characters (of the end, when the text just stops) and the reason
 */
export function describeJsonError(text: string): { offset: number; reason: string } {
  if (isDeep(text)) return { offset: 0, reason: 'not JSON, and nested too deeply to say where' };
  try {
    parseCarefully(text);
  } catch (error) {
    const message = (error as Error).message;
    const [, reason = message, offset = '0'] = /^(.*?) at position (\d+)$/s.exec(message) ?? [];
    return { offset: Number(offset), reason };
  }
  return { offset: 0, reason: 'not JSON' };
}

/**
 * JSON text of any decoded value; bigints are written as the numbers they are.
 *
 * @throws RangeError when the value is nested too deeply for the stack
 */
export function toJsonText(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? '';
    // Buffer's own toJSON says { type: 'Buffer', data: [...] }; bytes are UTF-8 text everywhere else.
    return text.includes('"type":"Buffer"') ? (JSON.stringify(value, bytesAsText) ?? '') : text;
  } catch (error) {
    if (error instanceof TypeError) return stringifyLossless(value, bytesAsText as never) ?? '';
    throw error;
  }
}

function bytesAsText(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString('utf8') : value;
}

/** Whether lists and maps stand in each other deeper than is parsed carefully. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfText(text, at);
    else if (code === openBracket || code === openBrace) {
      if (++depth > deepest) return true;
    } else if (code === closeBracket || code === closeBrace) depth--;
  }
  return false;
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** Where the text in quotes that begins there ends. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

function parseCarefully(text: string): unknown {
  return parseLossless(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function parseNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text)
    ? BigInt(text)
    : number;
}
