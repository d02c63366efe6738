import { withoutConstantPrefix } from '../mapping/constant.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { Mapping, MappingSet, Value } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { candidatesFor, hasShape } from './candidates.ts';
import { type AuditRecord, noProblems } from './event.ts';
import { compilePath } from './path.ts';
import { compileTagPattern } from './tag.ts';
import { compileValue } from './value.ts';

const longestShown = 60;

/**
 * Says how a record is mapped: which files and mappings were looked at and why they were not taken, which one
 * was, and where each value came from. It follows the same rules as the mapper, one by one.
 */
export function explain(sets: readonly MappingSet[], record: AuditRecord, tag: string): string[] {
  const choosable = sets.map((set) => ({ ...set, matchesTag: compileTagPattern(set.match) }));
  const candidates = candidatesFor(choosable, tag);
  const lines = choosable
    .filter((set) => !candidates.some((candidate) => candidate.set === set))
    .map(({ file, match }) => `${file}: the tag '${tag}' does not fit '${match}'`);
  for (const { set, byShape } of candidates) {
    if (byShape && !hasShape(record, set.shape)) {
      const missing = set.shape.filter((key) => !Object.hasOwn(record, key));
      lines.push(`${set.file}: the record has no ${missing.join(', ')}`);
      continue;
    }
    const { told, taken } = explainSet(set, record);
    lines.push(...told);
    if (taken) return lines;
  }
  return [...lines, 'unmapped: no mapping is for it'];
}

function explainSet(set: MappingSet, record: AuditRecord): { told: string[]; taken: boolean } {
  const id = set.idFields.map((field) => compilePath(field)(record)).find((value) => !isEmpty(value));
  const comparable = withoutConstantPrefix(toText(id ?? '') ?? '');
  const told: string[] = [];
  let others = 0;
  let taken = false;
  for (const mapping of set.mappings) {
    if (mapping.ids !== '*' && !mapping.ids.includes(comparable)) {
      others++;
      continue;
    }
    const place = `${mapping.file}:${mapping.line} ${mapping.ids === '*' ? '*' : mapping.ids.join(', ')}`;
    const unmet = unmetCondition(mapping, record);
    const { exclude } = mapping.prefilter;
    if (exclude && !unmet) {
      const what = taken ? 'no later mapping is tried' : 'filtered out';
      return { told: [...told, `${place}: ${what}, it meets the prefilter with exclude`], taken: true };
    }
    if (!exclude && unmet) {
      told.push(`${place}: not taken, ${unmet}`);
      continue;
    }
    told.push(`${place}: taken`, ...explainValues(mapping, record));
    taken = true;
    if (set.mode === 'first') break;
  }
  const passed =
    others > 0
      ? [
          `${set.file}: ${others} ${others === 1 ? 'mapping is' : 'mappings are'} for other ids than '${comparable}'`,
        ]
      : [];
  return { told: [...passed, ...told], taken };
}

function unmetCondition({ prefilter }: Mapping, record: AuditRecord): string | undefined {
  for (const { path, anyOf } of prefilter.conditions) {
    const value = compilePath(path)(record);
    if (anyOf.includes(withoutConstantPrefix(toText(value ?? '') ?? ''))) continue;
    return `${path.text.slice(1)} is ${shown(value)}, not ${anyOf.map((one) => `'${one}'`).join(' or ')}`;
  }
  return undefined;
}

function explainValues(mapping: Mapping, record: AuditRecord): string[] {
  const rows: (readonly [key: string, value: Value])[] = [
    ['eventClass', mapping.eventClass],
    ['eventName', mapping.eventName],
    ['severity', mapping.severity],
    ...mapping.extension.map(({ key, value }) => [key, value] as const),
  ];
  const width = Math.max(...rows.map(([key]) => key.length));
  const empty = new Set(
    rows.filter(([, value]) => isEmpty(compileValue(value)(record, noProblems()))).map(([key]) => key),
  );
  return rows.map(([key, value]) => {
    const labelled = /^(.+)Label$/.exec(key)?.[1];
    const orphan = labelled !== undefined && empty.has(labelled) ? `left out with ${labelled}` : undefined;
    return `  ${key.padEnd(width)}  ${orphan ?? origin(value, record)}`;
  });
}

/** Where a value comes from, or why there is none. */
function origin(value: Value, record: AuditRecord): string {
  const found = compileValue(value)(record, noProblems());
  switch (value.kind) {
    case 'literal':
      return `${shown(value.value)}  (in the mapping)`;
    case 'path':
      return isEmpty(found)
        ? `left out: ${value.text} is ${shown(found)}`
        : `${shown(found)}  <- ${value.text}`;
    case 'chain': {
      const used = value.alternatives.find((one) => !isEmpty(compileValue(one)(record, noProblems())));
      const passed = value.alternatives
        .slice(0, used ? value.alternatives.indexOf(used) : undefined)
        .map((one) =>
          one.kind === 'path' ? `${one.text} is ${shown(compilePath(one)(record))}` : "'' is empty",
        );
      if (!used) return `left out: ${passed.join(', ')}`;
      const from = used.kind === 'path' ? used.text : "the chain's last word";
      return `${shown(found)}  <- ${from}${passed.length > 0 ? `  (${passed.join(', ')})` : ''}`;
    }
    case 'call': {
      // A secret must not be shown, so of the arguments only the paths are.
      const args = value.args.flatMap((one) =>
        one.kind === 'path' ? [`${one.text} is ${shown(compilePath(one)(record))}`] : [],
      );
      const call = `${value.function.name}()${args.length > 0 ? `  (${args.join(', ')})` : ''}`;
      return isEmpty(found) ? `left out: ${call} gives ${shown(found)}` : `${shown(found)}  <- ${call}`;
    }
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  const text = typeof value === 'string' ? JSON.stringify(value) : (toText(value) ?? '?');
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}
