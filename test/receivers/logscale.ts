import { isRecord } from '../../plugin/fluent/entry.ts';
import { toJsonText, tryParseJson } from '../../plugin/mapping/json.ts';
import { type Answer, HttpReceiver, type HttpReceiverOptions, type HttpRequest } from './http-receiver.ts';

export interface LogScaleOptions extends HttpReceiverOptions {
  /** The ingest token. */
  readonly token: string;
  /** Most bytes of an unpacked body: a setting of the server. */
  readonly maxBody?: number;
}

const paths: ReadonlySet<string> = new Set([
  '/api/v1/ingest/hec',
  '/services/collector',
  '/services/collector/event',
]);
const keys: ReadonlySet<string> = new Set([
  'time',
  'timezone',
  'index',
  'sourcetype',
  'source',
  'host',
  'event',
  'fields',
]);
/** Bytes of one event; the rest is cut off. */
const maxEvent = 1_000_000;
const maxFields = 8000;
/** An integer is always seconds, whatever its digits: milliseconds would be the year 50000. */
const lastSecond = 253_402_300_799;

/**
 * A stand-in for the HEC-compatible ingest of CrowdStrike Falcon LogScale. It knows Bearer, and Basic with
 * the token for a password; whether the real one takes `Splunk` is not documented, so it is refused here.
 * What the real one would take and misread or cut is in `violations`.
 * https://library.humio.com/logscale-api/log-shippers-hec.html ,
 * https://library.humio.com/falcon-logscale-cloud/limits.html
 */
export class LogScaleReceiver extends HttpReceiver {
  /** What is wrong with envelopes that were taken. */
  readonly violations: string[] = [];
  readonly #token: string;

  constructor({ token, maxBody, ...options }: LogScaleOptions) {
    super(options, { encodings: ['gzip'], ...(maxBody === undefined ? {} : { maxUnpacked: maxBody }) });
    this.#token = token;
  }

  protected override admit({ method, path, headers }: HttpRequest): Answer | undefined {
    if (!paths.has(path)) return this.refuse(404, 'The requested resource could not be found.');
    if (method !== 'POST') return this.refuse(405, 'HTTP method not allowed, supported methods: POST');
    return tokenOf(headers.authorization) === this.#token
      ? undefined
      : this.refuse(401, 'The supplied authentication is invalid');
  }

  protected override read(text: string): readonly unknown[] {
    return splitObjects(text).map(tryParseJson);
  }

  protected override take(envelopes: readonly unknown[]): Answer {
    if (envelopes.length === 0) return this.refuse(400, 'No data');
    if (!envelopes.every(isRecord))
      return this.refuse(400, 'Could not handle input. reason="no JSON object"');
    for (const envelope of envelopes) {
      this.records.push(envelope);
      this.violations.push(...problemsOf(envelope));
    }
    return { status: 200, body: { text: 'Success', code: 0 } };
  }

  protected override refuse(status: number, reason: string): Answer {
    return { status, body: reason };
  }
}

function tokenOf(authorization = ''): string | undefined {
  const [, scheme, value = ''] = /^(Bearer|Basic) (\S+)$/.exec(authorization) ?? [];
  if (scheme !== 'Basic') return scheme && value;
  const [, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return password.join(':');
}

/** The objects that stand one after another, with or without white space between them. */
function splitObjects(text: string): string[] {
  const objects: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === '{') depth++;
    if (token !== '}' || --depth > 0) continue;
    objects.push(text.slice(start, index + 1));
    start = index + 1;
    depth = 0;
  }
  const rest = text.slice(start).trim();
  return rest === '' ? objects : [...objects, rest];
}

function problemsOf(envelope: Readonly<Record<string, unknown>>): string[] {
  const problems = Object.keys(envelope)
    .filter((key) => !keys.has(key))
    .map((key) => `${key}: no key of an envelope`);
  const { time, event, fields } = envelope;
  if (event === undefined || event === null || event === '') problems.push('event: missing or empty');
  if (Buffer.byteLength(toJsonText(event)) > maxEvent) problems.push(`event: more than ${maxEvent} bytes`);
  const count = countFields(event) + countFields(fields);
  if (count > maxFields) problems.push(`more than ${maxFields} fields: ${count}`);
  const isTime = time === undefined || (/^\d+(?:\.\d+)?$/.test(String(time)) && Number(time) <= lastSecond);
  if (!isTime) problems.push(`time: no epoch seconds: ${toJsonText(time).slice(0, 80)}`);
  if (fields !== undefined && !isRecord(fields)) problems.push('fields: no object');
  return problems;
}

function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 1;
  return Object.values(value).reduce((sum: number, one) => sum + countFields(one), 0);
}
