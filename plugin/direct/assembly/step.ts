/** What a step writes. */
export const open: u32 = 0;
export const close: u32 = 1;
export const piece: u32 = 2;
export const head: u32 = 3;
export const value: u32 = 4;
export const id: u32 = 5;
export const isoTime: u32 = 6;
export const milliseconds: u32 = 7;
export const seconds: u32 = 8;
export const decimalTime: u32 = 9;
export const tag: u32 = 10;
export const openText: u32 = 11;
export const closeText: u32 = 12;
export const linePairs: u32 = 13;
export const extra: u32 = 14;
export const record: u32 = 15;
export const refuse: u32 = 16;

/** What is written next, as ../objects/object-program.ts lays it out. */
@unmanaged
export class Step {
  kind: u32;
  /** The key, or a whole piece. */
  before: usize;
  beforeLength: u32;
  /** Its bytes in JSON text, with the colon and the comma. */
  beforeSize: u32;
  /** Where the value is; -1 for a source. */
  slot: i32;
  source: usize;
  /** The source's constant; 0 when it can't be said. */
  constant: usize;
  constantLength: u32;
  constantSize: u32;
  /** Index of the step that this one is the label of, or of the one that writes the same; -1 for none. */
  of: i32;
  /** How the value is written. */
  as: u32;
  /** Steps that are left out when this one has written something. */
  skip: u32;
  /** Pairs of a piece; bytes for the number of an object's; most bytes of a text; index of a part of the head. */
  count: u32;
  /** Whether an object without pairs is left out; else it is for the code outside. */
  isOptional: u32;
}

export const stepSize: usize = 56;
