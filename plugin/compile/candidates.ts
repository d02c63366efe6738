import type { AuditRecord } from './event.ts';

/** A mapping file, as far as the choice among files looks at it. */
export interface Choosable {
  readonly matchesTag: (tag: string) => boolean;
  readonly shape: readonly string[];
}

export interface Candidate<Set> {
  readonly set: Set;
  /** The record must have the file's shape as well. */
  readonly byShape: boolean;
}

/**
 * The files that may take a record with a tag, in order. A file takes part when its `match` fits. One with a
 * `shape` also does when no file's match fits or there is no tag, for records that have the shape; without a
 * tag, files without a shape take any record.
 */
export function candidatesFor<Set extends Choosable>(sets: readonly Set[], tag: string): Candidate<Set>[] {
  const byTag = tag === '' ? [] : sets.filter(({ matchesTag }) => matchesTag(tag));
  if (byTag.length > 0) return byTag.map((set) => ({ set, byShape: false }));
  return sets
    .filter(({ shape }) => shape.length > 0 || tag === '')
    .map((set) => ({ set, byShape: set.shape.length > 0 }));
}

/** Whether a record has all keys of a shape; null counts as there. */
export function hasShape(record: AuditRecord, shape: readonly string[]): boolean {
  return shape.every((key) => Object.hasOwn(record, key));
}
