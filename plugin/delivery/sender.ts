import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Pool } from 'undici';
import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import { connector, createSecureContext } from './connection.ts';
import { TokenSource } from './oauth.ts';
import { proxyFor, targetOf } from './proxy.ts';
import { SendError, toSendError } from './send-error.ts';

export { SendError } from './send-error.ts';

/** What the SIEM answered. */
export interface Answer {
  readonly status: number;
  /** Milliseconds to wait, from Retry-After. */
  readonly retryAfter: number | undefined;
  /** The beginning of the body (at most 1 MiB), as text. */
  readonly text: string;
}

export interface SenderOptions {
  readonly settings: DeliverSettings;
  /** For HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly userAgent: string;
}

type Headers = Readonly<Record<string, string>>;

/** An address of the SIEM or the token endpoint, and the connections to it. */
interface Place {
  readonly url: URL;
  readonly pool: Pool;
}

// Elasticsearch's bulk answer has a few hundred bytes for each document; a token is short.
const maxText = 1_048_576;
const maxTokenText = 65_536;
const longestTimer = 2 ** 31 - 1;
const zip = promisify(gzip);

/**
 * Posts bodies to a SIEM over connections that stay open. It repeats nothing by itself, but for one new token:
 * of a request that broke off the SIEM may have taken the records, and who sends again must know that.
 */
export class Sender {
  readonly #settings: DeliverSettings;
  readonly #headers: Headers;
  readonly #siem: Place;
  readonly #endpoint: Place | undefined;
  readonly #tokens: TokenSource | undefined;
  readonly #underWay = new Set<AbortController>();
  #isClosed = false;

  /** @throws Error when a certificate, a key or a proxy's URL can't be read */
  constructor({ settings, environment = process.env, userAgent }: SenderOptions) {
    const { to, headers, oauth2, connections, compress } = settings;
    this.#settings = settings;
    const own = Object.entries(headers).filter(([name]) => !oauth2 || name.toLowerCase() !== 'authorization');
    this.#headers = {
      // Without it a server may answer in any encoding (RFC 9110, section 12.5.3).
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value])),
      ...(compress ? { 'content-encoding': 'gzip' } : {}),
    };
    const secureContext = createSecureContext(settings.tls, environment);
    const timeout = Math.min(settings.timeout, longestTimer);
    const placeOf = (text: string, most: number): Place => {
      const url = new URL(text);
      const target = targetOf(url);
      const connect = connector({ secureContext, proxy: proxyFor(target, environment), timeout }, target);
      const options = { connections: most, connect, headersTimeout: 0, bodyTimeout: 0 };
      return { url, pool: new Pool(url.origin, options) };
    };
    this.#siem = placeOf(to, connections);
    if (!oauth2) return;
    const endpoint = placeOf(oauth2.tokenUrl, 1);
    this.#endpoint = endpoint;
    const formHeaders = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      'content-type': 'application/x-www-form-urlencoded',
    };
    this.#tokens = new TokenSource(oauth2, (form) =>
      this.#inTime((signal) => post(endpoint, formHeaders, Buffer.from(form), signal, maxTokenText)),
    );
  }

  /**
   * Sends one body and waits for the answer, whatever its status; a redirect is an answer too. `timeout` bounds
   * all of it: the wait for a free connection, a token, the repeat after a 401.
   *
   * The status decides: when the body of an answer breaks off or drips until the timeout, it is an answer all the
   * same, with as much text as came. To call a 200 a failure would send twice what the SIEM said it took.
   *
   * @throws SendError
   */
  async send(body: Buffer, contentType: string): Promise<Answer> {
    const packed = this.#settings.compress ? await zip(body) : body;
    const headers = { ...this.#headers, 'content-type': contentType };
    return this.#inTime(async (signal) => {
      if (!this.#tokens) return post(this.#siem, headers, packed, signal);
      const first = await this.#token(this.#tokens, signal);
      const answer = await post(this.#siem, { ...headers, authorization: `Bearer ${first}` }, packed, signal);
      if (answer.status !== 401) return answer;
      this.#tokens.invalidate(first);
      const second = await this.#token(this.#tokens, signal);
      return post(this.#siem, { ...headers, authorization: `Bearer ${second}` }, packed, signal);
    });
  }

  /** Closes for good. What is under way fails: wait for it before, if its answer matters. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#underWay) controller.abort(stopping());
    await Promise.all([this.#siem.pool.destroy(), this.#endpoint?.pool.destroy()]);
  }

  async #token(tokens: TokenSource, signal: AbortSignal): Promise<string> {
    try {
      return await until(signal, tokens.token());
    } catch (error) {
      throw error instanceof SendError
        ? new SendError(`token endpoint: ${error.message}`, `token_${error.kind}`)
        : error;
    }
  }

  /** Does it with a signal that ends it when the time is over, or when all is closed. */
  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw stopping();
    const { timeout } = this.#settings;
    const controller = new AbortController();
    const end = (): void => controller.abort(new SendError(`timeout after ${timeout} ms`, 'timeout'));
    const timer = setTimeout(end, Math.min(timeout, longestTimer));
    this.#underWay.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(controller);
    }
  }
}

function stopping(): SendError {
  return new SendError('the service is stopping', 'stopping');
}

async function post(
  { url, pool }: Place,
  headers: Headers,
  body: Buffer,
  signal: AbortSignal,
  most = maxText,
): Promise<Answer> {
  try {
    const path = url.pathname + url.search;
    const request = pool.request({ method: 'POST', path, headers, body, signal });
    // undici heeds the signal only once there is a connection; what was given up before is then not sent.
    const answer = await until(signal, request);
    const { 'retry-after': wait, date } = answer.headers;
    return {
      status: answer.statusCode,
      retryAfter: readRetryAfter([wait].flat()[0], [date].flat()[0]),
      text: await readBeginning(answer.body, most),
    };
  } catch (error) {
    throw toSendError(error);
  }
}

/** What it becomes, unless the signal comes first. */
function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** Reads so much and drops the connection if there is more: a SIEM that answers gigabytes costs nothing. */
async function readBeginning(body: AsyncIterable<Buffer>, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let room = most;
  try {
    for await (const part of body) {
      parts.push(part.subarray(0, room));
      room -= part.length;
      if (room <= 0) break;
    }
  } catch {
    // It broke off, or time is over; see `send`.
  }
  // As a stream: a character that was cut through leaves nothing.
  return new TextDecoder().decode(Buffer.concat(parts), { stream: true });
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3). */
function readRetryAfter(text: string | undefined, date: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  const end = readDate(text);
  // By the SIEM's own clock where it tells it: ours may be wrong.
  return end === undefined ? undefined : Math.max(0, end - (readDate(date) ?? Date.now()));
}

/** All three forms of a date (RFC 9110, section 5.6.7); the oldest names no zone and means this one. */
function readDate(text = ''): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
