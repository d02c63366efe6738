import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that is written to byte by byte as a test says, with all that came back. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const client = new RawClient(connect({ host: '127.0.0.1', port }));
    await once(client.socket, 'connect');
    return client;
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Status codes of the answers, in the order they came. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  async closed(): Promise<void> {
    // `once` of node:events would throw for a reset, which is an end like any other.
    if (!this.isClosed) await new Promise((resolve) => this.socket.once('close', resolve));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** The head of a POST, with these lines in it. */
export function post(path: string, ...lines: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: service', ...lines, '', ''].join('\r\n');
}
