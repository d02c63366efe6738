import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Event } from '../compile/event.ts';
import { isMsgpack, textParts, unwrapLine } from '../fluent/decode.ts';
import { type BadEntry, type Entry, mostRecords, TooManyRecords } from '../fluent/entry.ts';
import { type EventTime, toMilliseconds } from '../fluent/event-time.ts';
import { largestMessage } from '../fluent/forward-message.ts';
import { endOfEntry, msgpackEntryAt } from '../fluent/msgpack-body.ts';
import { type AddRendered, compileAdd } from '../fluent/rendered-event.ts';
import { passedRecord } from '../format/index.ts';
import { toJsonValue } from '../format/json-value.ts';
import type { OutgoingRecord } from '../format/render.ts';
import { toText } from '../mapping/text.ts';
import { packDeadLetter } from './dead-letter.ts';
import type { CompiledDestination } from './destination.ts';
import { kindOf } from './mapped-counts.ts';
import { RenderedBody } from './rendered-body.ts';
import type { SeenRecords } from './seen-records.ts';

/**
 * Decodes, maps, formats and packs every record of a body. The same body gives the same events in the same order,
 * which is what lets a repeat skip the ones that were acknowledged.
 *
 * @param raw the unpacked body
 * @param now the time for records that carry none
 * @param tag Fluent Bit's tag of the records, or ''
 * @param asEvents the records are events already: they are only packed
 * @param into is cleared first
 * @param seen keeps the last of the records
 * @throws BodyError when no retry of the same bytes will help
 */
export function renderBody(
  destination: CompiledDestination,
  raw: Buffer,
  now: EventTime,
  tag: string,
  asEvents = false,
  into: RenderedBody = new RenderedBody(),
  seen?: SeenRecords,
): RenderedBody {
  into.clear();
  const rendering = new Rendering(destination, tag, asEvents, into, asEvents ? undefined : seen);
  if (isMsgpack(raw)) rendering.addMsgpack(raw, now);
  else for (const _ of rendering.textSteps(raw, now));
  return into;
}

/** JSON of more bytes may hold so many records, or lines that are none, that they take longer than others should wait. */
const longText = 64 * 1024;
/** Milliseconds after which others have their turn. */
const turn = 20;

/** Whether a body may take so long that it is to be rendered by `renderInTurns`. */
export function isLong(raw: Buffer): boolean {
  return raw.length > longText && !isMsgpack(raw);
}

/**
 * As `renderBody`, into memory of its own, giving way to whatever else there is to do every few milliseconds.
 *
 * @throws BodyError when no retry of the same bytes will help
 */
export async function renderInTurns(
  destination: CompiledDestination,
  raw: Buffer,
  now: EventTime,
  tag: string,
  asEvents: boolean,
  seen?: SeenRecords,
): Promise<RenderedBody> {
  const into = new RenderedBody();
  const rendering = new Rendering(destination, tag, asEvents, into, asEvents ? undefined : seen);
  let since = performance.now();
  let steps = 0;
  for (const _ of rendering.textSteps(raw, now)) {
    if (++steps % stepsBetweenLooks > 0 || performance.now() - since < turn) continue;
    await setImmediate();
    since = performance.now();
  }
  return into;
}

/** To look at the clock after each record would cost as much as a small one. */
const stepsBetweenLooks = 64;

/** Bytes of the smallest entry, `[0, {}]`. */
const smallestEntry = 3;

/** Before any is mapped; what is no larger than Fluent Bit's usual chunks can't have too many. */
function checkCount(raw: Buffer): void {
  if (raw.length <= smallestEntry * mostRecords) return;
  let count = 0;
  for (let at = 0; at < raw.length; at = endOfEntry(raw, at))
    if (++count > mostRecords) throw new TooManyRecords(at);
}

class Rendering {
  readonly #destination: CompiledDestination;
  readonly #addRendered: AddRendered;
  readonly #tag: string;
  readonly #asEvents: boolean;
  readonly #into: RenderedBody;
  readonly #seen: SeenRecords | undefined;

  constructor(
    destination: CompiledDestination,
    tag: string,
    asEvents: boolean,
    into: RenderedBody,
    seen: SeenRecords | undefined,
  ) {
    this.#destination = destination;
    this.#addRendered = compileAdd(destination.settings);
    this.#tag = tag;
    this.#asEvents = asEvents;
    this.#into = into;
    this.#seen = seen;
  }

  /** Adds the records of a JSON body: one, or what is none, with each step. */
  *textSteps(raw: Buffer, now: EventTime): Generator<void, void> {
    const seen = this.#seen;
    let last: Entry['record'][] = [];
    for (const part of textParts(raw, now)) {
      if ('record' in part) {
        this.#add(part);
        if (seen) last.push(part.record);
        if (seen && last.length >= 2 * seen.most) last = last.slice(-seen.most);
      } else this.#buryEntry(part);
      yield;
    }
    seen?.keepRecords(last, this.#tag, now);
  }

  addMsgpack(raw: Buffer, now: EventTime): void {
    checkCount(raw);
    const seen = this.#seen;
    seen?.begin();
    for (let at = 0; at < raw.length; ) {
      // Each entry is noted where the last ones are kept.
      if (!seen) at = this.#addAtOnce(raw, at);
      if (at >= raw.length) break;
      const end = this.#addDirectly(raw, at) ?? this.#addDecoded(raw, at, now);
      seen?.note(at, end);
      at = end;
    }
    seen?.keepNoted(raw, this.#tag, now);
  }

  /** Adds entries that have nothing unusual. @returns the offset of the first that has */
  #addAtOnce(raw: Buffer, at: number): number {
    const { direct, settings } = this.#destination;
    if (!direct || this.#asEvents) return at;
    const { events, tally } = this.#into;
    const before = events.count;
    const mayPass = settings.unmapped === 'pass' ? 0 : this.#into.mayOverlook;
    const end = direct.run(raw, at, this.#tag, events, mayPass);
    tally.mapped += events.count - before;
    tally.unmapped += direct.passed;
    this.#into.overlook(direct.passed);
    return end;
  }

  /** @returns the offset behind the entry, or undefined when it is for the objects path */
  #addDirectly(raw: Buffer, at: number): number | undefined {
    const { direct, settings } = this.#destination;
    if (!direct || this.#asEvents) return undefined;
    const { events, tally } = this.#into;
    const decodedBefore = direct.decodedEvents;
    const outcome = direct.map(raw, at, this.#tag, events);
    if (outcome === 'unfit' || (outcome === 'unmapped' && settings.unmapped === 'pass')) return undefined;
    tally[outcome]++;
    tally.decodedEvents += direct.decodedEvents - decodedBefore;
    if (outcome === 'unmapped') this.#noteDirect(raw, at);
    tally.failedValues += direct.problems.failedValues;
    tally.clampedSeverities += direct.problems.clampedSeverities;
    tally.shortenedValues += direct.problems.shortenedValues;
    tally.mistypedValues += direct.problems.mistypedValues;
    if (direct.problems.failedFunction !== undefined) tally.failedFunction = direct.problems.failedFunction;
    return direct.end;
  }

  #noteDirect(raw: Buffer, at: number): void {
    this.#into.noteUnmapped(() => {
      const { entry } = msgpackEntryAt(raw, at, { seconds: 0, nanoseconds: 0 });
      return this.#kindOf(entry ? unwrapLine(entry).record : {});
    });
  }

  #kindOf(record: Entry['record']): string {
    return kindOf(this.#tag, this.#destination.kind?.(record, this.#tag) ?? '');
  }

  #addDecoded(raw: Buffer, at: number, now: EventTime): number {
    const { end, entry, bad } = msgpackEntryAt(raw, at, now);
    if (entry) this.#add(unwrapLine(entry));
    if (bad) this.#buryEntry(bad);
    return end;
  }

  #add(entry: Entry): void {
    const { events } = this.#into;
    const before = events.count;
    try {
      this.#addWhole(entry);
    } catch (error) {
      // A text beyond the longest there is, nesting beyond the stack: one record must not hold up its neighbours for ever.
      if (!(error instanceof RangeError)) throw error;
      events.truncate(before);
      this.#into.tally.deadTooLarge++;
      const content = Buffer.from(toText(entry.record) ?? '');
      this.#bury(entry.time, `it is too large or too deep for an event: ${error.message}`, content);
    }
  }

  #addWhole(entry: Entry): void {
    const { settings, map } = this.#destination;
    const { tally } = this.#into;
    const { record } = entry;
    if (this.#asEvents) {
      this.#emit('passed', entry, [toJsonValue(record) as OutgoingRecord]);
      return;
    }
    const received = toMilliseconds(entry.time);
    const outcome = map(record, this.#tag, received, tally);
    if (outcome.kind === 'unmapped') this.#into.noteUnmapped(() => this.#kindOf(record));
    if (outcome.kind === 'mapped') this.#emit('mapped', entry, this.#render(outcome.events));
    else if (outcome.kind === 'unmapped' && settings.unmapped === 'pass') {
      this.#emit('passed', entry, this.#render([passedRecord(record, this.#tag, received)]));
    } else tally[outcome.kind]++;
  }

  #render(events: readonly Event[]): OutgoingRecord[] {
    return events.map((event) => this.#destination.render(event, this.#into.tally));
  }

  #emit(outcome: 'mapped' | 'passed', { time, record }: Entry, rendered: readonly OutgoingRecord[]): void {
    const { events, tally } = this.#into;
    const before = events.count;
    for (const one of rendered) this.#addRendered(events, time, one);
    let largest = 0;
    for (let index = before; index < events.count; index++)
      largest = Math.max(largest, events.lengthOf(index));
    if (largest > largestMessage) {
      events.truncate(before);
      // The record itself, so that it can be replayed when the mapping leaves out what is large.
      const content = Buffer.from(toText(record) ?? '');
      tally.deadTooLarge++;
      this.#bury(time, `the event has ${largest} bytes, more than ${largestMessage}`, content);
      return;
    }
    tally[outcome]++;
    if (!this.#asEvents) tally.decodedEvents += events.count - before;
  }

  #buryEntry({ time, reason, raw }: BadEntry): void {
    this.#into.tally.deadUndecodable++;
    this.#bury(time, reason, raw);
  }

  /** Sets a record aside as a dead letter. */
  #bury(time: EventTime, reason: string, content: Buffer): void {
    const isBase64 = !isUtf8(content);
    const text = content.toString(isBase64 ? 'base64' : 'utf8');
    const letter = { time, reason, content: text, isBase64, tag: this.#tag };
    const packed = packDeadLetter(letter, this.#destination.settings.name);
    this.#into.tally.deadLetters++;
    this.#into.deadLetters.addPacked(packed, packed.length);
  }
}
