import { isUtf8 } from 'node:buffer';
import type { Event } from '../compile/event.ts';
import { noProblems, type Problems } from '../compile/event.ts';
import type { DecodedBody, Entry } from '../fluent/entry.ts';
import { type EventTime, toMilliseconds } from '../fluent/event-time.ts';
import { largestMessage, packEvent } from '../fluent/forward-message.ts';
import { passedRecord } from '../format/index.ts';
import { jsonBytes } from '../format/json-limit.ts';
import { toJsonValue } from '../format/json-value.ts';
import type { OutgoingRecord } from '../format/render.ts';
import { toText } from '../mapping/text.ts';
import { packDeadLetter } from './dead-letter.ts';
import type { Destination } from './destination.ts';

/** What became of each record; every record counts in exactly one of the first five. */
export interface Tally extends Problems {
  mapped: number;
  filtered: number;
  unmapped: number;
  passed: number;
  deadLetters: number;
}

/** One event or dead letter, packed for Fluent Bit. */
export interface PackedRecord {
  readonly packed: Buffer;
  /** Bytes it has in the request to the SIEM. */
  readonly size: number;
}

/** What a request's records became: packed events, and packed dead letters for the ones that can't be one. */
export interface RenderedBody {
  readonly events: readonly PackedRecord[];
  readonly deadLetters: readonly PackedRecord[];
  readonly tally: Readonly<Tally>;
}

/**
 * Maps, formats and packs every record of a body. The same body gives the same events in the same order,
 * which is what lets a repeat skip the ones that were acknowledged.
 *
 * @param asEvents the records are events already: they are only packed
 */
export function renderBody(
  destination: Destination,
  body: DecodedBody,
  tag: string,
  asEvents = false,
): RenderedBody {
  const rendering = new Rendering(destination, tag);
  for (const entry of body.entries) {
    if (asEvents) rendering.pass(entry);
    else rendering.add(entry);
  }
  for (const { time, reason, raw } of body.bad) rendering.bury(time, reason, raw);
  return rendering;
}

class Rendering implements RenderedBody {
  readonly events: PackedRecord[] = [];
  readonly deadLetters: PackedRecord[] = [];
  readonly tally: Tally = { mapped: 0, filtered: 0, unmapped: 0, passed: 0, deadLetters: 0, ...noProblems() };
  readonly #destination: Destination;
  readonly #tag: string;

  constructor(destination: Destination, tag: string) {
    this.#destination = destination;
    this.#tag = tag;
  }

  add(entry: Entry): void {
    const { time, record } = entry;
    const { settings, map } = this.#destination;
    const received = toMilliseconds(time);
    const outcome = map(record, this.#tag, received, this.tally);
    if (outcome.kind === 'mapped') this.#emit('mapped', entry, this.#render(outcome.events));
    else if (outcome.kind === 'unmapped' && settings.unmapped === 'pass') {
      this.#emit('passed', entry, this.#render([passedRecord(record, this.#tag, received)]));
    } else this.tally[outcome.kind]++;
  }

  /** Sets a record aside as a dead letter. */
  bury(time: EventTime, reason: string, content: Buffer): void {
    const isBase64 = !isUtf8(content);
    const text = content.toString(isBase64 ? 'base64' : 'utf8');
    this.tally.deadLetters++;
    const letter = { time, reason, content: text, isBase64, tag: this.#tag };
    const packed = packDeadLetter(letter, this.#destination.name);
    this.deadLetters.push({ packed, size: packed.length });
  }

  #render(events: readonly Event[]): OutgoingRecord[] {
    return events.map((event) => this.#destination.render(event, this.tally));
  }

  /** Sends on what is an event in the destination's shape already. */
  pass(entry: Entry): void {
    this.#emit('passed', entry, [toJsonValue(entry.record) as OutgoingRecord]);
  }

  #emit(outcome: 'mapped' | 'passed', { time, record }: Entry, rendered: readonly OutgoingRecord[]): void {
    const packed = rendered.map((one): PackedRecord => {
      const bytes = packEvent(time, one);
      // A line travels as it is, an object as JSON text.
      return { packed: bytes, size: this.#destination.isText ? bytes.length : jsonBytes(one) };
    });
    const largest = Math.max(...packed.map((event) => event.packed.length));
    if (largest > largestMessage) {
      // The record itself, so that it can be replayed when the mapping leaves out what is large.
      const content = Buffer.from(toText(record) ?? '');
      this.bury(time, `the event has ${largest} bytes, more than ${largestMessage}`, content);
      return;
    }
    this.tally[outcome]++;
    this.events.push(...packed);
  }
}
