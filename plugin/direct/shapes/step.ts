import type { RenderValue } from '../computed.ts';
import type { Slot } from '../key-table.ts';
import type { LineProgram } from '../lines/line-program.ts';
import type { Source } from '../source.ts';

/**
 * How a value is written: as it is; as text; as text, number or truth value, lists take decoded values; or as a column
 * of that type.
 */
export type Writing = 'value' | 'text' | 'attribute' | 'int' | 'long' | 'real' | 'datetime';

/** Writes a key and a value of the record, where it has one. */
export interface ValueStep {
  /** `id`: of the record's id; `extra`: `key=value` in a text, semicolons between them. */
  readonly kind: 'value' | 'id' | 'extra';
  readonly key: string;
  readonly source: Source;
  /** Where it is computed, the place for what the function gives, and how that is rendered before; not where another step does it. */
  readonly computed?: { readonly slot: Slot; readonly render?: RenderValue } | undefined;
  readonly as: Writing;
  /** The source's constant as it is to be written; undefined where that takes decoded values. */
  readonly constant: unknown;
  /** Of what a mapping says, its key there. */
  readonly name?: string;
  /** Of a label, the name of what it labels: it stands only with it. Of an id, of what else sets it: it stands only without. */
  readonly of?: string | undefined;
  /** Steps that are left out when this one has written something. */
  readonly skip?: number;
  /** Most bytes of a text. */
  readonly longest?: number;
}

/** What is written next of an object. They are the instructions of assembly/object.ts. */
export type Step =
  | ValueStep
  /** An object, under a key except for the outermost. One without pairs takes decoded values, unless it is optional. */
  | { readonly kind: 'open'; readonly key?: string }
  | { readonly kind: 'close'; readonly isOptional?: boolean }
  /** Pairs that are always the same. */
  | { readonly kind: 'piece'; readonly fields: Readonly<Record<string, unknown>> }
  /** A part of what depends on the event's class, name and severity, and the most pairs it may have. */
  | { readonly kind: 'head'; readonly part: number; readonly most: number }
  /** The event's time: ISO 8601, epoch milliseconds, seconds with a fraction. */
  | { readonly kind: 'isoTime' | 'milliseconds' | 'seconds'; readonly key: string }
  /** Fluent Bit's tag, or its first word. */
  | { readonly kind: 'tag'; readonly key: string; readonly isFirst: boolean }
  /** A text, unless it is empty. */
  | { readonly kind: 'openText'; readonly key: string }
  | { readonly kind: 'closeText'; readonly longest: number }
  /** In a text: the event's time in milliseconds; the pairs of a line. */
  | { readonly kind: 'decimalTime' }
  | { readonly kind: 'linePairs'; readonly program: LineProgram }
  /** All pairs of the record. */
  | { readonly kind: 'record' }
  /** The record takes decoded values where it has such a key. */
  | { readonly kind: 'refuse'; readonly slot: Slot };

/** Whether a key stands in an object of JavaScript's where it is put: a number does not. */
export function isUsualKey(key: string): boolean {
  return !/^(?:\d.*)?$/s.test(key) && key !== '__proto__' && key.isWellFormed();
}
