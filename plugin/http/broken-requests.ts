import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { brokenRequest, retryAfter } from './errors.ts';

/** Milliseconds for which whoever is answered may go on sending. */
const lingering = 500;

/**
 * Answers what is no HTTP, too slow, or has too large a head. 503, and not 400, 408 or 431 as Fastify has it: what is in the
 * way, a proxy, a header, a slow line, can be mended, and until then the chunk must be kept.
 */
export class BrokenRequests {
  /** Requests on a connection that are not answered yet. */
  readonly #open = new WeakMap<Socket, number>();

  /** Follows a server's requests. */
  watch(server: Server): void {
    server.on('request', ({ socket }, response) => {
      this.#add(socket, 1);
      response.once('close', () => this.#add(socket, -1));
    });
  }

  /** Answers, unless it would be taken for the answer to a request before it, and closes the connection. */
  answer(error: NodeJS.ErrnoException, socket: Socket): void {
    const isOpen = (this.#open.get(socket) ?? 0) > 0;
    if (error.code === 'ECONNRESET' || !socket.writable || isOpen) {
      socket.destroy();
      return;
    }
    socket.end(answerTo(error.code ?? ''));
    // To close at once would take the answer back, if there is more that was not read; a handshake may never end.
    setTimeout(() => socket.destroy(), lingering).unref();
  }

  #add(socket: Socket, count: number): void {
    this.#open.set(socket, (this.#open.get(socket) ?? 0) + count);
  }
}

function answerTo(reason: string): string {
  const { statusCode, code, message } = brokenRequest(reason);
  const body = JSON.stringify({ error: code, message });
  const head = [
    `HTTP/1.1 ${statusCode} Service Unavailable`,
    `Retry-After: ${retryAfter}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
