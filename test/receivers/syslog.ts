import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Frame, FrameReader, type Framing } from './syslog-frames.ts';
import { parseSyslog, type SyslogMessage } from './syslog-message.ts';

export interface SyslogReceiverOptions {
  readonly transport: 'tcp' | 'tls' | 'udp';
  /** Key and certificate (PEM) for `tls`; see certificate.ts. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Most bytes of a message; the rest is cut off. rsyslog's maxMessageSize is 8192 unless it is set. */
  readonly maxSize?: number;
  /** The header that is to come; without it either will do. */
  readonly format?: SyslogMessage['format'];
  /** Whether a header of RFC 3164 may lack the host: against the RFC, and understood by most. */
  readonly mayLackHost?: boolean;
}

/** One message as it came. */
export interface ReceivedMessage {
  readonly at: number;
  readonly framing: Framing;
  /** The bytes without their frame, cut at the most that is taken. */
  readonly raw: Buffer;
  readonly text: string;
  /** undefined when it is no syslog message; `violations` says why. */
  readonly parsed: SyslogMessage | undefined;
}

/**
 * A stand-in for a syslog server on loopback. Nothing tells a sender of syslog that a message is bad, here
 * neither: it is kept, and `violations` says what is wrong with it.
 */
export class SyslogReceiver {
  /** Every message, good or bad, in order. */
  readonly messages: ReceivedMessage[] = [];
  readonly violations: string[] = [];
  connections = 0;
  readonly #options: SyslogReceiverOptions;
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  #datagrams: DatagramSocket | undefined;
  #port = 0;

  constructor(options: SyslogReceiverOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  /** What follows the header of each message that has one, in order. */
  get lines(): string[] {
    return this.messages.flatMap(({ parsed }) => (parsed ? [parsed.rest] : []));
  }

  /** Listens on loopback, on the same port as before when it did so already. */
  async listen(): Promise<void> {
    if (this.#options.transport === 'udp') return this.#listenForDatagrams();
    const server = this.#createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Closes the open connections and goes on listening. */
  dropConnections(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Stops: from here on connections are refused, and datagrams are lost. */
  async close(): Promise<void> {
    const server = this.#server;
    const datagrams = this.#datagrams;
    this.#server = undefined;
    this.#datagrams = undefined;
    if (datagrams) await new Promise<void>((resolve) => datagrams.close(resolve));
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      this.dropConnections();
    });
  }

  #createServer(): Server {
    const { transport, tls } = this.#options;
    const server =
      transport === 'tls' ? this.#createTlsServer(tls) : createServer((one) => this.#accept(one));
    // The sockets below TLS: one that never shakes hands would keep the server open.
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    return server;
  }

  #createTlsServer(tls: SyslogReceiverOptions['tls']): Server {
    if (!tls) throw new Error('tls needs a key and a certificate');
    const server = createTlsServer(tls, (socket) => this.#accept(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
      // Who merely goes away in the middle did nothing wrong.
      if (error.code?.startsWith('ERR_SSL_')) this.violations.push(`no TLS: ${error.message}`);
    });
    return server;
  }

  async #listenForDatagrams(): Promise<void> {
    // As much as Linux allows: what comes while nobody reads must have room, or it is lost.
    const options = { type: 'udp4', recvBufferSize: 1_000_000 } as const;
    const datagrams = createSocket(options, (bytes) => this.#take({ bytes, framing: 'datagram' }));
    await new Promise<void>((resolve, reject) => {
      datagrams.once('error', reject).bind(this.#port, '127.0.0.1', resolve);
    });
    this.#datagrams = datagrams;
    this.#port = datagrams.address().port;
  }

  #accept(socket: Socket): void {
    this.connections++;
    const frames = new FrameReader();
    socket.on('data', (bytes) => {
      try {
        for (const frame of frames.push(bytes)) this.#take(frame);
      } catch (error) {
        this.violations.push((error as Error).message);
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (frames.rest.length > 0) this.violations.push(`broke off: ${frames.rest.toString('utf8', 0, 80)}`);
    });
  }

  #take({ bytes, framing }: Frame): void {
    const { maxSize = 8192, format, mayLackHost = false } = this.#options;
    const complain = (problem: string): void => void this.violations.push(`${problem}: ${text.slice(0, 80)}`);
    const raw = bytes.subarray(0, maxSize);
    const text = raw.toString('utf8');
    // What is cut may end in the middle of a character: that is the cut's fault.
    if (bytes.length > maxSize) complain(`cut: ${bytes.length} bytes, more than ${maxSize}`);
    else if (!Buffer.from(text).equals(raw)) complain('not UTF-8');
    if (/[\0\r\n]/.test(text)) complain('a line break or NUL');
    let parsed: SyslogMessage | undefined;
    try {
      parsed = parseSyslog(text);
      if (format !== undefined && parsed.format !== format) complain(`not ${format}`);
      if (parsed.format === 'rfc3164' && parsed.host === undefined && !mayLackHost) complain('no hostname');
    } catch (error) {
      complain((error as Error).message);
    }
    this.messages.push({ at: Date.now(), framing, raw, text, parsed });
  }
}
