import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../plugin/fluent/entry.ts';
import { toJsonText, tryParseJson } from '../../plugin/mapping/json.ts';
import {
  type Answer,
  HttpReceiver,
  type HttpReceiverOptions,
  type HttpRequest,
  mediaType,
} from './http-receiver.ts';

export interface NewRelicOptions extends HttpReceiverOptions {
  /** The license key. */
  readonly apiKey: string;
}

const maxAttributes = 255;
const maxName = 255;
/** Characters of one value; the rest is cut off, even in the blob behind it. */
const maxValue = 131_072;
const hour = 3_600_000;

/** Names that are dropped. https://docs.newrelic.com/docs/logs/log-api/log-event-data */
const dropped: ReadonlySet<string> = new Set(['accountId', 'eventType']);
const keyHeaders = ['api-key', 'license-key', 'x-license-key', 'x-insert-key'] as const;
const gzipTypes: ReadonlySet<string> = new Set(['application/gzip', 'gzip']);
const jsonTypes: ReadonlySet<string> = new Set(['application/json', 'json']);

/**
 * A stand-in for New Relic's Log API. The real one answers 202 before it looks at a log and reports later, in
 * the account, as NrIntegrationError: those are in `integrationErrors`. `records` has each log as it is
 * stored: common attributes and its own, on one level. Stricter than there may be: objects among a log's own
 * attributes are errors too.
 * https://docs.newrelic.com/docs/logs/log-api/introduction-log-api/
 */
export class NewRelicReceiver extends HttpReceiver {
  /** What would be dropped or cut of logs that were taken. */
  readonly integrationErrors: string[] = [];
  /** Logs whose time is more than 48 hours back: they may be thrown away. */
  tooOld = 0;
  readonly #apiKey: string;

  constructor({ apiKey, ...options }: NewRelicOptions) {
    super(options, { encodings: ['gzip'], maxSent: 1_000_000 });
    this.#apiKey = apiKey;
  }

  protected override admit({ method, path, query, headers }: HttpRequest): Answer | undefined {
    if (path !== '/log/v1') return this.refuse(404, 'There is no such path.');
    if (method !== 'POST') return this.refuse(405, 'The method is not allowed.');
    const key = keyHeaders.map((name) => headers[name]).find(Boolean) ?? query.get('Api-Key');
    if (key !== this.#apiKey) return this.refuse(403, 'The license key is missing or invalid.');
    const type = mediaType(headers);
    if (!jsonTypes.has(type) && !gzipTypes.has(type)) {
      return this.refuse(415, 'The content type is to be application/json.');
    }
    return headers['content-length'] === undefined
      ? this.refuse(411, 'Content-Length is missing.')
      : undefined;
  }

  protected override encodingOf(headers: IncomingHttpHeaders): string | undefined {
    return gzipTypes.has(mediaType(headers)) ? 'gzip' : super.encodingOf(headers);
  }

  protected override read(text: string): readonly unknown[] | undefined {
    const body = tryParseJson(text);
    const parts = Array.isArray(body) ? (body as unknown[]) : isRecord(body) ? [body] : undefined;
    return parts?.flatMap(logsOf);
  }

  protected override take(logs: readonly unknown[] | undefined): Answer {
    if (!logs?.every(isRecord)) return this.refuse(400, 'The body is no JSON of logs.');
    for (const log of logs) {
      this.records.push(log);
      this.integrationErrors.push(...problemsOf(log));
      const time = timeOf(log);
      if (time !== undefined && time < this.now() - 48 * hour) this.tooOld++;
    }
    return { status: 202, body: { requestId: randomUUID() } };
  }

  protected override refuse(status: number, reason: string): Answer {
    return { status, body: { requestId: randomUUID(), error: { message: reason } } };
  }
}

/** The logs of one part of a body, each on one level: a simple log, or `{ common, logs }`. */
function logsOf(part: unknown): unknown[] {
  if (!isRecord(part) || !Array.isArray(part.logs)) return [part];
  const common = isRecord(part.common) ? dotted(flatten(part.common)) : {};
  return part.logs.map((log: unknown) => (isRecord(log) ? { ...common, ...flatten(log) } : log));
}

function flatten({ attributes, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return isRecord(attributes) ? { ...attributes, ...rest } : rest;
}

/** Fluent Bit's plugin sends `plugin: { type, version }` in common, stored as `plugin.type` and so on. */
function dotted(attributes: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const entries = Object.entries(attributes).flatMap(([name, value]): [string, unknown][] =>
    isRecord(value) ? Object.entries(dotted(value, `${prefix}${name}.`)) : [[prefix + name, value]],
  );
  return Object.fromEntries(entries);
}

/** Seconds as well as milliseconds; undefined when it is neither. */
function timeOf({ timestamp }: Readonly<Record<string, unknown>>): number | undefined {
  if (!Number.isInteger(timestamp)) return undefined;
  return (timestamp as number) < 1e11 ? (timestamp as number) * 1000 : (timestamp as number);
}

function problemsOf(log: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const names = Object.keys(log);
  if (names.length > maxAttributes) problems.push(`more than ${maxAttributes} attributes: ${names.length}`);
  for (const [name, value] of Object.entries(log)) {
    if (name.length > maxName) problems.push(`a name longer than ${maxName}: ${name.slice(0, 80)}`);
    if (dropped.has(name)) problems.push(`${name}: a name that is dropped`);
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
      problems.push(`${name}: neither string, number nor boolean: ${toJsonText(value).slice(0, 80)}`);
    }
    if (typeof value === 'string' && value.length > maxValue)
      problems.push(`${name}: longer than ${maxValue}`);
  }
  if ('timestamp' in log && timeOf(log) === undefined) problems.push('timestamp: no integer of s or ms');
  return problems;
}
