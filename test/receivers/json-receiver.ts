import { isRecord } from '../../plugin/fluent/entry.ts';
import { tryParseJson } from '../../plugin/mapping/json.ts';
import {
  type Answer,
  HttpReceiver,
  type HttpReceiverOptions,
  type HttpRequest,
  mediaType,
} from './http-receiver.ts';

export interface JsonReceiverOptions extends HttpReceiverOptions {
  /** Most bytes of an unpacked body. */
  readonly maxBody?: number;
}

/** A receiver of JSON arrays over HTTP that refuses everything else: wrong authorization, type or shape. */
export class JsonReceiver extends HttpReceiver {
  readonly #authorization: string;

  /** @param authorization the header's value that is asked for */
  constructor(authorization: string, { maxBody, ...options }: JsonReceiverOptions = {}) {
    super(options, { encodings: ['gzip'], ...(maxBody === undefined ? {} : { maxUnpacked: maxBody }) });
    this.#authorization = authorization;
  }

  protected override admit({ method, headers }: HttpRequest): Answer | undefined {
    if (method !== 'POST') return this.refuse(405, 'POST it.');
    if (headers.authorization !== this.#authorization) return this.refuse(401, 'Who is it?');
    return mediaType(headers) === 'application/json'
      ? undefined
      : this.refuse(415, 'It is to be application/json.');
  }

  protected override read(text: string): readonly unknown[] | undefined {
    const body = tryParseJson(text);
    return Array.isArray(body) ? body : undefined;
  }

  protected override take(records: readonly unknown[] | undefined): Answer {
    if (!records?.every(isRecord)) return this.refuse(422, 'It is to be an array of objects.');
    this.records.push(...records);
    return { status: 200 };
  }

  protected override refuse(status: number, reason: string): Answer {
    return { status, body: { error: reason } };
  }
}
