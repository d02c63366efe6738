import { withoutConstantPrefix } from './constant.ts';
import { codes, type Diagnostics } from './diagnostic.ts';
import { ExpressionError, parseProperty } from './expression.ts';
import type { Condition, Mapping, MappingSet, Path, Prefilter } from './model.ts';
import { PhpSource } from './php-source.ts';
import { mappingSchema } from './schema.ts';
import { checkSeverity } from './severity.ts';
import { checkShape, compileSchema } from './shape.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { readValue } from './value.ts';
import { YamlSource } from './yaml-source.ts';

const validate = compileSchema(mappingSchema);

/** What destinations.yaml may say about a mapping file in the file's stead. */
export interface MappingFileOptions {
  match?: string;
  time?: unknown;
  mode?: 'first' | 'all';
  idField?: string;
}

interface MappingFileShape extends MappingFileOptions {
  mappings: {
    id: string | number | (string | number)[];
    prefilter?: Record<string, unknown> | [] | null;
    map: {
      eventClass: unknown;
      eventName: unknown;
      severity: unknown;
      extension?: Record<string, unknown> | [] | null;
    };
  }[];
}

/** What a file is written in, its name says: FileCloud's own PHP, or YAML (and JSON, which is YAML). */
function openSource(file: string, text: string, diagnostics: Diagnostics): SourceFile {
  return /\.php$/i.test(file)
    ? new PhpSource(file, text, diagnostics)
    : new YamlSource(file, text, diagnostics);
}

/**
 * Reads one YAML, JSON or PHP mapping file into the model.
 *
 * @param file the name findings show
 * @param text the file's content
 * @param options what destinations.yaml says about the file; it wins over the file's own words
 * @returns the model, or undefined when there were errors (all of them are in `diagnostics`)
 */
export function readMappingFile(
  file: string,
  text: string,
  diagnostics: Diagnostics,
  options: MappingFileOptions = {},
): MappingSet | undefined {
  const found = diagnostics.all.length;
  const source = openSource(file, text, diagnostics);
  if (!checkShape(source, validate)) return undefined;
  const content = source.value as MappingFileShape;
  const idField = options.idField ?? content.idField;
  const time = options.time ?? content.time;
  const set: MappingSet = {
    file,
    match: options.match ?? content.match ?? '*',
    mode: options.mode ?? content.mode ?? 'first',
    idFields: (idField === undefined ? ['operation', 'siemArea'] : [idField]).flatMap((name) =>
      readProperty(source, ['idField'], name),
    ),
    time: time === undefined ? undefined : readValue(source, ['time'], time),
    mappings: content.mappings.map((_, index) => readMapping(source, content, index)),
  };
  const failed = diagnostics.all.slice(found).some((diagnostic) => diagnostic.severity === 'error');
  return failed ? undefined : set;
}

function readMapping(source: SourceFile, content: MappingFileShape, index: number): Mapping {
  const { id, prefilter, map } = content.mappings[index]!;
  const at: PathInFile = ['mappings', index];
  const ids = [id].flat().map(String);
  const severity = readValue(source, [...at, 'map', 'severity'], map.severity);
  checkSeverity(source, [...at, 'map', 'severity'], severity);
  return {
    file: source.file,
    line: source.span([...at, 'id'], 'key').line,
    ids: ids.includes('*') ? '*' : ids.map(withoutConstantPrefix),
    prefilter: readPrefilter(source, [...at, 'prefilter'], prefilter),
    eventClass: readValue(source, [...at, 'map', 'eventClass'], map.eventClass),
    eventName: readValue(source, [...at, 'map', 'eventName'], map.eventName),
    severity,
    extension: Object.entries(map.extension ?? {})
      // `key:` with nothing behind it is an empty extension: it is never sent.
      .filter(([, value]) => value !== null)
      .map(([key, value]) => ({ key, value: readValue(source, [...at, 'map', 'extension', key], value) })),
  };
}

function readPrefilter(
  source: SourceFile,
  at: PathInFile,
  content: MappingFileShape['mappings'][number]['prefilter'],
): Prefilter {
  const { exclude = false, ...properties } = (content ?? {}) as Record<string, unknown>;
  const conditions = Object.entries(properties).flatMap(([name, wanted]): Condition[] =>
    readProperty(source, [...at, name], name).map((path) => ({
      path,
      anyOf: [wanted].flat().map((one) => withoutConstantPrefix(one === null ? '' : String(one))),
    })),
  );
  return { exclude: exclude === true, conditions };
}

/** A list of one, or an empty one with the finding told: both fit `flatMap`. */
function readProperty(source: SourceFile, at: PathInFile, name: string): Path[] {
  try {
    return [parseProperty(name)];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    source.error(codes.unreadablePath, at, error.message, error.hint, 'key');
    return [];
  }
}
