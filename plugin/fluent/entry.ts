import type { AuditRecord } from '../compile/event.ts';
import type { EventTime } from './event-time.ts';

/** One record of a request body, with Fluent Bit's event time (the time of receipt where there is none). */
export interface Entry {
  readonly time: EventTime;
  readonly record: AuditRecord;
}

/** A part of a body that is no record. Its neighbours are good, so it goes to the dead letters. */
export interface BadEntry {
  readonly time: EventTime;
  /** Byte offset in the unpacked body. */
  readonly offset: number;
  readonly reason: string;
  /** The bytes as they came. */
  readonly raw: Buffer;
}

export interface DecodedBody {
  readonly entries: readonly Entry[];
  readonly bad: readonly BadEntry[];
}

/** The whole body can't be read: no retry of the same bytes will help. */
export class BodyError extends Error {
  /** Byte offset in the unpacked body. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Records that a body may hold. Fluent Bit's largest chunks have room for 700,000 of the smallest; of 64 MB of
 * nothing but line feeds and single letters gigabytes would become.
 */
export const mostRecords = 1_000_000;

/** The body has more records than a body may. */
export class TooManyRecords extends BodyError {
  constructor(offset: number) {
    super(offset, `the body has more than ${mostRecords} records`);
  }
}

/** Whether a decoded value can be a record: an object, neither a list nor bytes. */
export function isRecord(value: unknown): value is AuditRecord {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}
