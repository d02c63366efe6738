import type { Outcome, Problems } from '../compile/event.ts';
import type { MappingHits } from '../compile/hits.ts';
import { tableById } from '../compile/mapper.ts';
import { compileTagPattern } from '../compile/tag.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import { toMilliseconds } from '../fluent/event-time.ts';
import { withoutConstantPrefix } from '../mapping/constant.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { MappingSet, Prefilter, Value } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { parseTime } from '../mapping/time.ts';
import { idSize, idStart, memory } from './assembly.ts';
import type { DirectFormat, EventWriter, Shared } from './event-writer.ts';
import { packValue } from './objects/part.ts';
import { decodeAt, smallNumber, startOfText } from './packed-value.ts';
import type { Program } from './program.ts';
import { type Body, endOf, nothing, type RecordScan, unclear } from './record-scan.ts';
import type { Chosen, ChosenBy, Counted, PlanParts, Run } from './run.ts';
import {
  compileLocate,
  compileSource,
  computed,
  constant,
  placeOf,
  type SlotOf,
  type Source,
} from './source.ts';
import { OfText } from './text-cache.ts';

/** What became of an entry; `unfit`: the objects path is to take it. */
export type DirectOutcome = Outcome['kind'] | 'unfit';

/** A mapping file, compiled for the direct path. */
export interface DirectSet {
  /** false when the objects path is to take all of its records. */
  readonly fits: boolean;
  readonly matchesTag: (tag: string) => boolean;
  readonly shape: readonly string[];
  readonly hasShape: (scan: RecordScan) => boolean;
  /** What most of its records are mapped by; undefined when there is no such thing. */
  readonly plan?: { readonly parts: PlanParts; readonly programs: Counted } | undefined;
  /** Maps those; set when all maps are compiled. */
  run?: Run | undefined;
  readonly map: (scan: RecordScan, shared: Shared, out: EventBuffer, problems: Problems) => DirectOutcome;
}

interface DirectMapping {
  readonly exclude: boolean;
  /** Where it is counted. */
  readonly place: number;
  readonly conditions: readonly ChosenBy[] | undefined;
  /** undefined when only the objects path can tell. */
  readonly meets: (scan: RecordScan) => boolean | undefined;
  readonly writer: EventWriter | undefined;
}

/** Compiles a mapping file; only what it `fits` is ever asked to map. */
export function compileSet(
  set: MappingSet,
  format: DirectFormat,
  slotOf: SlotOf,
  hits: MappingHits,
): DirectSet {
  const { counts } = hits;
  const shape = set.shape.map((key) => slotOf(key));
  const compiled = {
    matchesTag: compileTagPattern(set.match),
    shape: set.shape,
    hasShape: (scan: RecordScan) => shape.every((slot) => scan.at(slot) !== nothing),
  };
  const timeSource = compileSource(set.time ?? none, slotOf);
  const externalId = compileSource(set.externalId, slotOf);
  const ids = set.idFields.map((path) => compileSource(path, slotOf));
  const isRead = (source: Source | undefined): source is Source =>
    source !== undefined && source.compute === undefined;
  if (set.mode !== 'first' || !timeSource || !externalId || !ids.every(isRead))
    return { ...compiled, fits: false, map: () => 'unfit' };
  const canRun = isRead(timeSource) && isRead(externalId);
  const { forId, forAnyOther } = tableById(set.mappings, (mapping): DirectMapping => {
    const { exclude } = mapping.prefilter;
    const writer = format.compile(mapping, externalId);
    const place = hits.placeOf(mapping);
    return {
      exclude,
      place,
      conditions: conditionsOf(mapping.prefilter, slotOf),
      meets: compilePrefilter(mapping.prefilter, slotOf),
      writer,
    };
  });
  const candidatesOf = compileChoice(ids, (id) => forId.get(id) ?? forAnyOther);
  return {
    ...compiled,
    fits: true,
    plan: canRun ? compilePlan(forId, forAnyOther, { ids, time: timeSource, externalId, format }) : undefined,
    map: (scan, shared, out, problems) => {
      const candidates = candidatesOf(scan);
      if (candidates === undefined) return 'unfit';
      for (const { exclude, place, meets, writer } of candidates) {
        const isMet = meets(scan);
        if (isMet === undefined) return 'unfit';
        if (exclude) {
          if (isMet) {
            counts[place]!++;
            return 'filtered';
          }
        } else if (!isMet) continue;
        if (!writer || !readShared(scan, timeSource, externalId, shared, problems)) return 'unfit';
        if (!writer.write(scan, shared, out, problems)) return 'unfit';
        counts[place]!++;
        return 'mapped';
      }
      return 'unmapped';
    },
  };
}

/** @returns undefined when ids can't be told by their bytes */
function compilePlan(
  forId: ReadonlyMap<string, readonly DirectMapping[]>,
  forAnyOther: readonly DirectMapping[],
  rest: Pick<PlanParts, 'ids' | 'time' | 'externalId' | 'format'>,
): { parts: PlanParts; programs: Counted } | undefined {
  if (![...forId.keys()].every(hasOwnBytes)) return undefined;
  const places = new Map<Program, number>();
  const chosen = (mappings: readonly DirectMapping[]): Chosen[] =>
    mappings.map(({ exclude, conditions, place, writer }) => {
      const program = writer?.program;
      if (program) places.set(program, place);
      return { exclude, conditions, program };
    });
  const known = new Map([...forId].map(([id, mappings]) => [id, chosen(mappings)] as const));
  const parts = { ...rest, known, other: chosen(forAnyOther) };
  return { parts, programs: [...places].map(([program, place]) => ({ program, place })) };
}

/** What is no Unicode is read as U+FFFD, so that texts of other bytes may be the same. */
const hasOwnBytes = (text: string): boolean => text.isWellFormed() && !text.includes('\ufffd');

/** @returns undefined when one is of a value that only the objects path finds */
function conditionsOf({ conditions }: Prefilter, slotOf: SlotOf): ChosenBy[] | undefined {
  const found: ChosenBy[] = [];
  for (const { path, anyOf } of conditions) {
    const place = placeOf(path, slotOf);
    if (!place || !anyOf.every(hasOwnBytes)) return undefined;
    found.push({ place, anyOf });
  }
  return found;
}

const none: Value = { kind: 'literal', value: '' };

function compilePrefilter(
  { conditions }: Prefilter,
  slotOf: SlotOf,
): (scan: RecordScan) => boolean | undefined {
  const tests = conditions.map(({ path, anyOf }) => ({
    locate: compileLocate(path, slotOf) ?? (() => unclear),
    meets: new OfText((text) => anyOf.includes(withoutConstantPrefix(text))),
  }));
  return (scan) => {
    for (const { locate, meets } of tests) {
      const at = locate(scan);
      if (at === unclear) return undefined;
      const isMet = at === nothing ? meets.compute('') : ofText(scan, at, meets, textOfMaybe);
      if (!isMet) return false;
    }
    return true;
  };
}

/**
 * Compiles what finds the mappings for a record's id.
 *
 * @returns a function that says undefined when only the objects path can tell
 */
function compileChoice<Choice>(
  ids: readonly Source[],
  choose: (id: string) => Choice,
): (scan: RecordScan) => Choice | undefined {
  const choices = new OfText((id) => choose(withoutConstantPrefix(id)));
  return (scan) => {
    for (const { locate } of ids) {
      const at = locate(scan);
      if (at === unclear) return undefined;
      if (at !== nothing) return ofText(scan, at, choices, textOf);
    }
    return choices.compute('');
  };
}

const textOf = (value: unknown): string => toText(value) ?? '';
const textOfMaybe = (value: unknown): string => textOf(value ?? '');

/** What is known of a text, or of the text that stands for any other value. */
function ofText<Made>(body: Body, at: number, known: OfText<Made>, textOf: (value: unknown) => string): Made {
  const { bytes } = body;
  const start = startOfText(bytes, at);
  return start > 0 ? known.get(body, start, endOf(at)) : known.compute(textOf(decodeAt(bytes, at)));
}

/** Reads what all events of the record share. @returns false when only the objects path can */
function readShared(
  scan: RecordScan,
  time: Source,
  externalId: Source,
  shared: Shared,
  problems: Problems,
): boolean {
  const timeAt = time.locate(scan);
  const idAt = externalId.locate(scan);
  if (timeAt === unclear || idAt === unclear) return false;
  shared.eventTime = timeFrom(scan, timeAt, time, problems) ?? toMilliseconds(shared.time);
  shared.idAt = idAt === computed ? placeValue(externalId.compute!(scan, problems)) : idAt;
  return shared.idAt !== unclear && !scan.isUnclear;
}

/** Puts what a function gives where a value of the record could be. @returns its address, `nothing`, or `unclear` */
function placeValue(value: unknown): number {
  if (isEmpty(value)) return nothing;
  const text = toText(value);
  if (text === undefined || !text.isWellFormed()) return unclear;
  const bytes = packValue(text);
  // As many bytes may be read behind a text.
  if (bytes.length > idSize - 32) return unclear;
  memory.set(bytes, idStart);
  return idStart;
}

function timeFrom(scan: RecordScan, at: number, source: Source, problems: Problems): number | undefined {
  const { bytes } = scan;
  if (at === nothing) return undefined;
  if (at === computed) return parseTime(source.compute!(scan, problems));
  if (at === constant) return parseTime(source.constant);
  // Of 32 bits: they are seconds, and within every limit.
  const seconds = smallNumber(bytes, at);
  return seconds >= 0 ? seconds * 1000 : parseTime(decodeAt(bytes, at));
}
