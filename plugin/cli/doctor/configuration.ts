import { compileTagPattern } from '../../compile/tag.ts';
import type { Span } from '../../mapping/diagnostic.ts';

/** Where something stands in a Fluent Bit configuration. */
export interface Place extends Span {
  readonly file: string;
  /** The line itself. */
  readonly source: string;
}

/** One key of a section with its value as it is written. A key that stands there twice has two of them. */
export interface Property {
  /** In small letters: Fluent Bit does not tell them apart. */
  readonly key: string;
  readonly text: string;
  /** The text with `${NAME}` filled in; undefined when the environment lacks one of them. */
  readonly value: string | undefined;
  /** Of the value. */
  readonly place: Place;
}

/** Whether a value is `on`, `true` or `yes`, as Fluent Bit reads truth. */
export function isOn(value: string | undefined): boolean {
  return /^(?:on|true|yes)$/i.test(value ?? '');
}

/** `8M`, `16MB`, `1024k` in bytes, as Fluent Bit reads sizes (flb_utils_size_to_bytes); undefined for anything else. */
export function toBytes(value: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(value ?? '') ?? [];
  const factor = { k: 1e3, m: 1e6, g: 1e9 }[unit.toLowerCase()] ?? 1;
  return number === undefined ? undefined : Number(number) * factor;
}

/** `[SERVICE]`, `[INPUT]`, ... of the classic form, or the same of the YAML one. */
export class Section {
  /** In small letters: service, input, filter, output, ... */
  readonly kind: string;
  /** Of the header, or of the list's entry. */
  readonly place: Place;
  readonly properties: Property[] = [];

  constructor(kind: string, place: Place) {
    this.kind = kind;
    this.place = place;
  }

  /** The last one counts where Fluent Bit takes one only. */
  property(key: string): Property | undefined {
    return this.properties.findLast((one) => one.key === key);
  }

  /** Its value; undefined when it is not there, or not known. */
  value(key: string): string | undefined {
    return this.property(key)?.value;
  }

  /** Whether it is there with a value that can't be known here: the environment is Fluent Bit's own. */
  isOpen(key: string): boolean {
    const property = this.property(key);
    return property !== undefined && property.value === undefined;
  }

  /** The plugin, in small letters. */
  get plugin(): string {
    return (this.value('name') ?? '').toLowerCase();
  }

  /** Where a finding about a key belongs: at its value, or at the section when it is missing. */
  at(key: string): Place {
    return this.property(key)?.place ?? this.place;
  }

  /** Whether `Match` or `Match_Regex` takes a tag. What can't be known takes all: nothing is held against it. */
  matches(tag: string): boolean {
    if (this.isOpen('match') || this.isOpen('match_regex')) return true;
    const pattern = this.value('match');
    const expression = this.value('match_regex');
    const fits = pattern !== undefined && compileTagPattern(pattern)(tag);
    return fits || (expression !== undefined && matchesExpression(expression, tag));
  }
}

/** Fluent Bit matches at the tag's beginning (onig_match); an expression that only Onigmo knows takes all. */
function matchesExpression(expression: string, tag: string): boolean {
  try {
    return new RegExp(`^(?:${expression})`).test(tag);
  } catch {
    return true;
  }
}

/** All that one Fluent Bit process reads. */
export interface Configuration {
  /** As it was given, and as findings name it. */
  readonly file: string;
  readonly isYaml: boolean;
  readonly sections: readonly Section[];
  /** Every file that was read. */
  readonly files: readonly string[];
}
