import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { BlockList, connect as connectTcp, isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type buildConnector, Pool } from 'undici';
import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import { isLocal } from '../mapping/units.ts';
import { SendError, TokenSource } from './oauth.ts';

export { SendError } from './oauth.ts';

/** What the SIEM answered. */
export interface Answer {
  readonly status: number;
  /** Milliseconds to wait, from Retry-After. */
  readonly retryAfter: number | undefined;
  /** The beginning of the body (at most 64 KB), as text. */
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

const maxText = 65_536;
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
      this.#inTime((signal) => post(endpoint, formHeaders, Buffer.from(form), signal)),
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
      throw error instanceof SendError ? new SendError(`token endpoint: ${error.message}`) : error;
    }
  }

  /** Does it with a signal that ends it when the time is over, or when all is closed. */
  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw stopping();
    const { timeout } = this.#settings;
    const controller = new AbortController();
    const end = (): void => controller.abort(new SendError(`timeout after ${timeout} ms`));
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
  return new SendError('the service is stopping');
}

async function post(
  { url, pool }: Place,
  headers: Headers,
  body: Buffer,
  signal: AbortSignal,
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
      text: await readBeginning(answer.body),
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
async function readBeginning(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let room = maxText;
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
  const until = readDate(text);
  // By the SIEM's own clock where it tells it: ours may be wrong.
  return until === undefined ? undefined : Math.max(0, until - (readDate(date) ?? Date.now()));
}

/** All three forms of a date (RFC 9110, section 5.6.7); the oldest names no zone and means this one. */
function readDate(text = ''): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

interface Target {
  readonly protocol: string;
  /** An IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
}

interface Proxy extends Target {
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** How connections are made. */
interface Way {
  readonly secureContext: tls.SecureContext;
  readonly proxy: Proxy | undefined;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/**
 * Opens connections for undici, through the proxy where there is one. undici's own ProxyAgent connects again and
 * again, thousands of times a second, to a proxy that hangs up (https://github.com/nodejs/undici/issues/3897), and
 * a connection that met the wrong certificate is never free again: it acts by an error's code, and a SendError
 * has none.
 */
function connector(way: Way, target: Target): buildConnector.connector {
  return (_options, callback) => {
    open(way, target).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    );
  };
}

/** @throws SendError */
async function open({ secureContext, proxy, timeout }: Way, target: Target): Promise<Socket> {
  const { protocol, hostname: host, port } = proxy ?? target;
  // The default, 250 ms for each address but the last, is too short for a host that is far away.
  const patience = { autoSelectFamilyAttemptTimeout: 2_000 };
  let socket: Socket = connectTcp({ host, port, noDelay: true, keepAlive: true, ...patience });
  const timer = setTimeout(() => socket.destroy(new SendError(`no connection in ${timeout} ms`)), timeout);
  const secure = async (hostname: string): Promise<void> => {
    socket = tls.connect({
      socket,
      host: hostname,
      ...(isIP(hostname) ? {} : { servername: hostname }),
      secureContext,
      ALPNProtocols: ['http/1.1'],
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED turns the default off.
      rejectUnauthorized: true,
    });
    await ready(socket, 'secureConnect');
  };
  let isAtProxy = proxy !== undefined;
  try {
    await ready(socket, 'connect');
    if (proxy) {
      if (protocol === 'https:') await secure(host);
      await tunnel(socket, proxy, target);
      isAtProxy = false;
    }
    if (target.protocol === 'https:') await secure(target.hostname);
    return socket;
  } catch (error) {
    socket.destroy();
    const { message } = toSendError(error);
    throw new SendError(isAtProxy ? `proxy: ${message}` : message);
  } finally {
    clearTimeout(timer);
  }
}

function ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve).once('close', () => reject(new SendError('connection broke')));
    // It stays: until undici listens an error would end the process.
    socket.on('error', reject);
  });
}

/** Asks the proxy to connect the socket to the target (RFC 9110, section 9.3.6). */
function tunnel(socket: Socket, { authorization }: Proxy, { hostname, port }: Target): Promise<void> {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
    createConnection: () => socket,
  });
  return new Promise((resolve, reject) => {
    request.once('error', reject).once('connect', ({ statusCode = 0 }, _socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new SendError(`it answered ${statusCode}`));
    });
    request.end();
  });
}

/** @param ca added to the roots that Node.js has, not in place of them */
function createSecureContext(
  { ca, cert, key }: DeliverSettings['tls'],
  environment: NodeJS.ProcessEnv,
): tls.SecureContext {
  const roots = ca === undefined ? undefined : [...defaultRoots(environment), ca];
  // Made once: with roots of its own it takes 50 ms.
  return tls.createSecureContext({ ca: roots, cert, key });
}

/** To name any `ca` leaves out all that Node.js has, those of NODE_EXTRA_CA_CERTS as well. */
function defaultRoots({ NODE_EXTRA_CA_CERTS: extra }: NodeJS.ProcessEnv): readonly string[] {
  // Node.js 22.15 and later.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  if (!extra) return tls.rootCertificates;
  try {
    return [...tls.rootCertificates, readFileSync(extra, 'utf8')];
  } catch {
    return tls.rootCertificates; // Node.js warned of it as it started
  }
}

/**
 * The proxy that the environment names for this target. Never for this machine, as in Go: no proxy reaches it,
 * and plain http, which is for this machine alone, would cross the network.
 *
 * @throws Error
 */
function proxyFor({ protocol, hostname, port }: Target, environment: NodeJS.ProcessEnv): Proxy | undefined {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || '';
  if (isLocal({ host: hostname, port }) || isExempt(hostname, port, read('NO_PROXY'))) return undefined;
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = read(name);
  if (text === '') return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const credentials = url && decoded(`${url.username}:${url.password}`);
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || credentials === undefined) {
    throw new Error(`${name} is no http or https URL`);
  }
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { ...targetOf(url), authorization: credentials === ':' ? undefined : authorization };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** By a list of hosts (and all below them), addresses, and networks as in 10.0.0.0/8; `*` is all. A port may follow. */
function isExempt(host: string, port: number, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '' || entry === '*') return entry === '*';
    const [, network, bits] = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(entry) ?? [];
    if (network !== undefined) return isWithin(host, network, Number(bits));
    if (isIP(entry)) return entry.toLowerCase() === host;
    const [, name = '', only] = /^\[?(.+?)\]?(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    const domain = name.toLowerCase().replace(/^\*?\./, '');
    return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
  });
}

function isWithin(host: string, network: string, bits: number): boolean {
  const version = isIP(host);
  if (version === 0 || isIP(network) !== version || bits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

function targetOf({ protocol, hostname, port }: URL): Target {
  const usual = protocol === 'https:' ? 443 : 80;
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usual };
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
  EAI_NODATA: 'host not found',
  ECONNRESET: 'connection broke',
  ECONNABORTED: 'connection broke',
  EPIPE: 'connection broke',
  UND_ERR_SOCKET: 'connection broke',
  ETIMEDOUT: 'no connection',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'host unreachable',
  UND_ERR_DESTROYED: 'the service is stopping',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'no proper HTTP answer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another host',
};

/**
 * Says it in plain words that come from here or from OpenSSL. Messages of undici and Node.js are left out: they
 * quote what they were given.
 *
 * @throws what has no code: a fault of ours
 */
function toSendError(error: unknown): SendError {
  if (error instanceof SendError) return error;
  const { code, message, reason } = error as { code?: unknown; message?: string; reason?: unknown };
  if (typeof code !== 'string') throw error;
  return new SendError(`${plainWords[code] ?? otherWords(code, message, reason)} (${code})`);
}

function otherWords(code: string, message: string | undefined, reason: unknown): string {
  if (code.startsWith('HPE_')) return 'no HTTP answer';
  if (/^(?:ERR_SSL_|EPROTO$)/.test(code)) return `TLS: ${typeof reason === 'string' ? reason : 'it failed'}`;
  // What verifying found, in OpenSSL's fixed words: X509_verify_cert_error_string.
  const isVerdict =
    /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_|INVALID_|PATH_LENGTH_)/.test(code);
  return isVerdict ? `TLS: ${message}` : 'the request failed';
}
