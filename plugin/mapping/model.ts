import type { MappingFunction } from './functions/types.ts';
import type { PathInFile } from './source.ts';

/** A function's argument that is a table: texts and what stands for them. */
export type Table = ReadonlyMap<string, string | number | boolean>;

/** A text, number or truth value that stands in the mapping file itself; as an argument also a table. */
export interface Literal {
  readonly kind: 'literal';
  readonly value: string | number | boolean | Table;
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
  readonly examples: readonly Example[];
}

/** A record and what it gives, kept beside the mapping: `validate` renders and compares. */
export interface Example {
  readonly record: Readonly<Record<string, unknown>>;
  /** The CEF line from the event class on. */
  readonly cef: string;
  /** Where `cef` stands in the file. */
  readonly at: PathInFile;
}

/** One mapping file. */
export interface MappingSet {
  readonly file: string;
  /** Fluent Bit tag pattern: `*` stands for any number of characters. */
  readonly match: string;
  /** `first`: one event for the first mapping that matches; `all`: one for each that does. */
  readonly mode: 'first' | 'all';
  /**
   * Keys that tell these records from others: the file also takes a record whose tag fits no file's `match`
   * when it has all of them. Empty: the tag alone decides.
   */
  readonly shape: readonly string[];
  /** What `id` is compared with: the first of these that the record has. */
  readonly idFields: readonly Path[];
  readonly time: Value | undefined;
  /** The record's own id, by which a SIEM tells a repeated event: CEF's externalId. */
  readonly externalId: Value;
  readonly mappings: readonly Mapping[];
}
