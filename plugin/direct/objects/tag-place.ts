import { memory, placeWords, tagSize, tagStart } from '../assembly.ts';
import { partOf, wordsOfPart } from './part.ts';

/** Where the parts are that a step of assembly/object.ts reads a tag from: all of it, and its first word. */
export const wholeTag = tagStart;
export const firstOfTag = tagStart + 16;
const textStart = tagStart + 32;

/** For records without a tag. */
const noTag = 'fluent-bit-siem';

let current: string | undefined;

/**
 * Puts the tag of the records where the program reads it.
 *
 * @returns false when it is too long, or no Unicode
 */
export function placeTag(tag: string): boolean {
  if (tag === current) return true;
  if (tag.length > tagSize / 8 || !tag.isWellFormed()) return false;
  current = tag;
  let at = textStart;
  for (const [place, text] of [
    [wholeTag, tag],
    [firstOfTag, tag.split('.', 1)[0]!],
  ] as const) {
    const part = partOf(text || noTag);
    memory.set(part.bytes, at);
    placeWords(place, wordsOfPart(part, at));
    at += part.bytes.length;
  }
  return true;
}
