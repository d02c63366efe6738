import { type CefKey, cefDictionary } from './cef-dictionary.ts';
import { asCefType, typeNames } from './cef-types.ts';
import { codes } from './diagnostic.ts';
import type { Literal, Mapping, MappingSet } from './model.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { nearest } from './suggest.ts';
import { unreadable } from './value.ts';

/**
 * Checks what a mapping file means, when its shape is right: mappings that can never match, and extension
 * keys and fixed values that a CEF or LEEF receiver would not take as they are meant.
 */
export function checkMeaning(source: SourceFile, set: MappingSet): void {
  const takers = new Takers(set.mappings);
  for (const [index, mapping] of set.mappings.entries()) {
    if (set.mode === 'first') checkReach(source, mapping, index, takers.find(mapping.ids));
    takers.add(index);
    checkKeys(source, mapping, ['mappings', index, 'map', 'extension']);
  }
}

/** Mappings without a prefilter, in their order: what they take, no later one sees. */
class Takers {
  readonly #mappings: readonly Mapping[];
  readonly #byId = new Map<string, Set<number>>();
  /** The first that takes every record. */
  #ofAll = Number.POSITIVE_INFINITY;

  constructor(mappings: readonly Mapping[]) {
    this.#mappings = mappings;
  }

  add(index: number): void {
    const { ids, prefilter } = this.#mappings[index]!;
    if (prefilter.conditions.length > 0) return;
    if (ids === '*') this.#ofAll = Math.min(this.#ofAll, index);
    else
      for (const id of ids) {
        const those = this.#byId.get(id);
        if (those) those.add(index);
        else this.#byId.set(id, new Set([index]));
      }
  }

  /** The first so far that takes everything that is for these ids. */
  find(ids: Mapping['ids']): Mapping | undefined {
    const each = ids === '*' ? [] : ids.map((id) => this.#byId.get(id) ?? new Set<number>());
    const [rarest = new Set<number>()] = each.toSorted((one, other) => one.size - other.size);
    for (const index of rarest)
      if (index < this.#ofAll && each.every((those) => those.has(index))) return this.#mappings[index];
    return this.#mappings[this.#ofAll];
  }
}

/** A mapping behind one that takes everything it could take. */
function checkReach(source: SourceFile, { ids }: Mapping, index: number, before: Mapping | undefined): void {
  if (!before) return;
  const what = ids === '*' ? 'every record' : `'${ids.join("', '")}'`;
  const hint = 'put it before that one, or give that one a prefilter';
  source.warning(
    codes.neverMatches,
    ['mappings', index, 'id'],
    `this can never match: line ${before.line} takes ${what} first`,
    hint,
  );
}

function checkKeys(source: SourceFile, { extension }: Mapping, at: PathInFile): void {
  const keys = new Set(extension.map(({ key }) => key));
  const seen = new Map<string, string>();
  for (const { key, value } of extension) {
    const place = [...at, key];
    const plain = key.replace(/[^A-Za-z0-9]/g, '');
    if (plain !== key || plain === '') {
      const shown = plain === '' ? 'left out' : `'${plain}'`;
      source.warning(
        codes.unusableKey,
        place,
        `'${key}' is ${shown} in CEF: a key is letters and digits only`,
        undefined,
        'key',
      );
    }
    const twin = seen.get(plain);
    if (twin !== undefined && plain !== '') {
      source.error(
        codes.unusableKey,
        place,
        `'${key}' and '${twin}' are the same key in CEF`,
        undefined,
        'key',
      );
    }
    seen.set(plain, key);
    checkLabel(source, key, keys, place);
    const known = cefDictionary.get(key);
    if (!known) checkSpelling(source, key, place);
    else if (known.consumerOnly) {
      source.warning(
        codes.doubtfulKey,
        place,
        `'${key}' is for the receiver to set; a sender must not`,
        undefined,
        'key',
      );
    } else if (value.kind === 'literal' && value !== unreadable)
      checkLiteral(source, key, known, value, place);
  }
}

/** Custom fields say nothing without their label, and labels nothing without their field. */
function checkLabel(source: SourceFile, key: string, keys: ReadonlySet<string>, at: PathInFile): void {
  const isCustom =
    /^(?:cs[1-6]|cn[1-3]|cfp[1-4]|c6a[1-4]|flexString[12]|flexNumber[12]|flexDate1|deviceCustomDate[12])$/.test(
      key,
    );
  if (isCustom && !keys.has(`${key}Label`)) {
    source.warning(codes.labelAlone, at, `'${key}' has no label`, `add ${key}Label: what it holds`, 'key');
  }
  const labelled = /^(.+)Label$/.exec(key)?.[1];
  if (labelled !== undefined && cefDictionary.has(key) && !keys.has(labelled)) {
    source.warning(
      codes.labelAlone,
      at,
      `'${key}' labels '${labelled}', which is not here`,
      undefined,
      'key',
    );
  }
}

/** A key that is almost a well-known one. Short ones are too near to each other to guess. */
function checkSpelling(source: SourceFile, key: string, at: PathInFile): void {
  if (key.length < 5) return;
  const near = nearest(key, cefDictionary.keys());
  const isSlip = near !== undefined && (near.toLowerCase() === key.toLowerCase() || near.length >= 7);
  if (isSlip)
    source.warning(codes.doubtfulKey, at, `'${key}' is no CEF key`, `did you mean '${near}'?`, 'key');
}

function checkLiteral(
  source: SourceFile,
  key: string,
  known: CefKey,
  { value }: Literal,
  at: PathInFile,
): void {
  const text = String(value);
  const { type, maxLength } = known;
  if (maxLength !== undefined && text.length > maxLength) {
    source.warning(
      codes.doubtfulValue,
      at,
      `'${key}' holds ${maxLength} characters; this has ${text.length}`,
    );
  }
  if (asCefType(type, text) === undefined) {
    source.warning(codes.doubtfulValue, at, `'${key}' is ${typeNames[type]}, not '${text}'`);
  }
}
