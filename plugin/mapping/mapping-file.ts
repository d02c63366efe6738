import { checkMeaning } from './check.ts';
import { withoutConstantPrefix } from './constant.ts';
import type { Diagnostics } from './diagnostic.ts';
import { mappingSchema } from './mapping-schema.ts';
import type { Condition, Example, Mapping, MappingSet, Path, Prefilter, Value } from './model.ts';
import { PhpSource } from './php-source.ts';
import { checkSeverity } from './severity.ts';
import { checkShape, compileSchema } from './shape.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { builtInContext, readProperty, readValue, unreadable, type ValueContext } from './value.ts';
import { YamlSource } from './yaml-source.ts';

const validate = compileSchema(mappingSchema);

/** What destinations.yaml may say about a mapping file in the file's stead. */
export interface MappingFileOptions {
  match?: string;
  time?: unknown;
  mode?: 'first' | 'all';
  idField?: string;
  externalId?: unknown;
}

interface MappingShape {
  id: string | number | (string | number)[];
  prefilter?: Record<string, unknown> | [] | null;
  map: {
    eventClass: unknown;
    eventName: unknown;
    severity: unknown;
    extension?: Record<string, unknown> | [] | null;
  };
  examples?: { record: Record<string, unknown>; cef: string }[];
}

interface MappingFileShape extends MappingFileOptions {
  shape?: string[];
  mappings: MappingShape[];
}

/**
 * Reads one YAML, JSON or PHP mapping file into the model, and checks what it means.
 *
 * @param file the name findings show; its ending tells the language
 * @param text the file's content
 * @param options what destinations.yaml says about the file; it wins over the file's own words
 * @param context functions and secrets
 * @returns the model, or undefined when there were errors (all of them are in `diagnostics`)
 */
export function readMappingFile(
  file: string,
  text: string,
  diagnostics: Diagnostics,
  options: MappingFileOptions = {},
  context: ValueContext = builtInContext,
): MappingSet | undefined {
  const found = diagnostics.all.length;
  const source = openSource(file, text, diagnostics);
  if (!checkShape(source, validate)) return undefined;
  const content = source.value as MappingFileShape;
  const set = new MappingFileReader(source, context).set(content, options);
  checkMeaning(source, set);
  const failed = diagnostics.all.slice(found).some((diagnostic) => diagnostic.severity === 'error');
  return failed ? undefined : set;
}

/** What a file is written in, its name says: FileCloud's own PHP, or YAML (and JSON, which is YAML). */
export function openSource(file: string, text: string, diagnostics: Diagnostics): SourceFile {
  return /\.php$/i.test(file)
    ? new PhpSource(file, text, diagnostics)
    : new YamlSource(file, text, diagnostics);
}

class MappingFileReader {
  readonly #source: SourceFile;
  readonly #context: ValueContext;

  constructor(source: SourceFile, context: ValueContext) {
    this.#source = source;
    this.#context = context;
  }

  set(content: MappingFileShape, options: MappingFileOptions): MappingSet {
    const {
      match = '*',
      mode = 'first',
      idField,
      time,
      externalId = '$recordId',
    } = { ...content, ...options };
    const idFields = idField === undefined ? ['operation', 'siemArea'] : [idField];
    return {
      file: this.#source.file,
      match,
      mode,
      shape: content.shape ?? [],
      idFields: idFields.flatMap((name) => this.#property(['idField'], name)),
      time: time === undefined ? undefined : this.#value(['time'], time),
      externalId: this.#value(['externalId'], externalId),
      mappings: content.mappings.map((mapping, index) => this.#mapping(['mappings', index], mapping)),
    };
  }

  #mapping(at: PathInFile, { id, prefilter, map, examples = [] }: MappingShape): Mapping {
    const ids = [id].flat().map(String);
    const severity = this.#value([...at, 'map', 'severity'], map.severity);
    if (severity !== unreadable) checkSeverity(this.#source, [...at, 'map', 'severity'], severity);
    return {
      file: this.#source.file,
      line: this.#source.span([...at, 'id'], 'key').line,
      ids: ids.includes('*') ? '*' : ids.map(withoutConstantPrefix),
      prefilter: this.#prefilter([...at, 'prefilter'], prefilter),
      eventClass: this.#value([...at, 'map', 'eventClass'], map.eventClass),
      eventName: this.#value([...at, 'map', 'eventName'], map.eventName),
      severity,
      extension: Object.entries(map.extension ?? {})
        // `key:` with nothing behind it is an empty extension: it is never sent.
        .filter(([, value]) => value !== null)
        .map(([key, value]) => ({ key, value: this.#value([...at, 'map', 'extension', key], value) })),
      examples: examples.map(
        (example, index): Example => ({ ...example, at: [...at, 'examples', index, 'cef'] }),
      ),
    };
  }

  #prefilter(at: PathInFile, content: MappingShape['prefilter']): Prefilter {
    const { exclude = false, ...properties } = (content ?? {}) as Record<string, unknown>;
    const conditions = Object.entries(properties).flatMap(([name, wanted]): Condition[] =>
      this.#property([...at, name], name).map((path) => ({
        path,
        anyOf: [wanted].flat().map((one) => withoutConstantPrefix(one === null ? '' : String(one))),
      })),
    );
    return { exclude: exclude === true, conditions };
  }

  #value(at: PathInFile, content: unknown): Value {
    return readValue(this.#source, at, content, this.#context);
  }

  #property(at: PathInFile, name: string): Path[] {
    return readProperty(this.#source, at, name, 'key');
  }
}
