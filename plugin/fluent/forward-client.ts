import { createConnection, type Socket } from 'node:net';
import { Unpackr } from 'msgpackr/unpack';
import { type Address, formatAddress } from '../mapping/units.ts';
import { type Credentials, Handshake } from './forward-auth.ts';
import { packMessage } from './forward-message.ts';
import { MessageReader } from './message-reader.ts';
import { arrayHeader, isMap } from './msgpack-scan.ts';
import type { StorageRoom } from './storage-room.ts';

/** Fluent Bit can't be reached, is slow, or closed before it acknowledged. The message may be sent again. */
export class ForwardError extends Error {}

export interface ForwardClientOptions {
  readonly address: Address;
  readonly credentials: Credentials | undefined;
  /** Milliseconds an acknowledgement, and the connection with its handshake, may take. */
  readonly ackTimeout: number;
  /** Asked before each message. */
  readonly room?: StorageRoom | undefined;
  /** Told of each time the connection opens or is lost; for the log. */
  readonly onChange: (state: 'connected' | 'lost', reason?: string) => void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: ForwardError) => void;
  /** By `performance.now()`, as all times here: the clock may be set, and a wait is to be as long as it was. */
  readonly deadline: number;
}

const firstBackoff = 100;
const longestBackoff = 5_000;

/**
 * A client of Fluent Bit's [INPUT] forward. It keeps one connection, sends messages without waiting for
 * the ones before (pipelining) and settles each when its acknowledgement comes. When the connection is
 * lost, all that waits fails at once: whether Fluent Bit had stored it can't be known, so the sender
 * decides. A new connection is tried when there is something to send, not before the back-off is over.
 */
export class ForwardClient {
  readonly #options: ForwardClientOptions;
  readonly #waiting = new Map<string, Waiting>();
  #socket: Socket | undefined;
  #connecting: Promise<Socket> | undefined;
  /** Gives up the connection that is being made. */
  #abort: ((reason: string) => void) | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #backoff = firstBackoff;
  #lastReason = '';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #isRetired = false;
  /** Calls of `connect` and `send` that are not over. */
  #calls = 0;

  constructor(options: ForwardClientOptions) {
    this.#options = options;
  }

  /** Where Fluent Bit listens, as text. */
  get address(): string {
    return formatAddress(this.#options.address);
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /**
   * Connects, with the handshake where there is one.
   *
   * @throws ForwardError
   */
  async connect(): Promise<void> {
    await this.#counted(() => this.#connected());
  }

  /**
   * Sends one message and waits for its acknowledgement.
   *
   * @param message packed, in pieces, with `chunk` as its option of that name. Its memory must stay as it is until it is
   *   acknowledged, and for good when it never is
   * @param chunk unique among the messages under way
   * @throws ForwardError, also when there is no room for it
   */
  send(message: readonly Buffer[], chunk: string): Promise<void> {
    return this.#counted(() => this.#send(message, chunk));
  }

  /**
   * Another client has taken its place: keeps the connection no longer than there is something under way. What is sent
   * all the same, by a request that began before, arrives.
   */
  retire(): void {
    this.#isRetired = true;
    if (this.#calls > 0) return;
    this.#lose(this.#socket, 'the configuration has changed');
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  async #counted<T>(call: () => Promise<T>): Promise<T> {
    this.#calls++;
    try {
      return await call();
    } finally {
      this.#calls--;
      if (this.#isRetired) this.retire();
    }
  }

  async #send(message: readonly Buffer[], chunk: string): Promise<void> {
    const full = this.#options.room?.problem;
    if (full !== undefined) throw new ForwardError(`Fluent Bit at ${this.address} is not sent more: ${full}`);
    const socket = this.#socket ?? (await this.#connected());
    // It may have broken down in the moment it was made.
    if (socket !== this.#socket) throw this.#unreachable();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(chunk, { resolve, reject, deadline: performance.now() + this.#options.ackTimeout });
      this.#watchDeadlines();
      corkUntilLater(socket);
      for (const piece of message) socket.write(piece);
    });
  }

  /** Closes for good. What still waits fails. */
  close(): void {
    this.#closed = true;
    this.#abort?.('the service is stopping');
    this.#lose(this.#socket, 'the service is stopping');
  }

  #connected(): Promise<Socket> {
    if (this.#closed) return Promise.reject(new ForwardError('the service is stopping'));
    if (this.#socket) return Promise.resolve(this.#socket);
    if (performance.now() < this.#notBefore) {
      return Promise.reject(this.#unreachable());
    }
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  #open(): Promise<Socket> {
    const { address, credentials, ackTimeout, onChange } = this.#options;
    return new Promise((resolve, reject) => {
      const socket = createConnection(address);
      const reader = new MessageReader();
      const handshake = credentials && new Handshake(credentials);
      let established = false;
      let failed = false;
      const establish = (): void => {
        if (this.#closed) {
          fail('the service is stopping');
          return;
        }
        established = true;
        this.#socket = socket;
        clearTimeout(timer);
        onChange('connected');
        resolve(socket);
      };
      const fail = (reason: string): void => {
        if (failed) return; // 'close' follows 'error'
        failed = true;
        clearTimeout(timer);
        socket.destroy();
        if (established) this.#lose(socket, reason);
        else {
          this.#backOff(reason);
          reject(this.#unreachable());
        }
      };
      this.#abort = fail;
      const timer = setTimeout(() => fail(`no answer within ${ackTimeout} ms`), ackTimeout);
      socket.setNoDelay(true).setKeepAlive(true, 30_000);
      socket.on('connect', () => {
        if (!handshake) establish();
      });
      socket.on('data', (bytes) => {
        try {
          for (const message of reader.read(bytes)) {
            if (!handshake && isArray(message))
              throw new Error('it asks for a shared key: set forward.shared_key');
            if (!isMap(message, 0) && !isArray(message))
              throw new Error('what it says is not the forward protocol');
            if (established) this.#acknowledge(message);
            else if (handshake) {
              const answer = handshake.answer(message);
              if (answer === 'done') establish();
              else socket.write(packMessage(answer));
            }
          }
        } catch (error) {
          fail((error as Error).message);
        }
      });
      socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      socket.on('close', () =>
        fail(
          handshake && !established
            ? 'it closed during the handshake: is the shared key right?'
            : 'it closed the connection',
        ),
      );
    });
  }

  #acknowledge(message: Buffer): void {
    const answer = unpackr.unpack(message) as { ack?: unknown } | null;
    const chunk = String(answer?.ack);
    const waiting = this.#waiting.get(chunk);
    if (!waiting) return;
    this.#waiting.delete(chunk);
    waiting.resolve();
    // Only now: something that accepts connections and closes them again is no Fluent Bit.
    this.#backoff = firstBackoff;
  }

  /** One timer for all: the map keeps the order of sending, so the first one is due first. */
  #watchDeadlines(): void {
    if (this.#timer) return;
    const [first] = this.#waiting.values();
    if (!first) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const [oldest] = this.#waiting.values();
        if (oldest && oldest.deadline <= performance.now()) {
          this.#lose(this.#socket, `no acknowledgement within ${this.#options.ackTimeout} ms`);
        } else this.#watchDeadlines();
      },
      Math.max(1, first.deadline - performance.now()),
    );
  }

  #lose(socket: Socket | undefined, reason: string): void {
    if (socket === undefined || socket !== this.#socket) return;
    this.#socket = undefined;
    socket.destroy();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backOff(reason);
    this.#options.onChange('lost', reason);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting)
      one.reject(new ForwardError(`Fluent Bit at ${this.address} is gone: ${reason}`));
  }

  #unreachable(): ForwardError {
    return new ForwardError(`Fluent Bit at ${this.address} can't be reached: ${this.#lastReason}`);
  }

  #backOff(reason: string): void {
    this.#lastReason = reason;
    this.#notBefore = performance.now() + this.#backoff;
    this.#backoff = Math.min(longestBackoff, this.#backoff * 2);
  }
}

/** What is written now, all messages of a request, goes to the system in one call. */
function corkUntilLater(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

/** HELO is a list, an acknowledgement a map. */
function isArray(message: Buffer): boolean {
  return arrayHeader(message, 0) !== undefined;
}
