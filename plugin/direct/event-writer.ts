import type { Problems } from '../compile/event.ts';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import type { Mapping } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import type { Image } from './assembly.ts';
import type { Slots } from './key-table.ts';
import type { Program } from './program.ts';
import type { RecordScan } from './record-scan.ts';
import type { Source } from './source.ts';

/** What all events of a record share. */
export interface Shared {
  /** The entry's own time, and its address. */
  readonly time: { seconds: number; nanoseconds: number };
  timeAt: number;
  /** The event's time, epoch milliseconds. */
  eventTime: number;
  /** Where the record's id is; `nothing` when it has none. */
  idAt: number;
  /** Address of the record. */
  recordAt: number;
  /** Fluent Bit's, or '' when the body came without one. */
  tag: string;
}

/** Writes the events of a mapping. */
export interface EventWriter {
  /**
   * Writes one.
   *
   * @returns false, and nothing written, when that takes decoded values
   */
  readonly write: (scan: RecordScan, shared: Shared, out: EventBuffer, problems: Problems) => boolean;
  /** The same in WebAssembly, for records that have nothing unusual. */
  readonly program: Program;
}

/** A format, compiled for a destination. */
export interface DirectFormat {
  /** Between these it writes an event's time by itself, epoch milliseconds. */
  readonly earliest: number;
  readonly latest: number;
  /** @returns undefined when the mapping's events take decoded values */
  readonly compile: (mapping: Mapping, externalId: Source) => EventWriter | undefined;
  /** Told the tag of the records that come. @returns false when they need the objects path */
  readonly begin: (tag: string) => boolean;
}

/** @returns undefined when events with such settings take decoded values */
export type CompileFormat = (
  settings: DestinationSettings,
  slots: Slots,
  image: Image,
) => DirectFormat | undefined;
