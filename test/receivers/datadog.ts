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

export interface DatadogOptions extends HttpReceiverOptions {
  readonly apiKey: string;
}

const maxLogs = 1000;
/** Bytes of one log; the rest is cut off. */
const maxLog = 1_000_000;
const hour = 3_600_000;

/** Attributes whose meaning Datadog knows. */
const reserved = ['message', 'ddsource', 'ddtags', 'hostname', 'service', 'status'] as const;

/** https://docs.datadoghq.com/logs/log_configuration/processors/log_date_remapper/ */
const timeAttributes = [
  'timestamp',
  'date',
  '_timestamp',
  'Timestamp',
  'eventTime',
  'published_date',
] as const;

/** https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/ */
const statuses = /^(?:emerg|emergency|alert|critical|error|warn|warning|notice|info|debug|ok)$/i;

/** `key:value` as it is kept; other characters become underscores, a longer tag is cut. */
const tag = /^(?=.{1,200}$)\p{L}[\p{L}\p{N}_\-./]*:[\p{L}\p{N}_\-:./]+$/u;

/**
 * A stand-in for Datadog's logs intake, version 2. The real one answers 202 and tells nothing of single logs:
 * `violations` has what it would cut or misread.
 * https://docs.datadoghq.com/api/latest/logs/send-logs/
 */
export class DatadogReceiver extends HttpReceiver {
  /** What is wrong with logs that were taken. */
  readonly violations: string[] = [];
  /** Logs whose time is more than 18 hours back: they may be thrown away. */
  tooOld = 0;
  /** Logs whose time is more than two hours ahead. */
  tooNew = 0;
  readonly #apiKey: string;

  constructor({ apiKey, ...options }: DatadogOptions) {
    super(options, { encodings: ['gzip', 'deflate'], maxUnpacked: 5_000_000 });
    this.#apiKey = apiKey;
  }

  protected override admit({ method, path, query, headers }: HttpRequest): Answer | undefined {
    if (path !== '/api/v2/logs') return this.refuse(404, 'There is no such path.');
    if (method !== 'POST') return this.refuse(405, 'The method is not allowed.');
    const key = headers['dd-api-key'] ?? query.get('dd-api-key') ?? '';
    if (key === '') return this.refuse(401, 'The API key is missing.');
    if (key !== this.#apiKey) return this.refuse(403, 'The API key is invalid.');
    return mediaType(headers) === 'application/json'
      ? undefined
      : this.refuse(415, 'The content type is to be application/json.');
  }

  protected override read(text: string): readonly unknown[] | undefined {
    const body = tryParseJson(text);
    if (Array.isArray(body)) return body;
    return isRecord(body) ? [body] : undefined;
  }

  protected override take(logs: readonly unknown[] | undefined): Answer {
    if (!logs?.every(isRecord)) return this.refuse(400, 'Malformed payload');
    if (logs.length > maxLogs) return this.refuse(413, `More than ${maxLogs} logs.`);
    for (const log of logs) {
      this.records.push(log);
      this.violations.push(...problemsOf(log));
      this.#countTime(log);
    }
    return { status: 202, body: {} };
  }

  protected override refuse(status: number, reason: string): Answer {
    const error = { status: String(status), title: titles.get(status) ?? 'Error', detail: reason };
    return { status, body: { errors: [error] } };
  }

  #countTime(log: Readonly<Record<string, unknown>>): void {
    const time = timeOf(log);
    if (time === undefined) return;
    if (time < this.now() - 18 * hour) this.tooOld++;
    if (time > this.now() + 2 * hour) this.tooNew++;
  }
}

const titles: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [408, 'Request Timeout'],
  [413, 'Payload Too Large'],
  [429, 'Too Many Requests'],
]);

function timeOf(log: Readonly<Record<string, unknown>>): number | undefined {
  const value = timeAttributes.map((name) => log[name]).find((one) => one !== undefined);
  return Number.isInteger(value) ? (value as number) : readIsoTime(value);
}

function problemsOf(log: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(toJsonText(log)) > maxLog) problems.push(`cut: more than ${maxLog} bytes`);
  for (const name of reserved) {
    if (name in log && typeof log[name] !== 'string') problems.push(`${name}: no string`);
  }
  const hasTime = timeAttributes.some((name) => name in log);
  if (hasTime && timeOf(log) === undefined)
    problems.push('timestamp: neither integer nor ISO 8601 with a zone');
  const { ddtags, status } = log;
  if (typeof ddtags === 'string') {
    for (const one of ddtags.split(',')) if (!tag.test(one)) problems.push(`ddtags: no key:value: ${one}`);
  }
  if (typeof status === 'string' && !statuses.test(status)) problems.push(`status: unknown word: ${status}`);
  return problems;
}
