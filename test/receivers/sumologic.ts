import { isRecord } from '../../plugin/fluent/entry.ts';
import { tryParseJson } from '../../plugin/mapping/json.ts';
import { type Answer, HttpReceiver, type HttpReceiverOptions, type HttpRequest } from './http-receiver.ts';
import { readIsoTime } from './iso-time.ts';

export interface SumoLogicOptions extends HttpReceiverOptions {
  /** The secret at the end of the URL. */
  readonly code: string;
  /** Whether every line is to be a JSON object with its time first; otherwise any text will do. */
  readonly json?: boolean;
  /** Most bytes of an unpacked body. */
  readonly maxBody?: number;
}

/** Bytes of one message; a longer one is sliced into several. */
const maxMessage = 65_536;
const day = 86_400_000;

/**
 * A stand-in for a Sumo Logic HTTP source: one message a line. The real one answers 200 to any text, so what
 * a line lacks is told in `violations`. Stricter than there: 1 MB is refused with 413, where the
 * documentation only advises against more, and zstd, which Node.js 20 can't unpack, with 415.
 * https://www.sumologic.com/help/docs/send-data/hosted-collectors/http-source/logs-metrics/upload-logs ,
 * https://www.sumologic.com/help/docs/send-data/hosted-collectors/http-source/troubleshooting
 */
export class SumoLogicReceiver extends HttpReceiver {
  /** Every line that was taken, as it came. */
  readonly lines: string[] = [];
  /** What is wrong with lines, and headers, that were taken. */
  readonly violations: string[] = [];
  /** Messages whose time is more than a year back or two days ahead: the time of receipt takes its place. */
  restamped = 0;
  readonly #path: string;
  readonly #isJson: boolean;

  constructor({ code, json = true, maxBody = 1_000_000, ...options }: SumoLogicOptions) {
    super(options, { encodings: ['gzip', 'deflate'], maxUnpacked: maxBody });
    this.#path = `/receiver/v1/http/${code}`;
    this.#isJson = json;
  }

  protected override admit({ method, path }: HttpRequest): Answer | undefined {
    if (!path.startsWith('/receiver/v1/http/')) return this.refuse(404, 'There is no such path.');
    if (method !== 'POST' && method !== 'PUT') return this.refuse(405, 'The method is not allowed.');
    return path === this.#path ? undefined : this.refuse(401, 'The URL token is missing or invalid.');
  }

  protected override read(text: string): readonly string[] {
    return text.split('\n').filter((line) => line !== '');
  }

  protected override take(lines: readonly string[], { headers }: HttpRequest): Answer {
    const fields = headers['x-sumo-fields'];
    if (fields !== undefined && !/^[^=,]+=[^=,]+(?:,[^=,]+=[^=,]+)*$/.test(String(fields))) {
      this.violations.push(`X-Sumo-Fields: no key-value pairs: ${fields}`);
    }
    for (const line of lines) {
      this.lines.push(line);
      if (Buffer.byteLength(line) > maxMessage) this.violations.push(`sliced: ${line.slice(0, 80)}`);
      const problem = this.#isJson ? this.#takeRecord(line) : undefined;
      if (problem !== undefined) this.violations.push(`${problem}: ${line.slice(0, 80)}`);
    }
    return { status: 200 };
  }

  protected override refuse(status: number, reason: string): Answer {
    if (status !== 429) return { status, body: reason };
    const text = 'You have temporarily exceeded your Sumo Logic quota. Please try again at a later time';
    return { status, body: text };
  }

  /** Keeps a line's object, and says what is wrong with it. */
  #takeRecord(line: string): string | undefined {
    const record = tryParseJson(line);
    if (!isRecord(record)) return 'no JSON object';
    this.records.push(record);
    // By the text: to JavaScript a key like "1" comes first wherever it stands.
    const [, first] = /^\{"timestamp": ?"([^"\\]*)"[,}]/.exec(line) ?? [];
    if (first === undefined) return 'timestamp is not the first key';
    const time = readIsoTime(first);
    if (time === undefined) return 'timestamp is no ISO 8601 with a zone';
    const now = this.now();
    if (time < now - 365 * day || time > now + 2 * day) this.restamped++;
    return undefined;
  }
}
