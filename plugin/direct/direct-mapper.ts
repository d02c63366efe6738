import { type Candidate, candidatesFor } from '../compile/candidates.ts';
import { noProblems, type Outcome, type Problems } from '../compile/event.ts';
import { MappingHits } from '../compile/hits.ts';
import { tableById } from '../compile/mapper.ts';
import { compileTagPattern } from '../compile/tag.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import { isGroupMark, toMilliseconds } from '../fluent/event-time.ts';
import { withoutConstantPrefix } from '../mapping/constant.ts';
import type { MappingSet, Prefilter, Value } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { toText } from '../mapping/text.ts';
import { parseTime } from '../mapping/time.ts';
import { bodyWindow, Image, memory, memoryView, unlessFull } from './assembly.ts';
import { cefDialect } from './cef-dialect.ts';
import type { Dialect } from './dialect.ts';
import { KeyTable, type Slot } from './key-table.ts';
import { leefDialect } from './leef-dialect.ts';
import { compileLine, type Line, type Shared } from './line.ts';
import { decodeAt, endOf, smallNumber, startOfText } from './packed-value.ts';
import type { Program } from './program.ts';
import { type Body, nothing, RecordScan, skip, unclear } from './record-scan.ts';
import { type Chosen, type ChosenBy, type Counted, countHits, type PlanParts, Run } from './run.ts';
import { compileLocate, compileSource, constant, placeOf, type SlotOf, type Source } from './source.ts';
import { OfText } from './text-cache.ts';

const dialects: ReadonlyMap<string, (settings: DestinationSettings) => Dialect> = new Map([
  ['cef', cefDialect],
  ['leef', leefDialect],
]);

/** Tags that were seen lately; a sender that makes up tags must not fill the memory. */
const rememberedTags = 1000;

/** What became of an entry; `unfit`: the objects path is to take it. */
export type DirectOutcome = Outcome['kind'] | 'unfit';

/**
 * The direct path: from the bytes of Fluent Bit's body straight to the bytes of its forward message. One pass over a
 * record notes where the values lie that a mapping of the destination asks for; then the line is written by copying
 * them, escaped. No object and no string is made of what only passes through.
 *
 * It is for text formats (CEF, LEEF). Of what a function is given, and of lists and maps, that value alone is decoded.
 * Whatever is anything else is `unfit`, and goes the way over objects: `mode: all`, a function for the time or the
 * id, a record with something unusual in it, a line over the limit. Which mappings fit is decided when they are compiled; that both
 * ways give the same, test/direct/ holds them to.
 *
 * Records that have nothing unusual, which are most, `run` maps many at a time in WebAssembly; `map` is for the others.
 */
export class DirectMapper {
  /** What the last entry had that could not be said as the mapping wanted it. */
  readonly problems: Problems = noProblems();
  readonly #sets: readonly DirectSet[];
  readonly #scan: RecordScan;
  readonly #image = new Image();
  readonly #counts: Float64Array;
  readonly #logSlot: Slot;
  readonly #byTag = new Map<string, Candidate<DirectSet>[]>();
  readonly #shared: Shared = {
    time: { seconds: 0, nanoseconds: 0 },
    timeAt: 0,
    eventTime: 0,
    idAt: nothing,
  };

  /**
   * @param sets in the order they are tried
   * @param hits where it is counted which mapping matched
   */
  constructor(
    sets: readonly MappingSet[],
    settings: DestinationSettings,
    dialect: Dialect,
    hits = new MappingHits(sets),
  ) {
    const slots = new Map<string, Slot>();
    const slotOf: SlotOf = (key) => {
      const slot = slots.get(key) ?? slots.size;
      slots.set(key, slot);
      return slot;
    };
    this.#logSlot = slotOf('log');
    this.#sets = sets.map((set) => compileSet(set, settings, dialect, slotOf, hits, this.#image));
    const table = new KeyTable([...slots.keys()], this.#image);
    this.#scan = new RecordScan(table);
    this.#counts = hits.counts;
    for (const set of this.#sets)
      if (set.plan && this.#image.hasRoom)
        set.run = unlessFull(() => new Run(set.plan!.parts, table, this.#logSlot, this.#image));
  }

  /**
   * Maps entries of a body from an offset on, as long as they have nothing unusual; each is an event that is added to `out`.
   *
   * @param mayPass how many may be passed over that no mapping is for; `passed` tells how many were
   * @returns the offset of the first that `map` is to take, or of the body's end
   */
  run(bytes: Buffer, start: number, tag: string, out: EventBuffer, mayPass: number): number {
    this.passed = 0;
    const candidates = this.#candidates(tag);
    const [only] = candidates;
    if (candidates.length !== 1 || only!.byShape || !only!.set.run) return start;
    this.#image.load();
    const { run, plan } = only!.set;
    const end = run.map(bytes, start, out, mayPass);
    this.passed = run.passed;
    if (end > start) countHits(plan!.programs, this.#counts);
    return end;
  }

  passed = 0;

  /** Offset behind the entry that `map` took last. */
  end = 0;

  /**
   * Takes one entry of a body: `[time, record]` or `[[time, {}], record]`. An event is added to `out`.
   *
   * @param tag Fluent Bit's tag, or '' when the body came without one
   */
  map(bytes: Buffer, start: number, tag: string, out: EventBuffer): DirectOutcome {
    // Also where no mapping is asked.
    this.#cleared();
    const candidates = this.#candidates(tag);
    // No need to look at what none of them can map.
    if (candidates.length > 0 && !candidates.some(({ set }) => set.fits)) return 'unfit';
    this.#image.load();
    let end = this.#read(bodyWindow.open(bytes, start));
    // The entry goes on behind the window.
    if (end > bodyWindow.end)
      end = bodyWindow.canMoveTo(start) ? this.#read(bodyWindow.move(bytes, start)) : nothing;
    if (end === nothing || end > bodyWindow.end) return 'unfit';
    const scan = this.#scan;
    // A lone `log` may hold the record itself, as JSON text.
    if (scan.length === 1 && scan.at(this.#logSlot) !== nothing) return 'unfit';
    this.end = bodyWindow.offsetOf(end);
    for (const { set, byShape } of candidates) {
      if (byShape && !set.hasShape(scan)) continue;
      const outcome = set.map(scan, this.#shared, out, this.#cleared());
      if (outcome !== 'unmapped') return outcome;
    }
    return 'unmapped';
  }

  /** Reads the entry at an address: where it ends, as `RecordScan.read` says it. */
  #read(start: number): number {
    const { end } = bodyWindow;
    // What precedes the record of an entry has at most so many bytes, but for metadata.
    if (start + shortestEntry > end) return end + 1;
    if (!readTime(start, this.#shared)) return nothing;
    const recordAt = recordOf(start);
    if (recordAt === unclear) return nothing;
    return recordAt >= end ? end + 1 : this.#scan.read(recordAt, end);
  }

  #candidates(tag: string): Candidate<DirectSet>[] {
    let candidates = this.#byTag.get(tag);
    if (!candidates) {
      if (this.#byTag.size >= rememberedTags) this.#byTag.clear();
      candidates = candidatesFor(this.#sets, tag);
      this.#byTag.set(tag, candidates);
    }
    return candidates;
  }

  #cleared(): Problems {
    this.problems.failedValues = 0;
    this.problems.clampedSeverities = 0;
    this.problems.shortenedValues = 0;
    this.problems.mistypedValues = 0;
    if (this.problems.failedFunction !== undefined) delete this.problems.failedFunction;
    return this.problems;
  }
}

/**
 * Compiles the direct path of a destination.
 *
 * @returns undefined when its format has none, or its maps ask for too many keys
 */
export function compileDirect(
  sets: readonly MappingSet[],
  settings: DestinationSettings,
  hits?: MappingHits,
): DirectMapper | undefined {
  const dialect = dialects.get(settings.format);
  return dialect && unlessFull(() => new DirectMapper(sets, settings, dialect(settings), hits));
}

interface DirectSet {
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
  readonly line: Line | undefined;
}

function compileSet(
  set: MappingSet,
  settings: DestinationSettings,
  dialect: Dialect,
  slotOf: SlotOf,
  hits: MappingHits,
  image: Image,
): DirectSet {
  const { counts } = hits;
  const shape = set.shape.map(slotOf);
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
  if (set.mode !== 'first' || !isRead(timeSource) || !isRead(externalId) || !ids.every(isRead))
    return { ...compiled, fits: false, map: () => 'unfit' };
  const { forId, forAnyOther } = tableById(set.mappings, (mapping): DirectMapping => {
    const { exclude } = mapping.prefilter;
    const line = compileLine(mapping, externalId, settings, dialect, slotOf, image);
    const place = hits.placeOf(mapping);
    return {
      exclude,
      place,
      conditions: conditionsOf(mapping.prefilter, slotOf),
      meets: compilePrefilter(mapping.prefilter, slotOf),
      line,
    };
  });
  const candidatesOf = compileChoice(ids, (id) => forId.get(id) ?? forAnyOther);
  return {
    ...compiled,
    fits: true,
    plan: compilePlan(forId, forAnyOther, { ids, time: timeSource, externalId, dialect }),
    map: (scan, shared, out, problems) => {
      const candidates = candidatesOf(scan);
      if (candidates === undefined) return 'unfit';
      for (const { exclude, place, meets, line } of candidates) {
        const isMet = meets(scan);
        if (isMet === undefined) return 'unfit';
        if (exclude) {
          if (isMet) {
            counts[place]!++;
            return 'filtered';
          }
        } else if (!isMet) continue;
        if (!line || !readShared(scan, timeSource, externalId, shared)) return 'unfit';
        if (!line.write(scan, shared, out, problems)) return 'unfit';
        counts[place]!++;
        return 'mapped';
      }
      return 'unmapped';
    },
  };
}

function compilePlan(
  forId: ReadonlyMap<string, readonly DirectMapping[]>,
  forAnyOther: readonly DirectMapping[],
  rest: Pick<PlanParts, 'ids' | 'time' | 'externalId' | 'dialect'>,
): { parts: PlanParts; programs: Counted } | undefined {
  if (![...forId.keys()].every(hasOwnBytes)) return undefined;
  const places = new Map<Program, number>();
  const chosen = (mappings: readonly DirectMapping[]): Chosen[] =>
    mappings.map(({ exclude, conditions, place, line }) => {
      const program = line?.program;
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
  return start > 0 ? known.get(body, start, endOf(bytes, at)) : known.compute(textOf(decodeAt(bytes, at)));
}

/** Reads what all events of the record share. @returns false when only the objects path can */
function readShared(scan: RecordScan, time: Source, externalId: Source, shared: Shared): boolean {
  const timeAt = time.locate(scan);
  shared.idAt = externalId.locate(scan);
  if (timeAt === unclear || shared.idAt === unclear) return false;
  shared.eventTime = timeFrom(scan.bytes, timeAt, time) ?? toMilliseconds(shared.time);
  return true;
}

function timeFrom(bytes: Buffer, at: number, source: Source): number | undefined {
  if (at === nothing) return undefined;
  if (at === constant) return parseTime(source.constant);
  // Of 32 bits: they are seconds, and within every limit.
  const seconds = smallNumber(bytes, at);
  return seconds >= 0 ? seconds * 1000 : parseTime(decodeAt(bytes, at));
}

const eventTime = 0xd7;
/** `[EventTime, {}]`. */
const shortestEntry = 12;

/** Reads the time of the entry at an address. @returns false when it has not its usual form, or is a group's mark */
function readTime(start: number, shared: Shared): boolean {
  const { time } = shared;
  const at = memory[start + 1] === 0x92 ? start + 2 : start + 1;
  if (memory[start] !== 0x92 || memory[at] !== eventTime || memory[at + 1] !== 0) return false;
  time.seconds = memoryView.getUint32(at + 2);
  time.nanoseconds = memoryView.getUint32(at + 6);
  shared.timeAt = at;
  return !isGroupMark(time);
}

/** Where the record of such an entry starts, or `unclear`. */
function recordOf(start: number): number {
  return memory[start + 1] === 0x92 ? skip(memory, start + 12, 0) : start + 11;
}
