import { isIP } from 'node:net';
import { isRecord } from '../../plugin/fluent/entry.ts';
import { toJsonText, tryParseJson } from '../../plugin/mapping/json.ts';
import {
  type Answer,
  HttpReceiver,
  type HttpReceiverOptions,
  type HttpRequest,
  mediaType,
} from './http-receiver.ts';
import { readIsoTime } from './iso-time.ts';

export type FieldType = 'keyword' | 'text' | 'date' | 'long' | 'double' | 'boolean' | 'ip' | 'object';

export interface ElasticsearchOptions extends HttpReceiverOptions {
  /** `ApiKey <base64>` or `Basic <base64>`: the header's value that is asked for. */
  readonly authorization: string;
  /** The index's mapping, by dotted name; `@timestamp` is a date anyway, other fields may be anything. */
  readonly mapping?: Readonly<Record<string, FieldType>>;
  /** Whether the target is a data stream, which takes `create` only. */
  readonly dataStream?: boolean;
  /** Most bytes of an unpacked body: http.max_content_length. */
  readonly maxBody?: number;
}

type Document = Readonly<Record<string, unknown>>;

interface Action {
  readonly operation: 'create' | 'index';
  readonly index: string | undefined;
  readonly id: string | undefined;
  /** undefined when its line is no JSON object. */
  readonly document: Document | undefined;
}

/** Why one item of a bulk request was not taken. */
interface ItemError {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
  readonly causedBy?: string;
}

const contentTypes = /^application\/(?:x-ndjson|json|vnd\.elasticsearch\+x-ndjson|vnd\.elasticsearch\+json)$/;

/**
 * A stand-in for Elasticsearch's bulk API (OpenSearch's is the same). Every item has an answer of its own.
 * Stricter than there: `@timestamp` is asked for in an index too, and `update` and `delete` are refused.
 * https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-bulk.html
 */
export class ElasticsearchReceiver extends HttpReceiver {
  /** Gives a document's status in the place of the receiver's own judgement, 429 for one. */
  refuseItem: ((document: Document) => number | undefined) | undefined;
  readonly #options: ElasticsearchOptions;
  readonly #types: ReadonlyMap<string, FieldType>;
  /** Where in `records` a document is, by index and id. */
  readonly #places = new Map<string, number>();

  constructor(options: ElasticsearchOptions) {
    super(options, { encodings: ['gzip'], maxUnpacked: options.maxBody ?? 104_857_600 });
    this.#options = options;
    this.#types = new Map<string, FieldType>([
      ...Object.entries(options.mapping ?? {}),
      ['@timestamp', 'date'],
    ]);
  }

  protected override admit({ method, path, headers }: HttpRequest): Answer | undefined {
    if (!/^(?:\/[^/]+)?\/_bulk$/.test(path)) {
      return this.refuse(400, `no handler found for uri [${path}] and method [${method}]`);
    }
    if (method !== 'POST' && method !== 'PUT') {
      return this.refuse(405, `Incorrect HTTP method for uri [${path}] and method [${method}]`);
    }
    if (headers.authorization !== this.#options.authorization) {
      const answer = this.refuse(401, `unable to authenticate for REST request [${path}]`);
      return { ...answer, headers: { 'www-authenticate': 'Basic realm="security", ApiKey' } };
    }
    if (contentTypes.test(mediaType(headers))) return undefined;
    return this.refuse(406, `Content-Type header [${headers['content-type'] ?? ''}] is not supported`);
  }

  protected override read(text: string, { path }: HttpRequest): readonly Action[] | undefined {
    const lines = text.split('\n').slice(0, -1);
    const actions: Action[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const action = tryParseJson(lines[at]!);
      if (!isRecord(action)) return undefined;
      const [operation, ...more] = Object.keys(action);
      if ((operation !== 'create' && operation !== 'index') || more.length > 0) return undefined;
      const about = action[operation];
      if (!isRecord(about) || at + 1 === lines.length) return undefined;
      const index = about._index ?? (path === '/_bulk' ? undefined : decodeURIComponent(path.split('/')[1]!));
      const document = tryParseJson(lines[at + 1]!);
      actions.push({
        operation,
        index: index === undefined ? undefined : String(index),
        id: about._id === undefined ? undefined : String(about._id),
        document: isRecord(document) ? document : undefined,
      });
    }
    return actions;
  }

  protected override take(actions: readonly Action[] | undefined, { text = '' }: HttpRequest): Answer {
    if (text.trim() === '') return this.refuse(400, 'request body is required');
    if (!text.endsWith('\n'))
      return this.refuse(400, 'The bulk request must be terminated by a newline [\\n]');
    if (!actions) return this.refuse(400, 'Malformed action/metadata line');
    if (actions.some(({ index }) => index === undefined)) {
      return this.refuse(400, 'Validation Failed: 1: index is missing;');
    }
    const items = actions.map((action) => ({ [action.operation]: this.#takeItem(action) }));
    const errors = items.some((item) => Object.values(item).some(({ status }) => status >= 400));
    return { status: 200, body: { took: 1, errors, items } };
  }

  protected override refuse(status: number, reason: string): Answer {
    const error = { type: errorTypes.get(status) ?? 'illegal_argument_exception', reason };
    return { status, body: { error: { root_cause: [error], ...error }, status } };
  }

  #takeItem({ operation, index, id, document }: Action): { readonly status: number } {
    const about = { _index: index, _id: id ?? null };
    const place = id === undefined ? undefined : this.#places.get(`${index}\n${id}`);
    const problem = this.#problemOf(operation, document, place);
    if (problem || !document) {
      const { status, type, reason, causedBy } = problem ?? unreadable;
      const cause = causedBy && { caused_by: { type: 'illegal_argument_exception', reason: causedBy } };
      return { ...about, status, error: { type, reason, ...cause } } as { readonly status: number };
    }
    if (place !== undefined) {
      this.records[place] = document;
      return { ...about, result: 'updated', status: 200 } as { readonly status: number };
    }
    if (id !== undefined) this.#places.set(`${index}\n${id}`, this.records.length);
    this.records.push(document);
    const made = id ?? `generated-${this.records.length}`;
    return { ...about, _id: made, result: 'created', status: 201 } as { readonly status: number };
  }

  #problemOf(
    operation: string,
    document: Document | undefined,
    place: number | undefined,
  ): ItemError | undefined {
    if (!document) return unreadable;
    const told = this.refuseItem?.(document);
    if (told !== undefined) {
      const type = told === 429 ? 'es_rejected_execution_exception' : 'test_exception';
      return { status: told, type, reason: 'The test wants it so.' };
    }
    if (this.#options.dataStream && operation !== 'create') {
      const reason = 'only write ops with an op_type of create are allowed in data streams';
      return { status: 400, type: 'illegal_argument_exception', reason };
    }
    if (document['@timestamp'] === undefined) {
      const causedBy = 'data stream timestamp field [@timestamp] is missing';
      return { status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse', causedBy };
    }
    const reason = misfit(document, '', this.#types);
    if (reason !== undefined) return { status: 400, type: 'mapper_parsing_exception', reason };
    if (operation === 'create' && place !== undefined) {
      const exists = 'version conflict, document already exists (current version [1])';
      return { status: 409, type: 'version_conflict_engine_exception', reason: exists };
    }
    return undefined;
  }
}

const unreadable: ItemError = { status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse' };

const errorTypes: ReadonlyMap<number, string> = new Map([
  [401, 'security_exception'],
  [406, 'media_type_header_exception'],
  [429, 'es_rejected_execution_exception'],
  [503, 'cluster_block_exception'],
]);

/** Which field, by its dotted name, has a value that its type does not take. */
function misfit(value: unknown, name: string, types: ReadonlyMap<string, FieldType>): string | undefined {
  const type = types.get(name);
  // A null is no value; an array is several.
  if (value === null) return undefined;
  if (Array.isArray(value)) return firstOf(value, (one) => misfit(one, name, types));
  if (type !== undefined && !fits[type](value)) {
    return `failed to parse field [${name}] of type [${type}], value: ${toJsonText(value).slice(0, 80)}`;
  }
  if (!isRecord(value)) return undefined;
  return firstOf(Object.entries(value), ([key, one]) => misfit(one, name ? `${name}.${key}` : key, types));
}

function firstOf<T>(values: readonly T[], find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Elasticsearch coerces a text of digits to a number, and `"true"` to a boolean. */
const fits: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  keyword: (value) => !isRecord(value),
  text: (value) => !isRecord(value),
  date: (value) => /^-?\d+$/.test(String(value)) || readIsoTime(value, 'optional') !== undefined,
  long: (value) =>
    (typeof value === 'bigint' || isNumber(value)) && Math.abs(Number(value)) <= Number(2n ** 63n - 1n),
  double: (value) => typeof value === 'bigint' || isNumber(value),
  boolean: (value) => value === true || value === false || value === 'true' || value === 'false',
  ip: (value) => typeof value === 'string' && isIP(value) !== 0,
  object: isRecord,
};

function isNumber(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '' && Number.isFinite(Number(value));
  return typeof value === 'number';
}
