import { areSame, hashOfEnds, KeyTable } from './key-table';
import { constant, locate, Source } from './source';
import { lengthOfText, startOfText } from './text';

/** What the events of a mapping are written as. */
export const line: u32 = 0;
export const object: u32 = 1;

/** What all events of a mapping share, as ../program.ts lays it out. What follows depends on the kind. */
@unmanaged
export class Program {
  kind: u32;
  /** Where it is counted. */
  hits: usize;
  /** The source of what the head depends on; 0 when there is one head. */
  headBy: usize;
  /** Places for heads less one; some are always free. */
  headMask: u32;
  heads: usize;
  headSize: u32;
  /** Not 0 when the code outside is to prepare each event. */
  computes: u32;
}

/** What depends on an event's class, name and severity. What follows depends on the program's kind. */
@unmanaged
export class Head {
  /** The text that it is for; 0 where no head is. */
  text: usize;
  textLength: u32;
}

/** Only the code outside can tell how to say it. */
export const unfit: usize = 0;
/** There is no room left for it. */
export const full: usize = 1;

/** The head of a record's event. @returns 0 when it is not known yet */
export function headOf(program: Program, table: KeyTable): usize {
  if (program.headBy === 0) return placeOfHead(program, 0, 0);
  const at = locate(changetype<Source>(program.headBy), table);
  if (at === 0 || at >= constant) return 0;
  const start = startOfText(at);
  return start === 0 ? 0 : placeOfHead(program, start, lengthOfText(at));
}

/** Known heads stand at the place of their text's hash, or at the next that is free: ../program.ts puts them there. */
function placeOfHead(program: Program, text: usize, length: u32): usize {
  const mask = program.headMask;
  const hash = hashOfEnds(text, length);
  for (let step: u32 = 0; step <= mask; step++) {
    const at = program.heads + <usize>((hash + step) & mask) * program.headSize;
    const head = changetype<Head>(at);
    if (head.text === 0) return 0;
    if (head.textLength === length && areSame(head.text, text, length)) return at;
  }
  return 0;
}

/** Copies bytes that are as they must be. Up to 15 more are written, which what follows overwrites. */
export function copyPiece(from: usize, length: u32, to: usize): usize {
  for (let index: u32 = 0; index < length; index += 16) v128.store(to + index, v128.load(from + index));
  return to + length;
}
