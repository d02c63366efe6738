import { isEmpty } from '../mapping/empty.ts';
import type { Path, Value } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { type AuditRecord, noProblems } from './event.ts';
import { compilePath } from './path.ts';
import { compileValue } from './value.ts';

const longestShown = 60;

/** What a value of a mapping gives for a record, and by way of what. */
export interface Origin {
  readonly found: unknown;
  /** The paths whose values made it: of a chain the one that was taken, of a function all that it was given. */
  readonly paths: readonly Path[];
  /** Nothing came of it. */
  readonly isLeftOut: boolean;
  /** Where it came from, or why it was left out; the paths that were looked at stand with what they hold. */
  readonly why: string;
}

/** Follows a value of a mapping through one record. Never throws. */
export function originOf(value: Value, record: AuditRecord): Origin {
  const found = compileValue(value)(record, noProblems());
  const isLeftOut = value.kind !== 'literal' && isEmpty(found);
  return { found, isLeftOut, ...reason(value, record, found, isLeftOut) };
}

function reason(
  value: Value,
  record: AuditRecord,
  found: unknown,
  isLeftOut: boolean,
): Pick<Origin, 'paths' | 'why'> {
  switch (value.kind) {
    case 'literal':
      return { paths: [], why: '(in the mapping)' };
    case 'path':
      return { paths: [value], why: isLeftOut ? `${value.text} is ${shown(found)}` : `<- ${value.text}` };
    case 'chain': {
      const used = value.alternatives.find((one) => !isEmpty(compileValue(one)(record, noProblems())));
      const passed = value.alternatives
        .slice(0, used ? value.alternatives.indexOf(used) : undefined)
        .map((one) => (one.kind === 'path' ? holding(one, record) : "'' is empty"));
      if (!used) return { paths: pathsOf(value, record), why: passed.join(', ') };
      const from = used.kind === 'path' ? used.text : "the chain's last word";
      const why = `<- ${from}${passed.length > 0 ? `  (${passed.join(', ')})` : ''}`;
      return { paths: pathsOf(value, record), why };
    }
    case 'call': {
      // A secret must not be shown, so of the arguments only the paths are.
      const args = value.args.flatMap((one) => (one.kind === 'path' ? [holding(one, record)] : []));
      const call = `${value.function.name}()${args.length > 0 ? `  (${args.join(', ')})` : ''}`;
      const why = isLeftOut ? `${call} gives ${shown(found)}` : `<- ${call}`;
      return { paths: pathsOf(value, record), why };
    }
  }
}

function pathsOf(value: Value, record: AuditRecord): readonly Path[] {
  switch (value.kind) {
    case 'literal':
      return [];
    case 'path':
      return [value];
    case 'chain': {
      const used = value.alternatives.find((one) => !isEmpty(compileValue(one)(record, noProblems())));
      const looked = used ? [used] : value.alternatives;
      return looked.flatMap((one) => (one.kind === 'path' ? [one] : []));
    }
    case 'call':
      return value.args.flatMap((one) => pathsOf(one, record));
  }
}

function holding(path: Path, record: AuditRecord): string {
  return `${path.text} is ${shown(compilePath(path)(record))}`;
}

/** A value as a person is shown it: short, texts in quotes. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  const text = typeof value === 'string' ? JSON.stringify(value) : (toText(value) ?? '?');
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}
