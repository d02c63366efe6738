import type { Problems } from '../compile/event.ts';
import { compilePath } from '../compile/path.ts';
import { compileValueOf } from '../compile/value.ts';
import { isEmpty } from '../mapping/empty.ts';
import { builtInFunctions } from '../mapping/functions/index.ts';
import type { Call, Literal, Path, Value } from '../mapping/model.ts';
import type { Slot } from './key-table.ts';
import type { Leaf } from './memo.ts';
import { isEmptyAt, startOfText } from './packed-value.ts';
import { nothing, type RecordScan, unclear, valueIn } from './record-scan.ts';

/** A value's place is not in the record: it is the source's constant. */
export const constant = -2;

/** The value is the result of a function. */
export const computed = -3;

/** Where a value of a mapping comes from. */
export interface Source {
  /** Offset in the body, `nothing` when it is empty, `constant`, `computed`, or `unclear`. */
  readonly locate: (scan: RecordScan) => number;
  readonly constant: Literal['value'] | undefined;
  /** The record has no say in it. */
  readonly isConstant: boolean;
  /** The slot whose value it is, where it is nothing more: the usual case, which needs no call. */
  readonly slot: Slot;
  /** What `locate` looks at, in this order; undefined where it is `computed`. */
  readonly alternatives: readonly Alternative[] | undefined;
  /** Where it is `computed`: calls the function, whose arguments alone are decoded. */
  readonly compute: ((scan: RecordScan, problems: Problems) => unknown) | undefined;
  /** The values that it depends on, and their places, where it is computed by functions that give the same for the same. */
  readonly leaves?: readonly Leaf[] | undefined;
  readonly leafPlaces?: readonly Place[] | undefined;
}

/** A place in the record: a key at its top, and keys below it. */
export interface Place {
  readonly slot: Slot;
  readonly keys: readonly Buffer[];
  /** The slot of the first of these; 0 where there are none. */
  readonly below: Slot;
}

/** A place in the record, or the constant. */
export type Alternative = Place | typeof constant;

/** Gives a key at the top of the record, or one just below it, its slot. */
export type SlotOf = (key: string, below?: string) => Slot;

/** @returns undefined for a value with an odd key, for which all of the record is decoded */
export function compileSource(value: Value, slotOf: SlotOf): Source | undefined {
  if (value.kind === 'call') return compileComputed(value, slotOf);
  const alternatives = value.kind === 'chain' ? value.alternatives : [value];
  const locates: ((scan: RecordScan) => number)[] = [];
  const places: Alternative[] = [];
  for (const one of alternatives) {
    if (one.kind === 'literal') {
      if (isEmpty(one.value)) continue;
      // What comes behind it is never asked.
      return {
        locate: firstOf([...locates, () => constant]),
        constant: one.value,
        isConstant: locates.length === 0,
        slot: -1,
        alternatives: [...places, constant],
        compute: undefined,
      };
    }
    const place = one.kind === 'path' ? placeOf(one, slotOf) : undefined;
    if (!place) return undefined;
    places.push(place);
    const locate = locateAt(place);
    locates.push((scan) => {
      const at = locate(scan);
      return at > 0 && isEmptyAt(scan.bytes, at) ? nothing : at;
    });
  }
  const [only] = alternatives;
  const isSlot = alternatives.length === 1 && only?.kind === 'path' && only.segments.length === 1;
  return {
    locate: firstOf(locates),
    constant: undefined,
    isConstant: locates.length === 0,
    slot: isSlot ? slotOf(only.segments[0]!) : -1,
    alternatives: places,
    compute: undefined,
  };
}

function compileComputed(value: Call, slotOf: SlotOf): Source {
  const places = isPure(value) ? pathsOf(value).map((path) => placeOf(path, slotOf)) : [undefined];
  const leafPlaces = places.every((place) => place !== undefined) ? places : undefined;
  return {
    locate: () => computed,
    constant: undefined,
    isConstant: false,
    slot: -1,
    alternatives: undefined,
    compute: compileValueOf(value, (path) => compileRead(path, slotOf)),
    leaves: leafPlaces?.map(locateAt),
    leafPlaces,
  };
}

/** The source of the value at a place, for what depends on that alone. */
export function sourceAt(place: Place): Source {
  const locate = locateAt(place);
  return {
    locate,
    constant: undefined,
    isConstant: false,
    slot: -1,
    alternatives: [place],
    compute: undefined,
  };
}

const builtIn: ReadonlySet<unknown> = new Set(builtInFunctions.values());

/** Whether all of its functions are known to depend on what they are given alone. */
function isPure(value: Value): boolean {
  return value.kind !== 'call' || (builtIn.has(value.function) && value.args.every(isPure));
}

/** All paths in a value, each once. */
function pathsOf(value: Value): Path[] {
  const found = new Map<string, Path>();
  const look = (one: Value): void => {
    if (one.kind === 'path') found.set(JSON.stringify(one.segments), one);
    else if (one.kind === 'chain') one.alternatives.forEach(look);
    else if (one.kind === 'call') one.args.forEach(look);
  };
  look(value);
  return [...found.values()];
}

function firstOf(locates: readonly ((scan: RecordScan) => number)[]): Source['locate'] {
  const [first = () => nothing, ...rest] = locates;
  if (rest.length === 0) return first;
  return (scan) => {
    let at = first(scan);
    for (let next = 0; at === nothing && next < rest.length; next++) at = rest[next]!(scan);
    return at;
  };
}

// msgpackr calls a key `__proto__` otherwise, and what is no Unicode has no bytes of its own.
const isPlainKey = (key: string): boolean =>
  !key.startsWith('__proto_') && key.isWellFormed() && !key.includes('\ufffd');

/** @returns undefined for a path with an odd key */
export function placeOf({ segments }: Path, slotOf: SlotOf): Place | undefined {
  const [first, ...rest] = segments;
  if (!segments.every(isPlainKey)) return undefined;
  const below = rest.length > 0 ? slotOf(first!, rest[0]!) : 0;
  return { slot: slotOf(first!), keys: rest.map((key) => Buffer.from(key)), below };
}

/**
 * Finds the value at a path, empty or not.
 *
 * @returns undefined for a path with an odd key
 */
export function compileLocate(path: Path, slotOf: SlotOf): ((scan: RecordScan) => number) | undefined {
  const place = placeOf(path, slotOf);
  return place && locateAt(place);
}

/** Compiles what reads the value at a path: it alone is decoded, or all of the record where only that tells. */
export function compileRead(path: Path, slotOf: SlotOf): (scan: RecordScan) => unknown {
  const locate = compileLocate(path, slotOf) ?? (() => unclear);
  const read = compilePath(path);
  return (scan) => {
    const at = locate(scan);
    if (at > 0) return scan.value(at);
    // So is a key that the table of wanted keys does not have.
    return at === nothing ? undefined : read(scan.record);
  };
}

function locateAt({ slot, keys }: Place): (scan: RecordScan) => number {
  if (keys.length === 0) return (scan) => scan.at(slot);
  return (scan) => {
    let at = scan.at(slot);
    for (let index = 0; index < keys.length && at > 0; index++) at = step(scan.bytes, at, keys[index]!);
    return at;
  };
}

/** From a value to the one under a key of it. */
function step(bytes: Buffer, at: number, key: Buffer): number {
  const inside = valueIn(bytes, at, key);
  if (inside !== unclear) return inside;
  const type = bytes[at]!;
  // Lists have their own rules, and a text may hold JSON, which a path goes into.
  const isList = (type >= 0x90 && type <= 0x9f) || type === 0xdc;
  if (isList) return unclear;
  const text = startOfText(bytes, at);
  if (text === 0) return nothing;
  const first = bytes[text]!;
  const isWord = first > 0x20 && first < 0x7f && first !== 0x7b && first !== 0x5b;
  return isWord || isEmptyAt(bytes, at) ? nothing : unclear;
}
