import type { SchemaAnswer } from '../../http/api/workbench-types.ts';
import type { RecordPath } from './record-json.ts';

/** Something that could stand at the cursor. */
export interface Suggestion {
  readonly label: string;
  readonly detail?: string;
  readonly info?: string;
  readonly apply?: string;
  readonly kind: 'key' | 'path' | 'function' | 'value';
}

export interface Suggestions {
  /** Where in the line what is typed begins, in characters. */
  readonly from: number;
  readonly all: readonly Suggestion[];
}

interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/**
 * What could stand at the end of a mapping file's text up to the cursor. It goes by the indentation, for what is being
 * typed is no YAML yet.
 *
 * @param before the text up to the cursor
 * @param known keys, functions and CEF's dictionary
 * @param paths those of the record on the bench
 */
export function completeMap(
  before: string,
  known: SchemaAnswer,
  paths: readonly RecordPath[],
): Suggestions | undefined {
  const lines = before.split('\n');
  const line = lines.at(-1)!;
  if (/^\s*#/.test(line)) return undefined;
  const path = /\$[^\s>,[\]{}'"]*$/.exec(line);
  if (path) return { from: path.index, all: paths.map(ofPath) };
  const call = /call:\s*(\w*)$/.exec(line);
  if (call)
    return { from: line.length - call[1]!.length, all: known.functions.map((one) => ofFunction(one, false)) };
  const parents = parentsOf(lines);
  const key = /^[\s-]*(\w*)$/.exec(line);
  if (key) return keysAt(parents, line.length - key[1]!.length, known, paths);
  const value = /^[\s-]*(['"\w][^:]*):\s+(\w*)$/.exec(line);
  if (!value) return undefined;
  const schema = schemaAt(known.schema as Schema, [...parents, value[1]!]);
  const from = line.length - value[2]!.length;
  if (schema?.enum) return { from, all: schema.enum.map((label) => ({ label, kind: 'value' })) };
  // What may be an object is a value of a mapping: a path or a function.
  const takesValue =
    [schema?.type ?? []].flat().includes('object') && [schema?.type].flat().includes('number');
  if (!takesValue) return undefined;
  return { from, all: [...paths.map(ofPath), ...known.functions.map((one) => ofFunction(one, true))] };
}

function keysAt(
  parents: readonly string[],
  from: number,
  known: SchemaAnswer,
  paths: readonly RecordPath[],
): Suggestions | undefined {
  if (parents.at(-1) === 'extension')
    return {
      from,
      all: known.cefKeys.map(({ name, type }) => ({
        label: name,
        detail: type,
        apply: `${name}: `,
        kind: 'key',
      })),
    };
  const schema = schemaAt(known.schema as Schema, parents);
  const keys = Object.entries(schema?.properties ?? {}).map(
    ([label, { description = '' }]): Suggestion => ({
      label,
      info: description,
      apply: `${label}: `,
      kind: 'key',
    }),
  );
  const conditions =
    parents.at(-1) === 'prefilter'
      ? paths.map(
          ({ path, shown }): Suggestion => ({
            label: path.slice(1),
            detail: shown,
            apply: `${path.slice(1)}: `,
            kind: 'path',
          }),
        )
      : [];
  const all = [...keys, ...conditions];
  return all.length > 0 ? { from, all } : undefined;
}

/** The keys that the last line stands under, by indentation; a dash counts as one more step. */
function parentsOf(lines: readonly string[]): string[] {
  const parents: string[] = [];
  let indent = indentOf(lines.at(-1)!);
  for (const line of lines.slice(0, -1).reverse()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const key = /^([\s-]*)(?![\s-])(['"]?)([^'":#]+)\2:(?:\s|$)/.exec(line);
    if (!key || indentOf(line) >= indent) continue;
    // Of a line with a dash the key stands behind it: `- id:` is no parent of `map:` beside it.
    indent = indentOf(line);
    parents.unshift(key[3]!.trim());
    const dash = line.indexOf('-');
    if (dash >= 0 && dash < indent) indent = Math.min(indent, dash + 1);
    if (indent === 0) break;
  }
  return parents;
}

function indentOf(line: string): number {
  return /^[\s-]*/.exec(line)![0].length;
}

function schemaAt(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  let at = schema;
  for (const step of path) {
    const more = at?.properties && Object.hasOwn(at.properties, step) ? at.properties[step] : undefined;
    at = more ?? (typeof at?.additionalProperties === 'object' ? at.additionalProperties : undefined);
    if (at?.items && !at.properties) at = at.items;
  }
  return at;
}

function ofPath({ path, shown }: RecordPath): Suggestion {
  return { label: path, detail: shown, kind: 'path' };
}

function ofFunction(
  { name, signature, description }: SchemaAnswer['functions'][number],
  asCall: boolean,
): Suggestion {
  return {
    label: name,
    detail: signature.slice(name.length),
    info: description,
    ...(asCall && { apply: `{ call: ${name}, args: [] }` }),
    kind: 'function',
  };
}
