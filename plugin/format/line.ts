import type { Problems } from '../compile/event.ts';

/** A line in pieces: text that must stand as it is, then a value, already escaped, that may be cut. */
export type Piece = readonly [fixed: string, value: string];

/** An event's line, header first. */
export type Line = readonly Piece[];

/** Stands at the end of a value that was cut. */
export const cutMark = '...';

export function joinLine(line: Line): string {
  let text = '';
  for (const [fixed, value] of line) text += fixed + value;
  return text;
}

/**
 * The line's text in at most so many bytes: the longest values are cut, all to the same length, at a whole
 * character and never inside an escape, each with a mark; if that is not enough, the last pairs are left
 * out. A receiver that cuts by itself would cut through a field, and nobody would know.
 *
 * @param limit bytes of UTF-8
 * @param kept so many pieces in front are never left out
 */
export function fitLine(line: Line, limit: number, kept: number, problems: Problems): string {
  const text = joinLine(line);
  // No character has more than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text;
  const pieces = [...line];
  const bytesOf = ([fixed]: Piece): number => Buffer.byteLength(fixed);
  let room = limit - pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
  while (room < pieces.length * cutMark.length && pieces.length > kept) {
    room += bytesOf(pieces.pop()!);
    problems.failedValues++;
  }
  const longest = longestWithin(
    pieces.map(([, value]) => Buffer.byteLength(value)),
    room,
  );
  return joinLine(
    pieces.map(([fixed, value]): Piece => {
      if (Buffer.byteLength(value) <= longest) return [fixed, value];
      problems.shortenedValues++;
      return [fixed, cutEscaped(value, Math.max(0, longest - cutMark.length)) + cutMark];
    }),
  );
}

/** The length to which all longer ones must be cut so that they have room together. */
export function longestWithin(lengths: readonly number[], room: number): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  let left = room;
  for (const [index, length] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (length > share) return Math.max(0, share);
    left -= length;
  }
  return Number.POSITIVE_INFINITY;
}

/** Cuts at a whole character, never inside what a backslash or a doubled quote stands for. */
export function cutEscaped(escaped: string, maxBytes: number): string {
  if (Buffer.byteLength(escaped) <= maxBytes) return escaped;
  let bytes = 0;
  let end = 0;
  for (const [unit] of escaped.matchAll(/\\.|""|./gsu)) {
    bytes += Buffer.byteLength(unit);
    if (bytes > maxBytes) break;
    end += unit.length;
  }
  return escaped.slice(0, end);
}
