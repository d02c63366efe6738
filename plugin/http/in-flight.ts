import { Transform } from 'node:stream';
import type { onRequestHookHandler, preParsingHookHandler } from 'fastify';
import { Turnstile } from '../delivery/turnstile.ts';
import { tooMuchInFlight } from './errors.ts';
import { oncePer } from './once-per.ts';
import { unpackBody } from './unpack.ts';

/** Bodies that are unpacked at a time: how large one becomes is known only then. */
const mostUnpacking = 2;
const longestUnpackingWait = 60_000;

/**
 * Bounds the bytes of request bodies under way, as received and once more unpacked, so that a slow Fluent Bit, which
 * acknowledges late, can't make the process grow: beyond it a request is answered 503 and its sender keeps it. One
 * alone is always let in.
 */
export class InFlight {
  /** Most bytes of one body. */
  readonly bodyLimit: number;
  readonly #limit: number;
  readonly #unpacking = new Turnstile(mostUnpacking, Number.MAX_SAFE_INTEGER, longestUnpackingWait);
  #bytes = 0;

  /** @param limit bytes of all bodies */
  constructor(limit: number, bodyLimit: number) {
    this.#limit = limit;
    this.bodyLimit = bodyLimit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undoes a body's Content-Encoding, few at a time: thousands of small ones could become large together. @throws ServiceError, NoPlace */
  async unpack(load: Load, body: Buffer, encoding: string | undefined): Promise<Buffer> {
    if (encoding === undefined) return body;
    await this.#unpacking.enter();
    try {
      const unpacked = await unpackBody(body, encoding, this.bodyLimit);
      if (unpacked !== body) load.grow(unpacked.length);
      return unpacked;
    } finally {
      this.#unpacking.leave();
    }
  }

  /** @param own bytes that the same request has already. @returns whether there is room */
  add(bytes: number, own: number): boolean {
    const isAlone = this.#bytes === own;
    if (!isAlone && this.#bytes + bytes > this.#limit) return false;
    this.#bytes += bytes;
    return true;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What one request adds. */
export class Load {
  readonly #all: InFlight;
  /** There was no room for it. */
  isRefused = false;
  #bytes = 0;
  #isOver = false;

  constructor(all: InFlight) {
    this.#all = all;
  }

  /** @throws ServiceError when there is no room */
  grow(bytes: number): void {
    if (this.#isOver) return;
    if (this.#all.add(bytes, this.#bytes)) {
      this.#bytes += bytes;
      return;
    }
    this.isRefused = true;
    throw tooMuchInFlight();
  }

  end(): void {
    this.#isOver = true;
    this.#all.remove(this.#bytes);
    this.#bytes = 0;
  }
}

/** A request with its load, and whether its handler has begun: from then on the handler ends it. */
interface Bounded {
  readonly load: Load;
  isHandled: boolean;
}

/** Bounds the bodies of a route: its hooks, and what its handler is to run in. */
export function boundBodies(inFlight: InFlight): {
  readonly hooks: { readonly onRequest: onRequestHookHandler; readonly preParsing: preParsingHookHandler };
  /** Whether a request was refused because there was no room. */
  readonly isRefused: (request: object) => boolean;
  readonly within: <T>(request: object, work: (load: Load) => Promise<T>) => Promise<T>;
} {
  const requests = new WeakMap<object, Bounded>();
  const isDue = oncePer(60_000);

  return {
    hooks: {
      onRequest: (request, reply, done) => {
        const bounded = { load: new Load(inFlight), isHandled: false };
        requests.set(request, bounded);
        reply.raw.once('close', () => {
          if (!bounded.isHandled) bounded.load.end();
        });
        // It may have gone while it waited in line.
        if (reply.raw.destroyed) bounded.load.end();
        try {
          const length = Number(request.headers['content-length'] ?? 0);
          // One that is larger than a body may be is refused for good, and not read.
          if (length <= inFlight.bodyLimit) bounded.load.grow(length);
          done();
        } catch (error) {
          if (isDue(''))
            request.log.warn('requests are refused: as much as may be is in flight (service.in_flight)');
          done(error as Error);
        }
      },
      preParsing: (request, _reply, payload, done) => {
        if (request.headers['content-length'] !== undefined) done(null, payload);
        else done(null, payload.pipe(countedBy(requests.get(request)!.load)));
      },
    },
    isRefused: (request) => requests.get(request)?.load.isRefused ?? false,
    within: async (request, work) => {
      const bounded = requests.get(request)!;
      bounded.isHandled = true;
      try {
        return await work(bounded.load);
      } finally {
        bounded.load.end();
      }
    },
  };
}

/** A body of unknown length counts as it arrives. */
function countedBy(load: Load): Transform {
  return new Transform({
    transform: (part: Buffer, _encoding, done) => {
      try {
        load.grow(part.length);
        done(null, part);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
