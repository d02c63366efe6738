import { type Candidate, candidatesFor } from '../compile/candidates.ts';
import { clearProblems, noProblems, type Problems } from '../compile/event.ts';
import { MappingHits } from '../compile/hits.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import { isGroupMark } from '../fluent/event-time.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { Asked } from './asked.ts';
import { bodyWindow, Image, memory, memoryView, openedAt, opening, openLog, unlessFull } from './assembly.ts';
import { compileDecoded, type Decoded } from './decoded.ts';
import { compileSet, type DirectOutcome, type DirectSet } from './direct-set.ts';
import type { CompileFormat, DirectFormat, Shared } from './event-writer.ts';
import { KeyTable, type Slot, Slots } from './key-table.ts';
import { cefDialect } from './lines/cef-dialect.ts';
import { leefDialect } from './lines/leef-dialect.ts';
import { compileLines } from './lines/line.ts';
import { compileObjects } from './objects/object.ts';
import { endOf } from './packed-value.ts';
import { nothing, RecordScan } from './record-scan.ts';
import { countHits, Run } from './run.ts';
import { shapes } from './shapes/index.ts';
import type { SlotOf } from './source.ts';

const formats: ReadonlyMap<string, CompileFormat> = new Map([
  ['cef', compileLines(cefDialect)],
  ['leef', compileLines(leefDialect)],
  ...[...shapes].map(([name, shape]): [string, CompileFormat] => [name, compileObjects(shape)]),
]);

/** For formats and settings whose events all take decoded values. */
const decodedOnly: DirectFormat = {
  earliest: 0,
  latest: Number.MAX_SAFE_INTEGER,
  compile: () => undefined,
  begin: () => true,
};

/** What the maps of a destination are laid out in. */
interface Place {
  readonly slots: Slots;
  readonly image: Image;
}

/** Tags that were seen lately; a sender that makes up tags must not fill the memory. */
const rememberedTags = 1000;

/**
 * The direct path: from the bytes of Fluent Bit's body straight to the bytes of its forward message. One pass over a
 * record notes where the values lie that a mapping of the destination asks for; then the line is written by copying
 * them, escaped. No object and no string is made of what only passes through.
 *
 * So it is for CEF and LEEF (`lines/`) and for the JSON shapes (`objects/`, `shapes/`) but ECS and OCSF. What a function is given is decoded, and
 * a value of a line that needs more than a backslash: that value alone. Events that can't be written so take decoded values: those
 * that the mapping asks for, which the format's own code renders (`decoded.ts`). That is for the other formats, `mode: all`, a key that the format
 * sets itself, a value that is not what its place is for. A line of JSON under a lone `log` is packed first, and then a record like any other. What is left is `unfit`, and goes over objects: a record with an ext type, a key that is no text,
 * or deep nesting in it; an event that is too large. That all ways give the same, test/direct/ holds them to.
 *
 * Records that have nothing unusual, which are most, `run` maps many at a time in WebAssembly; `map` is for the others.
 */
export class DirectMapper {
  /** What the last entry had that could not be said as the mapping wanted it. */
  readonly problems: Problems = noProblems();
  readonly #sets: readonly DirectSet[];
  readonly #scan: RecordScan;
  readonly #format: DirectFormat;
  readonly #image: Image;
  readonly #asked: Asked;
  readonly #counts: Float64Array;
  readonly #logSlot: Slot;
  readonly #decoded: Decoded;
  readonly #byTag = new Map<string, Candidate<DirectSet>[]>();
  readonly #shared: Shared = {
    time: { seconds: 0, nanoseconds: 0 },
    timeAt: 0,
    eventTime: 0,
    idAt: nothing,
    recordAt: 0,
    tag: '',
  };

  /**
   * @param sets in the order they are tried
   * @param hits where it is counted which mapping matched
   */
  constructor(
    sets: readonly MappingSet[],
    format: DirectFormat,
    settings: DestinationSettings,
    { slots, image }: Place,
    hits = new MappingHits(sets),
  ) {
    this.#format = format;
    this.#image = image;
    const slotOf: SlotOf = (key, below) => slots.of(key, below);
    this.#logSlot = slotOf('log');
    this.#decoded = compileDecoded(settings, slotOf);
    this.#sets = sets.map((set) => compileSet(set, format, this.#decoded.of(set), slotOf, hits));
    const table = new KeyTable(slots.wanted, slots.count, this.#image);
    this.#scan = new RecordScan(table);
    this.#asked = new Asked(image.programs, this.#scan);
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
    if (!this.#format.begin(tag)) return start;
    this.#image.load();
    this.#asked.begin();
    const { run, plan } = only!.set;
    const end = run.map(bytes, start, out, mayPass);
    this.passed = run.passed;
    if (end > start) countHits(plan!.programs, this.#counts);
    return end;
  }

  /** Events that took decoded values, of all so far. */
  get decodedEvents(): number {
    return this.#decoded.events;
  }

  /** Entries that `run` passed over. */
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
    clearProblems(this.problems);
    const candidates = this.#candidates(tag);
    if (!this.#format.begin(tag)) return 'unfit';
    this.#shared.tag = tag;
    this.#image.load();
    this.#asked.begin(this.problems);
    let end = this.#read(bodyWindow.open(bytes, start));
    // The entry goes on behind the window.
    if (end > bodyWindow.end)
      end = bodyWindow.canMoveTo(start) ? this.#read(bodyWindow.move(bytes, start)) : nothing;
    if (end === nothing || end > bodyWindow.end) return 'unfit';
    const scan = this.#scan;
    this.end = bodyWindow.offsetOf(end);
    if (!this.#open(scan.at(this.#logSlot))) return 'unfit';
    for (const { set, byShape } of candidates) {
      if (byShape && !set.hasShape(scan)) continue;
      clearProblems(this.problems);
      const outcome = set.map(scan, this.#shared, out, this.problems);
      if (outcome !== 'unmapped') return outcome;
    }
    return 'unmapped';
  }

  /** Reads the entry at an address: where it ends, as `RecordScan.read` says it. */
  #read(start: number): number {
    const { end } = bodyWindow;
    if (start + shortestEntry > end) return end + 1;
    if (!readTime(start, this.#shared)) return nothing;
    const recordAt = recordOf(start, end);
    if (recordAt === nothing) return nothing;
    this.#shared.recordAt = recordAt;
    return recordAt >= end ? end + 1 : this.#scan.read(recordAt, end);
  }

  /** A lone `log` may hold the record itself, as JSON text. @returns false when the objects path is to tell */
  #open(log: number): boolean {
    if (log === nothing || this.#scan.length !== 1) return true;
    const opened = openLog(log) >>> 0;
    if (opened === opening.asItIs) return true;
    if (opened === opening.unclear) return false;
    this.#shared.recordAt = openedAt();
    return this.#scan.read(this.#shared.recordAt, opened) === opened;
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
}

/**
 * Compiles the direct path of a destination.
 *
 * @returns undefined when its maps ask for too many keys
 */
export function compileDirect(
  sets: readonly MappingSet[],
  settings: DestinationSettings,
  hits?: MappingHits,
): DirectMapper | undefined {
  const compile = formats.get(settings.format);
  return unlessFull(() => {
    const slots = new Slots();
    const image = new Image();
    const format = compile?.(settings, slots, image) ?? decodedOnly;
    return new DirectMapper(sets, format, settings, { slots, image }, hits);
  });
}

const eventTime = 0xd7;
/** Bytes of `[EventTime, {}]`. */
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

/** Where the record of such an entry starts; `nothing` when its metadata are not plain. */
function recordOf(start: number, end: number): number {
  return memory[start + 1] === 0x92 ? endOf(start + 12, end) : start + 11;
}
