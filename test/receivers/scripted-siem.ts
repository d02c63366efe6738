import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A record as it came. */
export type Received = Readonly<Record<string, unknown>>;

/** What becomes of a request: its records are taken, it is answered otherwise, or it is never answered. */
export type Outcome = 'take' | 'hang' | { readonly status: number; readonly text?: string };

/** A request that came, whatever became of it. */
export interface Asked {
  /** Epoch milliseconds at which its head was here. */
  readonly at: number;
  /** Requests that were not yet answered then. */
  readonly others: number;
  readonly records: number;
  readonly outcome: Outcome;
}

/**
 * A SIEM that takes JSON arrays and does with each request what the test says, by the records it holds. It counts how
 * often it took each record.
 */
export class ScriptedSiem {
  readonly asked: Asked[] = [];
  /** When each record was taken, each time; epoch milliseconds. */
  readonly taken = new Map<string, number[]>();
  /** Decides about each request; may be changed at any time. */
  script: (records: readonly Received[]) => Outcome = () => 'take';
  /** Milliseconds that an answer takes. */
  delay = 0;
  readonly #idOf: (record: Received) => string;
  #open = 0;
  #server: Server | undefined;
  #port = 0;

  /** @param idOf tells one record from all others */
  constructor(idOf: (record: Received) => string = ({ id }) => String(id)) {
    this.#idOf = idOf;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/in`;
  }

  get isListening(): boolean {
    return this.#server !== undefined;
  }

  /** The largest number of records in one request, taken or not. */
  get largestRequest(): number {
    return this.asked.reduce((most, { records }) => Math.max(most, records), 0);
  }

  /** How often something was taken that had been taken before. */
  get duplicates(): number {
    return [...this.taken.values()].reduce((sum, times) => sum + times.length - 1, 0);
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
    const at = Date.now();
    const others = this.#open++;
    response.once('close', () => this.#open--);
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return; // the sender went away in the middle of its request
    }
    const body = Buffer.concat(parts);
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const records = JSON.parse((isPacked ? gunzipSync(body) : body).toString()) as Received[];
    const outcome = this.script(records);
    this.asked.push({ at, others, records: records.length, outcome });
    if (outcome === 'hang') return;
    if (outcome === 'take') for (const record of records) this.#take(this.#idOf(record));
    const { status, text = '' } = outcome === 'take' ? { status: 200 } : outcome;
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    response.writeHead(status).end(text);
  }

  #take(id: string): void {
    const times = this.taken.get(id);
    if (times) times.push(Date.now());
    else this.taken.set(id, [Date.now()]);
  }
}
