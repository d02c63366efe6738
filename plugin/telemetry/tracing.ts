import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What a request turned out to be; what it is for, its span knows by itself. */
export interface Outcome {
  readonly records?: number;
  readonly events?: number;
  readonly batches?: number;
  readonly deadLetters?: number;
  /** `acknowledged`, `delivered`, or the code of the error that was answered. */
  readonly outcome: string;
}

/** A span for each request to `/map` and `/deliver`, and for each of the gate's to the SIEM. Where there is none, nothing is traced. */
export interface Tracing {
  /** To be called before there are routes. */
  readonly watch: (server: FastifyInstance) => void;
  /** Adds to the request's span what became of it. */
  readonly tell: (request: FastifyRequest, outcome: Outcome) => void;
  /** Does a part of a request: spans that it begins are the request's children. */
  readonly within: <T>(request: FastifyRequest, part: () => T) => T;
  /** Does a request to the SIEM in a span of its own. */
  readonly toSiem: <T extends { readonly status: number }>(
    siem: { readonly destination: string; readonly host: string; readonly port: number },
    send: () => Promise<T>,
  ) => Promise<T>;
}
