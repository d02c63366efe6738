/** An audit record, as decoded. Own properties only: keys come from strangers. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** What a mapping makes of a record: the same for every format. */
export interface Event {
  readonly eventClass: unknown;
  readonly eventName: unknown;
  readonly severity: unknown;
  /** Only keys that have a value, in the mapping's order. */
  readonly extension: readonly (readonly [key: string, value: unknown])[];
  /** The event's time, epoch milliseconds. */
  readonly time: number;
  /** The record's own id; empty when it has none. */
  readonly externalId: unknown;
  /** What the event was made from. */
  readonly record: AuditRecord;
  /** Fluent Bit's tag of the record; empty when it came without one. */
  readonly tag: string;
}

/** What became of one record. */
export type Outcome =
  | { readonly kind: 'mapped'; readonly events: readonly Event[] }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'unmapped' };

/** Counts what could not be said as the mapping wanted it; never throws, never stops a record. */
export interface Problems {
  /** Values that could not be computed or rendered and were left out. */
  failedValues: number;
  /** Severities outside the range of the format, moved to its nearest end. */
  clampedSeverities: number;
  /** Values cut to the length that their key, or the whole event, may have. */
  shortenedValues: number;
  /** Values that are not what their key is for: a text where a number belongs. */
  mistypedValues: number;
  /** The function that failed last, by name: what it said may quote the record. */
  failedFunction?: string;
}

export function noProblems(): Problems {
  return { failedValues: 0, clampedSeverities: 0, shortenedValues: 0, mistypedValues: 0 };
}

/** Forgets what was counted. */
export function clearProblems(problems: Problems): void {
  problems.failedValues = 0;
  problems.clampedSeverities = 0;
  problems.shortenedValues = 0;
  problems.mistypedValues = 0;
  if (problems.failedFunction !== undefined) delete problems.failedFunction;
}

export function hasAny({
  failedValues,
  clampedSeverities,
  shortenedValues,
  mistypedValues,
}: Problems): boolean {
  return failedValues + clampedSeverities + shortenedValues + mistypedValues > 0;
}
