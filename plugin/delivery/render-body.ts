import type { Event } from '../compile/event.ts';
import { noProblems, type Problems } from '../compile/event.ts';
import type { DecodedBody, Entry } from '../fluent/entry.ts';
import { type EventTime, toMilliseconds } from '../fluent/event-time.ts';
import { packEvent } from '../fluent/forward-message.ts';
import { passedRecord } from '../format/index.ts';
import { toText } from '../mapping/text.ts';
import { packDeadLetter } from './dead-letter.ts';
import type { Destination } from './destination.ts';

// One message must fit Fluent Bit's input buffer (Buffer_Max_Size, 6,144,000 bytes by default) with its header.
const largestEvent = 6_000_000;

/** What became of each record; every record counts in exactly one of the first five. */
export interface Tally extends Problems {
  mapped: number;
  filtered: number;
  unmapped: number;
  passed: number;
  deadLetters: number;
}

/** What a request's records became: packed events, and packed dead letters for the ones that can't be one. */
export interface RenderedBody {
  readonly events: readonly Buffer[];
  readonly deadLetters: readonly Buffer[];
  readonly tally: Readonly<Tally>;
}

/**
 * Maps, formats and packs every record of a body. The same body gives the same events in the same order,
 * which is what lets a repeat skip the ones that were acknowledged.
 */
export function renderBody(destination: Destination, body: DecodedBody, tag: string): RenderedBody {
  const rendering = new Rendering(destination, tag);
  for (const entry of body.entries) rendering.add(entry);
  for (const { time, reason, raw } of body.bad) rendering.bury(time, reason, raw.toString('utf8'));
  return rendering;
}

class Rendering implements RenderedBody {
  readonly events: Buffer[] = [];
  readonly deadLetters: Buffer[] = [];
  readonly tally: Tally = { mapped: 0, filtered: 0, unmapped: 0, passed: 0, deadLetters: 0, ...noProblems() };
  readonly #destination: Destination;
  readonly #tag: string;

  constructor(destination: Destination, tag: string) {
    this.#destination = destination;
    this.#tag = tag;
  }

  add({ time, record }: Entry): void {
    const { settings, map } = this.#destination;
    const received = toMilliseconds(time);
    const outcome = map(record, this.#tag, received, this.tally);
    if (outcome.kind === 'mapped') this.#emit('mapped', time, outcome.events);
    else if (outcome.kind === 'unmapped' && settings.unmapped === 'pass') {
      this.#emit('passed', time, [passedRecord(record, this.#tag, received)]);
    } else this.tally[outcome.kind]++;
  }

  /** Sets a record aside as a dead letter. */
  bury(time: EventTime, reason: string, content: string): void {
    this.tally.deadLetters++;
    this.deadLetters.push(packDeadLetter({ time, reason, content, tag: this.#tag }, this.#destination.name));
  }

  #emit(outcome: 'mapped' | 'passed', time: EventTime, events: readonly Event[]): void {
    const packed = events.map((event) => packEvent(time, this.#destination.render(event, this.tally)));
    const tooLarge = packed.find((event) => event.length > largestEvent);
    if (tooLarge) {
      const content = toText(this.#destination.render(events[packed.indexOf(tooLarge)]!, noProblems())) ?? '';
      this.bury(time, `the event has ${tooLarge.length} bytes, more than ${largestEvent}`, content);
      return;
    }
    this.tally[outcome]++;
    this.events.push(...packed);
  }
}
