import { clearProblems, type Outcome, type Problems } from '../compile/event.ts';
import type { MappingHits } from '../compile/hits.ts';
import { type EventSource, tableById } from '../compile/mapper.ts';
import { compilePath } from '../compile/path.ts';
import { compileTagPattern } from '../compile/tag.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import { toMilliseconds } from '../fluent/event-time.ts';
import { withoutConstantPrefix } from '../mapping/constant.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { MappingSet, Prefilter, Value } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { parseTime } from '../mapping/time.ts';
import { idSize, idStart, memory } from './assembly.ts';
import type { DecodedSet, WriteDecoded } from './decoded.ts';
import type { DirectFormat, EventWriter, Shared } from './event-writer.ts';
import { packValue } from './objects/part.ts';
import { decodeAt, endOf, smallNumber, startOfText } from './packed-value.ts';
import type { Program } from './program.ts';
import { type Body, nothing, type RecordScan, unclear } from './record-scan.ts';
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
  readonly matchesTag: (tag: string) => boolean;
  readonly shape: readonly string[];
  readonly hasShape: (scan: RecordScan) => boolean;
  /** What most of its records are mapped by; undefined when there is no such thing. */
  readonly plan: { readonly parts: PlanParts; readonly programs: Counted } | undefined;
  /** Maps those; set when all maps are compiled. */
  run?: Run | undefined;
  readonly map: (scan: RecordScan, shared: Shared, out: EventBuffer, problems: Problems) => DirectOutcome;
}

interface DirectMapping {
  readonly exclude: boolean;
  /** Where it is counted. */
  readonly place: number;
  readonly conditions: readonly ChosenBy[] | undefined;
  readonly meets: (scan: RecordScan) => boolean;
  /** Writes its events from bytes to bytes; undefined when that can't be done. */
  readonly writer: EventWriter | undefined;
  /** Writes what the writer does not. */
  readonly writeDecoded: WriteDecoded;
}

/** Compiles a mapping file. */
export function compileSet(
  set: MappingSet,
  format: DirectFormat,
  decoded: DecodedSet,
  slotOf: SlotOf,
  hits: MappingHits,
): DirectSet {
  const { counts } = hits;
  // What several events share is to be read once.
  const sources = set.mode === 'first' ? sourcesOf(set, slotOf) : undefined;
  const { forId, forAnyOther } = tableById(set.mappings, (mapping): DirectMapping => {
    const { prefilter } = mapping;
    const writer = sources && format.compile(mapping, sources.externalId);
    return {
      exclude: prefilter.exclude,
      place: hits.placeOf(mapping),
      conditions: conditionsOf(prefilter, slotOf),
      meets: compilePrefilter(prefilter, slotOf),
      writer,
      // Whose events are written from bytes seldom need it; the keys that it asks for are those that the writer asks for.
      writeDecoded: writer ? whenCalled(() => decoded.compile(mapping)) : decoded.compile(mapping),
    };
  });
  const candidatesOf = compileChoice(set.idFields, slotOf, (id) => forId.get(id) ?? forAnyOther);
  /** Places of the mappings that the record matches. */
  const matched: number[] = [];

  const mapOne: DirectSet['map'] = (scan, shared, out, problems) => {
    let source: EventSource | undefined;
    let isMapped = false;
    matched.length = 0;
    for (const { exclude, place, meets, writer, writeDecoded } of candidatesOf(scan)) {
      const isMet = meets(scan);
      if (exclude && isMet) {
        matched.push(place);
        return isMapped ? 'mapped' : 'filtered';
      }
      if (!exclude && !isMet) continue;
      const isWritten =
        writer && readShared(scan, sources!, shared, problems) && writer.write(scan, shared, out, problems);
      if (!isWritten) {
        // What the writer counted is counted once more.
        if (writer) clearProblems(problems);
        source ??= decoded.read(scan, shared, problems);
        if (!writeDecoded(scan, source, shared, out, problems)) return 'unfit';
      }
      matched.push(place);
      isMapped = true;
      if (set.mode === 'first') break;
    }
    return isMapped ? 'mapped' : 'unmapped';
  };

  const shape = set.shape.map((key) => slotOf(key));
  return {
    matchesTag: compileTagPattern(set.match),
    shape: set.shape,
    hasShape: (scan: RecordScan) => shape.every((slot) => scan.at(slot) !== nothing),
    plan: sources && compilePlan(set, sources, forId, forAnyOther, format, slotOf),
    map: (scan, shared, out, problems) => {
      const events = out.count;
      const outcome = mapOne(scan, shared, out, problems);
      if (outcome === 'unfit' || scan.isUnclear) {
        if (out.count > events) out.truncate(events);
        return 'unfit';
      }
      for (const place of matched) counts[place]!++;
      return outcome;
    },
  };
}

/** Compiled at the first call. */
function whenCalled(compile: () => WriteDecoded): WriteDecoded {
  let compiled: WriteDecoded | undefined;
  return (...record) => {
    compiled ??= compile();
    return compiled(...record);
  };
}

/** Where an event's time and the record's id come from. */
interface SharedSources {
  readonly time: Source;
  readonly externalId: Source;
}

/** @returns undefined when they take decoded values */
function sourcesOf({ time, externalId }: MappingSet, slotOf: SlotOf): SharedSources | undefined {
  const sources = [time ?? none, externalId].map((value) => compileSource(value, slotOf));
  const [timeSource, idSource] = sources;
  return timeSource && idSource && { time: timeSource, externalId: idSource };
}

/** @returns undefined when there is nothing that could be written at once, or ids can't be told by their bytes */
function compilePlan(
  { idFields }: MappingSet,
  { time, externalId }: SharedSources,
  forId: ReadonlyMap<string, readonly DirectMapping[]>,
  forAnyOther: readonly DirectMapping[],
  format: DirectFormat,
  slotOf: SlotOf,
): DirectSet['plan'] {
  const ids = idFields.map((path) => compileSource(path, slotOf));
  const isRead = (source: Source | undefined): source is Source =>
    source !== undefined && source.compute === undefined;
  if (!ids.every(isRead) || !isRead(time) || !isRead(externalId)) return undefined;
  if (![...forId.keys()].every(hasOwnBytes)) return undefined;
  const places = new Map<Program, number>();
  const chosen = (mappings: readonly DirectMapping[]): Chosen[] =>
    mappings.map(({ exclude, conditions, place, writer }) => {
      const program = writer?.program;
      if (program) places.set(program, place);
      return { exclude, conditions, program };
    });
  const known = new Map([...forId].map(([id, mappings]) => [id, chosen(mappings)] as const));
  const parts = { ids, time, externalId, format, known, other: chosen(forAnyOther) };
  if (places.size === 0) return undefined;
  return { parts, programs: [...places].map(([program, place]) => ({ program, place })) };
}

/** What is no Unicode is read as U+FFFD, so that texts of other bytes may be the same. */
const hasOwnBytes = (text: string): boolean => text.isWellFormed() && !text.includes('\ufffd');

/** @returns undefined when one is of a value that is found by decoding alone */
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

function compilePrefilter({ conditions }: Prefilter, slotOf: SlotOf): (scan: RecordScan) => boolean {
  const tests = conditions.map(({ path, anyOf }) => ({
    locate: compileLocate(path, slotOf) ?? (() => unclear),
    read: compilePath(path),
    meets: new OfText((text) => anyOf.includes(withoutConstantPrefix(text))),
  }));
  return (scan) => {
    for (const { locate, read, meets } of tests) {
      const at = locate(scan);
      const isMet =
        at > 0
          ? ofText(scan, at, meets, textOfMaybe)
          : meets.compute(at === nothing ? '' : textOfMaybe(read(scan.record)));
      if (!isMet) return false;
    }
    return true;
  };
}

/** Compiles what finds the mappings for a record's id. */
function compileChoice<Choice>(
  fields: MappingSet['idFields'],
  slotOf: SlotOf,
  choose: (id: string) => Choice,
): (scan: RecordScan) => Choice {
  const choices = new OfText((id) => choose(withoutConstantPrefix(id)));
  const ids = fields.map((path) => ({
    locate: compileSource(path, slotOf)?.locate ?? (() => unclear),
    read: compilePath(path),
  }));
  return (scan) => {
    for (const { locate, read } of ids) {
      const at = locate(scan);
      if (at > 0) return ofText(scan, at, choices, textOf);
      const value = at === unclear ? read(scan.record) : undefined;
      if (!isEmpty(value)) return choices.compute(textOf(value));
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

/** Reads what all events of the record share. @returns false when that takes decoded values */
function readShared(
  scan: RecordScan,
  { time, externalId }: SharedSources,
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
