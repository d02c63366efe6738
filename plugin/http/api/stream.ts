import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../errors.ts';

/** Pages that are open at a time; each costs a connection. */
const mostStreams = 50;
/** Bytes that a page may leave unread; it connects again and gets all anew. */
const mostUnread = 4_000_000;
/** Milliseconds; proxies and browsers give up a connection on which nothing comes. */
const heartbeat = 15_000;

/** Streams of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStreams {
  readonly #open = new Map<PassThrough, IncomingHttpHeaders>();
  readonly #mayStay: (headers: IncomingHttpHeaders) => boolean;
  readonly #timer: NodeJS.Timeout;

  /** @param mayStay asked now and then by the headers that a stream was opened with */
  constructor(mayStay: (headers: IncomingHttpHeaders) => boolean) {
    this.#mayStay = mayStay;
    this.#timer = setInterval(() => this.#beat(), heartbeat);
    this.#timer.unref();
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /**
   * Opens one, with an event at once.
   *
   * @param data one line
   * @throws ServiceError 503 when too many are open
   */
  open(request: FastifyRequest, reply: FastifyReply, event: string, data: string): FastifyReply {
    if (this.#open.size >= mostStreams)
      throw new ServiceError(503, 'too_many_streams', `${mostStreams} pages are open already`);
    const stream = new PassThrough();
    this.#open.set(stream, request.headers);
    stream.once('close', () => this.#open.delete(stream));
    reply.raw.once('close', () => stream.destroy());
    reply
      .type('text/event-stream; charset=utf-8')
      // Proxies that gather answers (nginx) would keep it for ever.
      .header('x-accel-buffering', 'no')
      // When the service stops, nothing else is to come on this connection.
      .header('connection', 'close');
    stream.write(`retry: 2000\n\n${message(event, data)}`);
    return reply.send(stream);
  }

  /** Tells all of them. */
  tell(event: string, data: string): void {
    this.#write(message(event, data));
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#open.keys()) stream.end();
  }

  #beat(): void {
    for (const [stream, headers] of this.#open) if (!this.#mayStay(headers)) stream.end();
    this.#write(':\n\n');
  }

  #write(text: string): void {
    for (const stream of this.#open.keys()) {
      if (stream.writableLength > mostUnread) stream.destroy();
      else if (!stream.writableEnded) stream.write(text);
    }
  }
}

function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
