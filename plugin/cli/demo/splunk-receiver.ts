import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../../fluent/entry.ts';
import { tryParseJson } from '../../mapping/json.ts';

/** One request that Splunk took, or refused. */
export interface ReceivedRequest {
  readonly at: number;
  readonly status: number;
  readonly events: number;
}

export interface SplunkReceiverOptions {
  readonly token: string;
  /** Called for every event that is taken, in order. */
  readonly onEvent: (envelope: Readonly<Record<string, unknown>>) => void;
  /** Bytes of a body; Splunk Cloud takes 1 MB. */
  readonly maxBody?: number;
}

const envelopeKeys: ReadonlySet<string> = new Set([
  'time',
  'host',
  'source',
  'sourcetype',
  'index',
  'event',
  'fields',
]);

/**
 * A stand-in for Splunk's HTTP Event Collector on loopback, for the demo and the tests. It refuses what the
 * real one refuses, with its codes: a wrong token, path or method, a body too large or no JSON, an event
 * that is missing or blank. As there, the events before a bad one are taken.
 * https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
 */
export class SplunkReceiver {
  readonly requests: ReceivedRequest[] = [];
  /** While set, every request gets this status and nothing is taken. */
  refuseWith: number | undefined;
  readonly #options: SplunkReceiverOptions;
  #server: Server | undefined;
  #port = 0;

  constructor(options: SplunkReceiverOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  /** The largest number of events in one request, taken or refused. */
  get largestRequest(): number {
    return this.requests.reduce((most, { events }) => Math.max(most, events), 0);
  }

  /** Listens on loopback, on the same port as before when it did so already. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response));
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

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      body = Buffer.concat(parts);
    } catch {
      return; // the sender went away in the middle of its request
    }
    const { status, events, answer } = this.#judge(request, body);
    this.requests.push({ at: Date.now(), status, events });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #judge(request: IncomingMessage, body: Buffer): { status: number; events: number; answer: object } {
    const refuse = (status: number, code: number, text: string, more: object = {}, events = 0) => ({
      status,
      events,
      answer: { text, code, ...more },
    });
    const texts = splitObjects(unpack(request, body) ?? '');
    if (this.refuseWith !== undefined) return refuse(this.refuseWith, 9, 'Server is busy', {}, texts.length);
    if (request.url !== '/services/collector/event' && request.url !== '/services/collector') {
      return refuse(404, 404, 'The requested URL was not found on this server.');
    }
    if (request.method !== 'POST') return refuse(405, 405, 'Method Not Allowed');
    const { authorization } = request.headers;
    if (authorization === undefined) return refuse(401, 2, 'Token is required');
    if (!authorization.startsWith('Splunk ')) return refuse(401, 3, 'Invalid authorization');
    if (authorization !== `Splunk ${this.#options.token}`) return refuse(403, 4, 'Invalid token');
    const text = unpack(request, body);
    if (text === undefined) return refuse(400, 6, 'Invalid data format', { 'invalid-event-number': 0 });
    if (Buffer.byteLength(text) > (this.#options.maxBody ?? 1_000_000))
      return refuse(413, 27, 'Request entity too large');
    if (texts.length === 0) return refuse(400, 5, 'No data');
    for (const [index, one] of texts.entries()) {
      const problem = this.#take(one);
      if (problem)
        return refuse(400, problem.code, problem.text, { 'invalid-event-number': index }, texts.length);
    }
    return { status: 200, events: texts.length, answer: { text: 'Success', code: 0 } };
  }

  #take(text: string): { code: number; text: string } | undefined {
    const envelope = tryParseJson(text);
    if (!isRecord(envelope)) return { code: 6, text: 'Invalid data format' };
    if (Object.keys(envelope).some((key) => !envelopeKeys.has(key)))
      return { code: 6, text: 'Invalid data format' };
    const { time, event } = envelope;
    if (time !== undefined && !Number.isFinite(Number(time))) return { code: 6, text: 'Invalid data format' };
    if (event === undefined || event === null) return { code: 12, text: 'Event field is required' };
    if (event === '' || (isRecord(event) && Object.keys(event).length === 0)) {
      return { code: 13, text: 'Event field cannot be blank' };
    }
    this.#options.onEvent(envelope);
    return undefined;
  }
}

function unpack(request: IncomingMessage, body: Buffer): string | undefined {
  try {
    return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
  } catch {
    return undefined;
  }
}

/** HEC takes JSON objects one after another, with or without white space between them. */
function splitObjects(text: string): string[] {
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === '{') depth++;
    else if (token === '}') depth--;
    if (token !== '}' || depth !== 0) continue;
    objects.push(text.slice(start, index + 1).trim());
    start = index + 1;
  }
  const rest = text.slice(start).trim();
  return rest === '' ? objects : [...objects, rest];
}
