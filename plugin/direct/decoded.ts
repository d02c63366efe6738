import type { Event, Problems } from '../compile/event.ts';
import { compileParts, type EventParts } from '../compile/event-parts.ts';
import type { EventSource } from '../compile/mapper.ts';
import { compileValueOf } from '../compile/value.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import { toMilliseconds } from '../fluent/event-time.ts';
import { largestMessage } from '../fluent/forward-message.ts';
import { compileAdd } from '../fluent/rendered-event.ts';
import { formats } from '../format/index.ts';
import type { Mapping, MappingSet } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { parseTime } from '../mapping/time.ts';
import type { Shared } from './event-writer.ts';
import type { RecordScan } from './record-scan.ts';
import { compileRead, type SlotOf } from './source.ts';

/** Makes the events of a mapping file of decoded values. */
export interface DecodedSet {
  /** What all events of a record share. */
  readonly read: (scan: RecordScan, shared: Shared, problems: Problems) => EventSource;
  readonly compile: (mapping: Mapping) => WriteDecoded;
}

/**
 * Adds an event.
 *
 * @returns false, and nothing added, when the record is for the objects path: its event is too large or too deep
 */
export type WriteDecoded = (
  scan: RecordScan,
  source: EventSource,
  shared: Shared,
  out: EventBuffer,
  problems: Problems,
) => boolean;

/** For the mapping files of a destination. */
export interface Decoded {
  readonly of: (set: MappingSet) => DecodedSet;
  /** Events that were made in this way. */
  events: number;
}

/**
 * Compiles what makes events in the way that every mapping, every value and every format can go: the values that the
 * mapping asks for are decoded, and no others, and the format's own code renders them. It is for whatever can't be written from
 * bytes to bytes.
 */
export function compileDecoded(settings: DestinationSettings, slotOf: SlotOf): Decoded {
  const render = formats.get(settings.format)!.compile(settings);
  const add = compileAdd(settings);
  const readAt = (path: Parameters<typeof compileRead>[0]) => compileRead(path, slotOf);
  const of: Decoded['of'] = ({ time, externalId }) => {
    const readTime = time && compileValueOf(time, readAt);
    const readId = compileValueOf(externalId, readAt);
    return {
      read: (scan, shared, problems) => ({
        tag: shared.tag,
        time: (readTime && parseTime(readTime(scan, problems))) ?? toMilliseconds(shared.time),
        externalId: readId(scan, problems),
      }),
      compile: (mapping) => {
        const partsOf = compileParts(mapping, readAt);
        return (scan, source, shared, out, problems) => {
          const before = out.count;
          try {
            const event = new DecodedEvent(partsOf(scan, problems), source, scan);
            add(out, shared.time, render(event, problems));
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            return false;
          }
          const isGood = out.lengthOf(before) <= largestMessage;
          if (isGood) decoded.events++;
          else out.truncate(before);
          return isGood;
        };
      },
    };
  };
  const decoded: Decoded = { of, events: 0 };
  return decoded;
}

class DecodedEvent implements Event {
  readonly eventClass: unknown;
  readonly eventName: unknown;
  readonly severity: unknown;
  readonly extension: Event['extension'];
  readonly time: number;
  readonly externalId: unknown;
  readonly tag: string;
  readonly #scan: RecordScan;

  constructor(parts: EventParts, { tag, time, externalId }: EventSource, scan: RecordScan) {
    this.eventClass = parts.eventClass;
    this.eventName = parts.eventName;
    this.severity = parts.severity;
    this.extension = parts.extension;
    this.time = time;
    this.externalId = externalId;
    this.tag = tag;
    this.#scan = scan;
  }

  /** Decoded when it is asked for. */
  get record(): Event['record'] {
    return this.#scan.record;
  }
}
