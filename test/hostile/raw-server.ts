import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What a server does with a connection, told of all bytes that came until now each time there are more. */
export type Script = (socket: Socket, received: Buffer) => void;

/** A server that says what a test makes it say. */
export class RawServer {
  /** May be changed at any time. */
  script: Script;
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#open.add(socket);
      let received = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('close', () => this.#open.delete(socket));
      socket.on('data', (bytes) => {
        received = Buffer.concat([received, bytes]);
        this.script(socket, received);
      });
    });
  }

  static async start(script: Script): Promise<RawServer> {
    const server = new RawServer(script);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get open(): number {
    return this.#open.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Writes a piece again and again, as fast as it is taken, until the connection is closed. */
export function flood(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

/** Writes a text byte by byte. */
export function drip(socket: Socket, text: string, milliseconds = 20): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at >= text.length) clearInterval(timer);
    else socket.write(text[at++]!);
  }, milliseconds);
  socket.once('close', () => clearInterval(timer));
}
