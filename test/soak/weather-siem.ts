import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Ledger } from './ledger.ts';

/**
 * What a SIEM is like for a while: `slow` answers in a third of a second, `lost` takes records and breaks off
 * before it says so, `hang` never answers, `down` refuses connections.
 */
export const weathers = ['fair', 'down', 'busy', 'slow', 'throttled', 'lost', 'hang', 'stranger'] as const;
export type Weather = (typeof weathers)[number];

/** What it says when it is not fair; Retry-After in seconds. */
const refusals: Partial<Record<Weather, { status: number; retryAfter?: string }>> = {
  busy: { status: 503 },
  throttled: { status: 429, retryAfter: '2' },
  stranger: { status: 401 },
};

/** One record in so many is one that the SIEM refuses, whatever the weather. */
const everyBad = 997;

export function isBad(id: number): boolean {
  return id % everyBad === everyBad - 1;
}

/** A SIEM that takes JSON arrays by its weather, and keeps nothing but counts: it is to run for hours. */
export class WeatherSiem {
  readonly taken = new Ledger();
  /** Requests by what became of them. */
  readonly answers = new Map<string, number>();
  /** The largest number of records in one request, taken or not. */
  largestRequest = 0;
  #weather: Weather = 'fair';
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/in`;
  }

  get weather(): Weather {
    return this.#weather;
  }

  async setWeather(weather: Weather): Promise<void> {
    this.#weather = weather;
    if (weather === 'down') await this.close();
    else if (!this.#server) await this.listen();
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
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return; // the sender was killed in the middle of its request
    }
    const body = Buffer.concat(parts);
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const ids = (JSON.parse((isPacked ? gunzipSync(body) : body).toString()) as { id: number }[]).map(
      ({ id }) => Number(id),
    );
    this.largestRequest = Math.max(this.largestRequest, ids.length);
    const weather = this.#weather;
    if (weather === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
    if (weather === 'hang') return this.#count('hang');
    const refusal = refusals[weather];
    const bad = ids.find(isBad);
    if (refusal) this.#answer(response, refusal.status, '', refusal.retryAfter);
    else if (bad !== undefined) this.#answer(response, 400, `record ${bad} is bad`);
    else {
      for (const id of ids) this.taken.add(id);
      if (weather === 'lost') {
        this.#count('taken, answer lost');
        request.socket.destroy();
      } else this.#answer(response, 200);
    }
  }

  #answer(response: ServerResponse, status: number, text = '', retryAfter?: string): void {
    this.#count(String(status));
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(text);
  }

  #count(what: string): void {
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
  }
}
