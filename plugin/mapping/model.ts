import type { MappingFunction } from './functions/index.ts';

/** A text, number or truth value that stands in the mapping file itself. */
export interface Literal {
  readonly kind: 'literal';
  readonly value: string | number | boolean;
}

/** `$a.b['odd key'].0`: the way to a value in the record, own properties only. */
export interface Path {
  readonly kind: 'path';
  readonly segments: readonly string[];
  /** As written, for `try --explain` and messages. */
  readonly text: string;
}

/** `$a > $b > 'none'`: the first alternative that is not empty. */
export interface Chain {
  readonly kind: 'chain';
  readonly alternatives: readonly (Path | Literal)[];
}

/** `{ call: name, args: [...] }`. */
export interface Call {
  readonly kind: 'call';
  readonly function: MappingFunction;
  readonly args: readonly Value[];
}

export type Value = Literal | Path | Chain | Call;

/** One `property: value` line of a prefilter; the values are texts in their comparable form. */
export interface Condition {
  readonly path: Path;
  readonly anyOf: readonly string[];
}

export interface Prefilter {
  /** true turns the filter round: a record that meets all conditions is filtered out. */
  readonly exclude: boolean;
  readonly conditions: readonly Condition[];
}

/** One entry of `mappings:`: which records it is for, and what they say. */
export interface Mapping {
  readonly file: string;
  readonly line: number;
  /** Ids in their comparable form, or '*' for every record. */
  readonly ids: readonly string[] | '*';
  readonly prefilter: Prefilter;
  readonly eventClass: Value;
  readonly eventName: Value;
  readonly severity: Value;
  readonly extension: readonly { readonly key: string; readonly value: Value }[];
}

/** One mapping file. */
export interface MappingSet {
  readonly file: string;
  /** Fluent Bit tag pattern: `*` stands for any number of characters. */
  readonly match: string;
  /** `first`: one event for the first mapping that matches; `all`: one for each that does. */
  readonly mode: 'first' | 'all';
  /** What `id` is compared with: the first of these that the record has. */
  readonly idFields: readonly Path[];
  readonly time: Value | undefined;
  readonly mappings: readonly Mapping[];
}
