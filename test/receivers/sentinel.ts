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
import { TokenEndpoint } from './token-endpoint.ts';

/** A column of a stream's declaration in the data collection rule. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic';
}

export interface SentinelOptions extends HttpReceiverOptions {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Immutable id of the data collection rule. */
  readonly dcr: string;
  /** What the rule declares of each stream, by the stream's name. */
  readonly streams: Readonly<Record<string, readonly Column[]>>;
  /** Seconds that a token is good for. */
  readonly tokenLifetime?: number;
}

const apiVersions: ReadonlySet<string | null> = new Set(['2023-01-01', '2021-11-01-preview']);

/** Bytes of a call, packed and unpacked alike. */
const maxBody = 1_048_576;
/** Bytes of one value; the rest is cut off. */
const maxValue = 65_536;

/**
 * A stand-in for Azure Monitor's Logs Ingestion API, which Microsoft Sentinel is filled by, and for the token
 * endpoint before it. The real one answers 204 and says nothing of rows that don't fit the rule's stream:
 * here they are taken too, and `violations` says why they would be dropped or cut. Stricter than there is
 * only that a body that is no array is refused; the real one may answer 204 and store nothing.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-ingestion-api-overview ,
 * https://learn.microsoft.com/en-us/azure/azure-monitor/service-limits#logs-ingestion-api
 *
 * `ContentLengthLimitExceeded` is its own word; the other error codes are made up in its manner.
 */
export class SentinelReceiver extends HttpReceiver {
  /** Statuses of the token requests, which are not among `requests`. */
  readonly tokenStatuses: number[] = [];
  /** While set, every token request gets this status; `refuseWith` is for the ingestion alone. */
  refuseTokensWith: number | undefined;
  /** What would be lost of rows that were taken. */
  readonly violations: string[] = [];
  readonly #options: SentinelOptions;
  readonly #tokens: TokenEndpoint;
  readonly #rows = new Map<string, Readonly<Record<string, unknown>>[]>();

  constructor(options: SentinelOptions) {
    super(options, { encodings: ['gzip'], maxSent: maxBody, maxUnpacked: maxBody });
    this.#options = options;
    const { clientId, clientSecret, tokenLifetime: lifetime = 3599 } = options;
    const scope = 'https://monitor.azure.com/.default';
    this.#tokens = new TokenEndpoint({ clientId, clientSecret, lifetime, scope, now: this.now });
  }

  get tokenPath(): string {
    return `/${this.#options.tenant}/oauth2/v2.0/token`;
  }

  /** Path and query to send a stream's rows to. */
  streamPath(stream: string): string {
    return `/dataCollectionRules/${this.#options.dcr}/streams/${stream}?api-version=2023-01-01`;
  }

  /** The rows that a stream took, in order. */
  rowsOf(stream: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#rows.get(stream) ?? [];
  }

  /** Makes every token that was given out worthless. */
  revoke(): void {
    this.#tokens.revoke();
  }

  protected override answerAside(request: HttpRequest): Answer | undefined {
    const [, tenant] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(request.path) ?? [];
    if (tenant === undefined) return undefined;
    const answer = this.#answerForToken(tenant, request);
    this.tokenStatuses.push(answer.status);
    return answer;
  }

  #answerForToken(tenant: string, request: HttpRequest): Answer {
    const refuse = (status: number, error: string, reason: string): Answer => ({
      status,
      body: { error, error_description: reason },
    });
    if (this.refuseTokensWith !== undefined) {
      return refuse(this.refuseTokensWith, 'temporarily_unavailable', 'The test wants it so.');
    }
    if (tenant !== this.#options.tenant) {
      return refuse(400, 'invalid_request', `AADSTS90002: Tenant '${tenant}' not found.`);
    }
    return this.#tokens.answer(request);
  }

  protected override admit({ method, path, query, headers }: HttpRequest): Answer | undefined {
    const [, dcr] = /^\/dataCollectionRules\/([^/]+)\/streams\/[^/]+$/.exec(path) ?? [];
    if (dcr === undefined) return this.refuse(404, 'There is no such path.');
    if (method !== 'POST') return this.refuse(405, 'The method is not allowed.');
    if (!apiVersions.has(query.get('api-version'))) {
      return this.refuse(400, `The api-version ${query.get('api-version')} is not supported.`);
    }
    if (!this.#tokens.accepts(headers.authorization)) {
      const answer = this.refuse(401, 'The authentication token is missing, unknown or has expired.');
      return { ...answer, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    }
    if (dcr !== this.#options.dcr) {
      return this.refuse(404, `The data collection rule with immutable Id '${dcr}' was not found.`);
    }
    const stream = streamOf(path);
    if (!Object.hasOwn(this.#options.streams, stream)) {
      return this.refuse(404, `The stream '${stream}' was not configured in the data collection rule.`);
    }
    return mediaType(headers) === 'application/json'
      ? undefined
      : this.refuse(415, 'The content type is to be application/json.');
  }

  protected override read(text: string): readonly unknown[] | undefined {
    const body = tryParseJson(text);
    return Array.isArray(body) ? body : undefined;
  }

  protected override take(rows: readonly unknown[] | undefined, { path }: HttpRequest): Answer {
    if (!rows) return this.refuse(400, 'The body is no JSON array.');
    const stream = streamOf(path);
    const kept = this.#rows.get(stream) ?? [];
    this.#rows.set(stream, kept);
    for (const row of rows) {
      this.violations.push(...problemsOfRow(row, this.#options.streams[stream]!));
      if (!isRecord(row)) continue;
      this.records.push(row);
      kept.push(row);
    }
    return { status: 204 };
  }

  protected override refuse(status: number, reason: string): Answer {
    return {
      status,
      body: { error: { code: errorCodes.get(status) ?? 'OperationFailed', message: reason } },
    };
  }
}

const errorCodes: ReadonlyMap<number, string> = new Map([
  [400, 'InvalidRequest'],
  [401, 'InvalidToken'],
  [404, 'NotFound'],
  [413, 'ContentLengthLimitExceeded'],
  [415, 'UnsupportedMediaType'],
  [429, 'TooManyRequests'],
]);

function streamOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

function problemsOfRow(row: unknown, columns: readonly Column[]): string[] {
  if (!isRecord(row)) return [`no object: ${toJsonText(row).slice(0, 80)}`];
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const problems: string[] = [];
  for (const [name, value] of Object.entries(row)) {
    const type = types.get(name);
    if (type === undefined) problems.push(`${name}: not declared`);
    // A null is an empty cell, whatever the column's type.
    else if (value === null) continue;
    else if (!fits[type](value)) problems.push(`${name}: no ${type}: ${toJsonText(value).slice(0, 80)}`);
    else if (Buffer.byteLength(typeof value === 'string' ? value : toJsonText(value)) > maxValue) {
      problems.push(`${name}: more than ${maxValue} bytes`);
    }
  }
  if (types.has('TimeGenerated') && (row.TimeGenerated ?? null) === null)
    problems.push('TimeGenerated: missing');
  return problems;
}

const fits: Readonly<Record<Column['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) => isInteger(value, 31),
  long: (value) => isInteger(value, 63),
  real: (value) => typeof value === 'number' || typeof value === 'bigint',
  boolean: (value) => typeof value === 'boolean',
  // A number would be read as ticks: what Fluent Bit's plugin sends unless `time_generated on`.
  datetime: (value) => readIsoTime(value, 'optional') !== undefined,
  dynamic: () => true,
};

/** Whether it is an integer of so many bits besides the sign. */
function isInteger(value: unknown, bits: number): boolean {
  if (typeof value !== 'bigint' && !Number.isInteger(value)) return false;
  const integer = BigInt(value as number | bigint);
  return integer === BigInt.asIntN(bits + 1, integer);
}
