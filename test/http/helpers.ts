import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Destination } from '../../plugin/delivery/destination.ts';
import { Pauses } from '../../plugin/delivery/pauses.ts';
import { buildServer, type Patience, type ServerOptions } from '../../plugin/http/server.ts';
import type { Pem } from '../../plugin/mapping/pem.ts';
import type { AuthSettings } from '../../plugin/mapping/service-settings.ts';
import type { Address } from '../../plugin/mapping/units.ts';
import { noneLost } from '../../plugin/telemetry/lost-requests.ts';
import { serviceFamilies } from '../../plugin/telemetry/service.ts';
import { type DestinationOptions, destinationOf } from '../delivery/helpers.ts';
import { countersOf, parsePrometheus } from '../prometheus.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { collect } from '../secrets/collect.ts';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever it is, the test says what it should be.
  readonly json: any;
}

export interface ServiceOptions extends DestinationOptions {
  bodyLimit?: number;
  inFlight?: number;
  /** Where pauses are kept; without it nowhere. */
  stateFile?: string;
  auth?: AuthSettings;
  /** How long senders may take. */
  patience?: Patience;
  tls?: Pem;
  /** Something else in Fluent Bit's place. */
  peer?: Address;
  /** Where the whole service says that it listens, and what else the web page needs. */
  page?: Partial<Pick<ServerOptions, 'listen' | 'isSecure' | 'page' | 'deadLetters'>>;
  /** There is no Fluent Bit. */
  isDown?: boolean;
}

/** The HTTP service on a real port, with one destination `splunk` behind a stand-in Fluent Bit. */
export class Service {
  readonly destination: Destination;
  /** Fluent Bit. */
  readonly delivery: ForwardServer;
  /** What the service logged, parsed. */
  readonly log: Record<string, unknown>[] = [];
  readonly #server: FastifyInstance;

  private constructor(delivery: ForwardServer, pauses: Pauses, options: ServiceOptions) {
    const {
      bodyLimit = 64_000_000,
      inFlight = 2 ** 26,
      isDown,
      auth = {},
      stateFile: _,
      patience,
      tls,
      peer,
      page,
      ...more
    } = options;
    this.delivery = delivery;
    const address = isDown ? { path: '/nonexistent/forward.sock' } : (peer ?? delivery.address);
    this.destination = destinationOf(address, { name: 'splunk', ...more });
    if (this.destination.gate) this.destination.gate.isPaused = pauses.get('splunk') !== undefined;
    const write = (line: string): void => {
      collect(`${process.pid}.log`, line);
      this.log.push(JSON.parse(line));
    };
    const destinations = new Map([['splunk', this.destination]]);
    const lost = noneLost();
    this.#server = buildServer({
      destinations,
      lost,
      measured: async () =>
        serviceFamilies({
          destinations,
          lost,
          configuration: undefined,
          certificateEnd: undefined,
          version: '0.0.0-test',
        }),
      pauses,
      auth,
      bodyLimit,
      inFlight,
      ...(patience && { patience }),
      tls,
      ...page,
      logger: pino({ level: 'info' }, { write }),
    });
  }

  static async start(options: ServiceOptions = {}): Promise<Service> {
    const pauses = await Pauses.open(options.stateFile ?? '/dev/null/state.json', () => {});
    const service = new Service(await ForwardServer.start(), pauses, options);
    await service.#server.listen({ host: '127.0.0.1', port: 0 });
    return service;
  }

  async stop(): Promise<void> {
    await this.#server.close();
    await this.destination.close();
    await this.delivery.stop();
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Open connections of clients. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** Posts records to /map/splunk: lists as NDJSON, bytes as they are. */
  map(
    body: Buffer | Record<string, unknown>[],
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Answer> {
    const bytes = Buffer.isBuffer(body) ? body : ndjson(body);
    return this.fetch(`/map/splunk${query}`, { method: 'POST', body: bytes, headers });
  }

  /** The counters of /metrics by their name without what all have in common; of `splunk`, where of a destination. */
  async counters(): Promise<Record<string, number>> {
    const { text } = await this.fetch('/metrics');
    return countersOf(parsePrometheus(text));
  }
}

export function ndjson(records: Record<string, unknown>[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}
