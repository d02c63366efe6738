import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync, inflateSync } from 'node:zlib';

export interface HttpReceiverOptions {
  /** Speaks HTTPS with these (PEM); see certificate.ts. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

/** What a service says of bodies, whatever is in them. */
export interface BodyRules {
  /** Content-Encodings that it unpacks. */
  readonly encodings: readonly ('gzip' | 'deflate')[];
  /** Most bytes as sent. */
  readonly maxSent?: number;
  /** Most bytes once unpacked. */
  readonly maxUnpacked?: number;
}

/** One request as the receiver's judgement sees it. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body as sent. */
  readonly bytes: number;
  /** Bytes of the body once unpacked; undefined when its encoding is unknown or broken. */
  readonly unpackedBytes: number | undefined;
  /** The unpacked body; undefined when there is none or it is no UTF-8. */
  readonly text: string | undefined;
}

/** One request that was answered. */
export interface ReceivedRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Records that it held, taken or refused; 0 when none can be told apart. */
  readonly records: number;
  /** Bytes of the body as sent. */
  readonly bytes: number;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, a string as text. */
  readonly body?: object | string;
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * The part that all stand-ins for an HTTP service share: a real server on loopback that reads the body,
 * unpacks it, holds it to the service's limits and writes down what came. A stand-in says who may knock
 * (`admit`), what a body is made of (`read`), what becomes of it (`take`) and how it says no (`refuse`).
 */
export abstract class HttpReceiver<Kept = Readonly<Record<string, unknown>>> {
  readonly requests: ReceivedRequest[] = [];
  /** What was taken, in order. */
  readonly records: Kept[] = [];
  /** While set, every request gets this status and nothing is taken. */
  refuseWith: number | undefined;
  /** Seconds of the Retry-After that goes with `refuseWith`. */
  retryAfter: number | undefined;
  /** Takes requests and never answers; nothing is written down or taken. */
  isSilent = false;

  /** The clock, epoch milliseconds. */
  protected readonly now: () => number;
  readonly #rules: BodyRules;
  readonly #tls: HttpReceiverOptions['tls'];
  #server: Server | undefined;
  #port = 0;

  constructor({ tls, now = Date.now }: HttpReceiverOptions, rules: BodyRules) {
    this.#tls = tls;
    this.now = now;
    this.#rules = rules;
  }

  get port(): number {
    return this.#port;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** The status of every request, in order. */
  get statuses(): number[] {
    return this.requests.map(({ status }) => status);
  }

  /** The largest number of records in one request, taken or refused. */
  get largestRequest(): number {
    return this.requests.reduce((most, { records }) => Math.max(most, records), 0);
  }

  /** Listens on loopback, on the same port as before when it did so already. */
  async listen(): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#handle(request, response);
    const server = this.#tls ? createTlsServer(this.#tls, handle) : createServer(handle);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops: from here on connections are refused. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** Refuses what is refused before anybody looks at the body: path, method, authorization, content type. */
  protected abstract admit(request: HttpRequest): Answer | undefined;

  /** The records of a body, good or bad; undefined when it has not the form the service takes. */
  protected abstract read(text: string, request: HttpRequest): readonly unknown[] | undefined;

  /** Keeps what is good of the body, and answers. */
  protected abstract take(records: readonly unknown[] | undefined, request: HttpRequest): Answer;

  /** A refusal in the service's words. */
  protected abstract refuse(status: number, reason: string): Answer;

  /** A service with more than one route answers the others here; what it answers is not written down. */
  protected answerAside(_request: HttpRequest): Answer | undefined {
    return undefined;
  }

  /** How the body is packed; undefined when it is not. */
  protected encodingOf(headers: IncomingHttpHeaders): string | undefined {
    const encoding = headers['content-encoding']?.trim().toLowerCase();
    return encoding === '' || encoding === 'identity' ? undefined : encoding;
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of message) parts.push(part as Buffer);
    } catch {
      return; // the sender went away in the middle of its request
    }
    if (this.isSilent) return;
    try {
      const request = this.#toRequest(message, Buffer.concat(parts));
      const answer = this.answerAside(request) ?? this.#judge(request);
      write(response, answer);
    } catch (error) {
      // A fault of the receiver's own: it must neither hang the client nor pass unseen.
      write(response, { status: 500, body: String((error as Error).stack) });
      throw error;
    }
  }

  #judge(request: HttpRequest): Answer {
    const records = request.text === undefined ? undefined : this.read(request.text, request);
    const answer =
      this.#refusalAsTold() ??
      this.admit(request) ??
      this.#refusalOfBody(request) ??
      this.take(records, request);
    const { method, path, headers, bytes } = request;
    const { status } = answer;
    this.requests.push({
      at: this.now(),
      method,
      path,
      status,
      records: records?.length ?? 0,
      bytes,
      headers,
    });
    return answer;
  }

  #refusalAsTold(): Answer | undefined {
    if (this.refuseWith === undefined) return undefined;
    const answer = this.refuse(this.refuseWith, 'The test wants it so.');
    if (this.retryAfter === undefined) return answer;
    return { ...answer, headers: { ...answer.headers, 'retry-after': String(this.retryAfter) } };
  }

  #refusalOfBody({ headers, bytes, unpackedBytes, text }: HttpRequest): Answer | undefined {
    const {
      encodings,
      maxSent = Number.POSITIVE_INFINITY,
      maxUnpacked = Number.POSITIVE_INFINITY,
    } = this.#rules;
    const tooLarge = (size: number, limit: number): Answer =>
      this.refuse(
        413,
        `Maximum allowed content length: ${limit} bytes. Provided content length: ${size} bytes.`,
      );
    if (bytes > maxSent) return tooLarge(bytes, maxSent);
    const encoding = this.encodingOf(headers);
    if (encoding !== undefined && !(encodings as readonly string[]).includes(encoding)) {
      return this.refuse(415, `Content-Encoding ${encoding} is not supported.`);
    }
    if (unpackedBytes === undefined) return this.refuse(400, `The body is no ${encoding}.`);
    if (unpackedBytes > maxUnpacked) return tooLarge(unpackedBytes, maxUnpacked);
    return text === undefined ? this.refuse(400, 'The body is not UTF-8.') : undefined;
  }

  #toRequest(message: IncomingMessage, packed: Buffer): HttpRequest {
    // Fluent Bit's Azure plugin sends the absolute form, `POST http://host/path`, as to a proxy.
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://127.0.0.1');
    const body = unpack(packed, this.encodingOf(message.headers));
    return {
      method: message.method ?? '',
      path: pathname,
      query: searchParams,
      headers: message.headers,
      bytes: packed.length,
      unpackedBytes: body?.length,
      text: body && toText(body),
    };
  }
}

/** The media type without its parameters. */
export function mediaType({ 'content-type': type = '' }: IncomingHttpHeaders): string {
  return type.split(';', 1)[0]!.trim().toLowerCase();
}

function unpack(body: Buffer, encoding: string | undefined): Buffer | undefined {
  try {
    if (encoding === undefined) return body;
    if (encoding === 'gzip') return gunzipSync(body);
    return encoding === 'deflate' ? inflateSync(body) : undefined;
  } catch {
    return undefined;
  }
}

function toText(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, body === undefined ? headers : { 'content-type': type, ...headers });
  response.end(typeof body === 'object' ? JSON.stringify(body) : body);
}
