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
  for (const [index, mapping] of set.mappings.entries()) {
    if (set.mode === 'first') checkReach(source, set.mappings, index);
    checkKeys(source, mapping, ['mappings', index, 'map', 'extension']);
  }
}

/** A mapping behind one that takes everything it could take. */
function checkReach(source: SourceFile, mappings: readonly Mapping[], index: number): void {
  const { ids } = mappings[index]!;
  const takesAll = (earlier: Mapping): boolean =>
    earlier.prefilter.conditions.length === 0 &&
    (earlier.ids === '*' || (ids !== '*' && ids.every((id) => earlier.ids.includes(id))));
  const before = mappings.slice(0, index).find(takesAll);
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
