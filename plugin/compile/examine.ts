import { withoutConstantPrefix } from '../mapping/constant.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { Mapping, MappingSet } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { candidatesFor, hasShape } from './candidates.ts';
import type { AuditRecord } from './event.ts';
import { type Origin, originOf, shown } from './origin.ts';
import { compilePath } from './path.ts';
import { compileTagPattern } from './tag.ts';

/** What was looked at on the way to a record's mapping, and what came of it. */
export interface Step {
  readonly set: MappingSet;
  /** Undefined where the whole file, or all of it that is for other ids, was passed over. */
  readonly mapping: Mapping | undefined;
  /** `ended`: in mode all, an excluding prefilter that keeps later mappings from being tried. */
  readonly verdict: 'passed' | 'taken' | 'filtered' | 'ended';
  /** Why it was passed over, filtered out or ended; '' when it was taken. */
  readonly why: string;
}

/**
 * Looks for a record's mapping as the mapper does, rule by rule, and notes each file and mapping on the way. None is
 * `taken` or `filtered` when the record is unmapped.
 */
export function examine(sets: readonly MappingSet[], record: AuditRecord, tag: string): Step[] {
  const choosable = sets.map((set) => ({ ...set, set, matchesTag: compileTagPattern(set.match) }));
  const candidates = candidatesFor(choosable, tag);
  const steps = choosable
    .filter((one) => !candidates.some((candidate) => candidate.set === one))
    .map(({ set }) => passed(set, `the tag '${tag}' does not fit '${set.match}'`));
  for (const {
    set: { set },
    byShape,
  } of candidates) {
    if (byShape && !hasShape(record, set.shape)) {
      const missing = set.shape.filter((key) => !Object.hasOwn(record, key));
      steps.push(passed(set, `the record has no ${missing.join(', ')}`));
      continue;
    }
    const ofSet = examineSet(set, record);
    steps.push(...ofSet);
    if (ofSet.some(({ verdict }) => verdict !== 'passed')) return steps;
  }
  return steps;
}

function passed(set: MappingSet, why: string, mapping?: Mapping): Step {
  return { set, mapping, verdict: 'passed', why };
}

function examineSet(set: MappingSet, record: AuditRecord): Step[] {
  const id = set.idFields.map((field) => compilePath(field)(record)).find((value) => !isEmpty(value));
  const comparable = withoutConstantPrefix(toText(id ?? '') ?? '');
  const steps: Step[] = [];
  let others = 0;
  for (const mapping of set.mappings) {
    if (mapping.ids !== '*' && !mapping.ids.includes(comparable)) {
      others++;
      continue;
    }
    const unmet = unmetCondition(mapping, record);
    const { exclude } = mapping.prefilter;
    if (exclude && !unmet) {
      const verdict = steps.some((step) => step.verdict === 'taken') ? 'ended' : 'filtered';
      steps.push({ set, mapping, verdict, why: 'it meets the prefilter with exclude' });
      break;
    }
    if (!exclude && unmet) {
      steps.push(passed(set, unmet, mapping));
      continue;
    }
    steps.push({ set, mapping, verdict: 'taken', why: '' });
    if (set.mode === 'first') break;
  }
  if (others === 0) return steps;
  const what = `${others} ${others === 1 ? 'mapping is' : 'mappings are'} for other ids than '${comparable}'`;
  return [passed(set, what), ...steps];
}

function unmetCondition({ prefilter }: Mapping, record: AuditRecord): string | undefined {
  for (const { path, anyOf } of prefilter.conditions) {
    const value = compilePath(path)(record);
    if (anyOf.includes(withoutConstantPrefix(toText(value ?? '') ?? ''))) continue;
    return `${path.text.slice(1)} is ${shown(value)}, not ${anyOf.map((one) => `'${one}'`).join(' or ')}`;
  }
  return undefined;
}

/** One value of a mapping for a record. */
export interface ExaminedValue extends Origin {
  /** `eventClass`, `eventName`, `severity`, or a key of the extension. */
  readonly key: string;
}

/** Where each value of a mapping comes from, in the mapping's order. A label goes when its value does. */
export function examineValues(mapping: Mapping, record: AuditRecord): ExaminedValue[] {
  const rows = [
    { key: 'eventClass', value: mapping.eventClass },
    { key: 'eventName', value: mapping.eventName },
    { key: 'severity', value: mapping.severity },
    ...mapping.extension,
  ].map(({ key, value }) => ({ key, ...originOf(value, record) }));
  const empty = new Set(rows.filter(({ found }) => isEmpty(found)).map(({ key }) => key));
  return rows.map((row) => {
    const labelled = /^(.+)Label$/.exec(row.key)?.[1];
    const isOrphan = labelled !== undefined && empty.has(labelled);
    return isOrphan ? { ...row, isLeftOut: true, why: `with ${labelled}` } : row;
  });
}
