import type { Mapping, MappingSet } from '../mapping/model.ts';
import type { AuditRecord } from './event.ts';
import { examine, examineValues, type Step } from './examine.ts';
import { shown } from './origin.ts';

/**
 * Says how a record is mapped: which files and mappings were looked at and why they were not taken, which one
 * was, and where each value came from. It follows the same rules as the mapper, one by one.
 */
export function explain(sets: readonly MappingSet[], record: AuditRecord, tag: string): string[] {
  const steps = examine(sets, record, tag);
  const lines = steps.flatMap((step) => linesOf(step, record));
  const isMapped = steps.some(({ verdict }) => verdict !== 'passed');
  return isMapped ? lines : [...lines, 'unmapped: no mapping is for it'];
}

function linesOf({ set, mapping, verdict, why }: Step, record: AuditRecord): string[] {
  if (!mapping) return [`${set.file}: ${why}`];
  const place = `${mapping.file}:${mapping.line} ${mapping.ids === '*' ? '*' : mapping.ids.join(', ')}`;
  switch (verdict) {
    case 'passed':
      return [`${place}: not taken, ${why}`];
    case 'taken':
      return [`${place}: taken`, ...valueLines(mapping, record)];
    case 'filtered':
      return [`${place}: filtered out, ${why}`];
    case 'ended':
      return [`${place}: no later mapping is tried, ${why}`];
  }
}

function valueLines(mapping: Mapping, record: AuditRecord): string[] {
  const values = examineValues(mapping, record);
  const width = Math.max(...values.map(({ key }) => key.length));
  return values.map(({ key, found, isLeftOut, why }) => {
    const said = isLeftOut
      ? `left out${why.startsWith('with ') ? ' ' : ': '}${why}`
      : `${shown(found)}  ${why}`;
    return `  ${key.padEnd(width)}  ${said}`;
  });
}
