import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';
import type { Address } from '../../plugin/mapping/units.ts';

/** Buffer_Max_Size of Fluent Bit's [INPUT] forward: fw_conn.h, FLB_IN_FW_CHUNK_MAX_SIZE. */
export const bufferMaxSize = 6_144_000;

export interface ForwardServerOptions {
  /** A unix socket, or a port to come back on; without it any free port. */
  readonly address?: Address;
  /** Shared_Key, and Security.Users as name: password. */
  readonly sharedKey?: string;
  readonly users?: Readonly<Record<string, string>>;
}

/** One event as Fluent Bit would store it. */
export interface StoredEvent {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** One message, in the order they came. */
export interface StoredMessage {
  readonly tag: string;
  readonly chunk: string;
  /** Of the packed events. */
  readonly bytes: number;
  readonly events: readonly StoredEvent[];
}

/** What breaks the contract; the connection is closed for it, as Fluent Bit does. */
class Violation extends Error {}

/**
 * A stand-in for Fluent Bit's [INPUT] forward on a real socket. It takes only what this service is to send:
 * PackedForward with `chunk` and `size`, no metadata, at most 6,144,000 bytes; it answers as Fluent Bit 5.1.1
 * does (plugins/in_forward/fw_prot.c, fw_conn.c), handshake included. Its switches make it misbehave.
 */
export class ForwardServer {
  /** `reversed` keeps acks back until there are `reversedBy`, and sends the last one first. */
  acks: 'at once' | 'withheld' | 'reversed' | 'byte by byte' = 'at once';
  reversedBy = 2;
  /** Closes after this many more messages: the last one is stored, and acknowledged or not. */
  closeAfter: { messages: number; acknowledged: boolean } | undefined;
  /** Takes connections and bytes and never says a word. */
  isSilent = false;
  /** What it says to whoever connects. */
  greeting: Buffer | undefined;
  /** What it says in one breath with its PONG. */
  afterPong: Buffer = Buffer.alloc(0);

  readonly messages: StoredMessage[] = [];
  /** Why connections were refused, other than by a switch. */
  readonly violations: string[] = [];
  connections = 0;
  readonly sharedKey: string | undefined;
  readonly users: Readonly<Record<string, string>>;
  readonly #open = new Set<Connection>();
  readonly #server: Server;
  #address: Address;

  private constructor({ address, sharedKey, users = {} }: ForwardServerOptions) {
    this.#address = address ?? { host: '127.0.0.1', port: 0 };
    this.sharedKey = sharedKey;
    this.users = users;
    this.#server = createServer((socket) => {
      this.connections++;
      const connection = new Connection(this, socket);
      this.#open.add(connection);
      socket.on('close', () => this.#open.delete(connection));
    });
  }

  static async start(options: ForwardServerOptions = {}): Promise<ForwardServer> {
    const server = new ForwardServer(options);
    server.#server.listen(server.#address);
    await once(server.#server, 'listening');
    if ('port' in server.#address) {
      const { port } = server.#server.address() as AddressInfo;
      server.#address = { ...server.#address, port };
    }
    return server;
  }

  get address(): Address {
    return this.#address;
  }

  /** Every event that was stored, in order. */
  get events(): StoredEvent[] {
    return this.messages.flatMap((message) => message.events);
  }

  get records(): StoredEvent['record'][] {
    return this.events.map(({ record }) => record);
  }

  /** Messages by tag, tags in the order they first came. */
  get byTag(): Map<string, StoredMessage[]> {
    const byTag = new Map<string, StoredMessage[]>();
    for (const message of this.messages) byTag.set(message.tag, [...(byTag.get(message.tag) ?? []), message]);
    return byTag;
  }

  /** Sends the acks that were withheld, and from now on each at once. */
  release(): void {
    this.acks = 'at once';
    for (const connection of this.#open) connection.sendAcks();
  }

  /** Closes the open connections and goes on listening. */
  dropConnections(): void {
    for (const { socket } of this.#open) socket.destroy();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.dropConnections();
    await closed;
  }
}

class Connection {
  readonly socket: Socket;
  readonly #server: ForwardServer;
  readonly #handshake: Handshake | undefined;
  readonly #acks: string[] = [];
  #rest = Buffer.alloc(0);
  #isClosing = false;

  constructor(server: ForwardServer, socket: Socket) {
    this.#server = server;
    this.socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', () => socket.destroy());
    if (server.greeting) socket.write(server.greeting);
    if (server.sharedKey === undefined || server.isSilent) return;
    this.#handshake = new Handshake(server.sharedKey, server.users);
    socket.write(this.#handshake.helo);
  }

  sendAcks(): void {
    for (const chunk of this.#acks.splice(0)) this.socket.write(pack({ ack: chunk }));
  }

  #receive(bytes: Buffer): void {
    // What comes after the close is read and thrown away: a reset would take acks with it that are under way.
    if (this.#isClosing || this.#server.isSilent) return;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    try {
      for (let first = firstValue(this.#rest); first && !this.#isClosing; first = firstValue(this.#rest)) {
        if (first.end > bufferMaxSize) throw new Violation(`a message of ${first.end} bytes`);
        this.#rest = this.#rest.subarray(first.end);
        if (this.#handshake && !this.#handshake.isDone) this.#answerPing(first.value, first.end);
        else this.#store(readMessage(first.value));
      }
      if (this.#rest.length > bufferMaxSize) throw new Violation(`more than ${bufferMaxSize} bytes`);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#server.violations.push(error.message);
      this.socket.destroy();
    }
  }

  #answerPing(message: unknown, length: number): void {
    // Fluent Bit reads the PING in one go of 1023 bytes, and would lose what came with it.
    if (this.#rest.length > 0 || length > 1023) throw new Violation('more than a PING');
    const { pong, isAccepted } = this.#handshake!.answer(message);
    if (pong) this.socket.write(Buffer.concat([pong, this.#server.afterPong]));
    if (!isAccepted) this.#close();
  }

  #store(message: StoredMessage): void {
    const server = this.#server;
    server.messages.push(message);
    const limit = server.closeAfter;
    const isLast = limit !== undefined && --limit.messages === 0;
    if (isLast) server.closeAfter = undefined;
    if (!isLast || limit.acknowledged) this.#acknowledge(message.chunk);
    if (isLast) this.#close();
  }

  #acknowledge(chunk: string): void {
    const { acks, reversedBy } = this.#server;
    if (acks === 'byte by byte') {
      void this.#writeByteByByte(pack({ ack: chunk }));
      return;
    }
    this.#acks.push(chunk);
    if (acks === 'at once') this.sendAcks();
    if (acks === 'reversed' && this.#acks.length === reversedBy) {
      this.#acks.reverse();
      this.sendAcks();
    }
  }

  #written = Promise.resolve();

  #writeByteByByte(bytes: Buffer): Promise<void> {
    this.#written = this.#written.then(async () => {
      for (const byte of bytes) {
        await new Promise((resolve) => this.socket.write(Buffer.of(byte), resolve));
        await new Promise(setImmediate);
      }
    });
    return this.#written;
  }

  #close(): void {
    this.#isClosing = true;
    this.socket.end();
  }
}

/** The server's side of the authentication, by fw_prot.c (check_ping, send_pong) of Fluent Bit 5.1.1. */
class Handshake {
  isDone = false;
  readonly helo: Buffer;
  readonly #nonce = randomBytes(16);
  readonly #salt = randomBytes(16);
  readonly #sharedKey: string;
  readonly #users: Readonly<Record<string, string>>;

  constructor(sharedKey: string, users: Readonly<Record<string, string>>) {
    this.#sharedKey = sharedKey;
    this.#users = users;
    // Both are bytes in a msgpack str (fixstr 16), whatever UTF-8 makes of them.
    const bytesAsText = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(0xb0), bytes]);
    this.helo = Buffer.concat([
      Buffer.of(0x92),
      pack('HELO'),
      Buffer.of(0x82),
      pack('nonce'),
      bytesAsText(this.#nonce),
      pack('auth'),
      bytesAsText(this.#salt),
    ]);
  }

  /** A wrong shared key gets no PONG at all. */
  answer(message: unknown): { pong?: Buffer; isAccepted: boolean } {
    const isPing = Array.isArray(message) && message.length === 6 && message[0] === 'PING';
    if (!isPing || !message.every((part) => typeof part === 'string')) throw new Violation('no PING');
    const [, clientName, salt, keyDigest, user, passwordDigest] = message as string[];
    if (keyDigest !== digest(salt!, clientName!, this.#nonce, this.#sharedKey)) return { isAccepted: false };
    const password = this.#users[user!];
    const isKnown = password !== undefined && passwordDigest === digest(this.#salt, user!, password);
    if (Object.keys(this.#users).length > 0 && !isKnown) {
      return { pong: pack(['PONG', false, 'username/password mismatch', '', '']), isAccepted: false };
    }
    this.isDone = true;
    const proof = digest(salt!, 'delivery.example.com', this.#nonce, this.#sharedKey);
    return { pong: pack(['PONG', true, '', 'delivery.example.com', proof]), isAccepted: true };
  }
}

function digest(...parts: (string | Buffer)[]): string {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha512')).digest('hex');
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' } as object);

function pack(value: unknown): Buffer {
  return Buffer.from(packr.pack(value));
}

/** The first whole value; undefined when its end is yet to come. */
function firstValue(bytes: Buffer): { value: unknown; end: number } | undefined {
  if (bytes.length === 0) return undefined;
  let first: { value: unknown; end: number } | undefined;
  try {
    unpackr.unpackMultiple(bytes, (value: unknown, _start?: number, end?: number) => {
      first = { value, end: end! };
      return false;
    });
  } catch (error) {
    if ((error as { incomplete?: boolean }).incomplete) return undefined;
    throw new Violation(`no msgpack: ${(error as Error).message}`);
  }
  return first && first.end <= bytes.length ? first : undefined;
}

function readMessage(message: unknown): StoredMessage {
  if (!Array.isArray(message) || message.length !== 3) throw new Violation('no [tag, events, options]');
  const [tag, packed, options] = message as unknown[];
  if (typeof tag !== 'string' || tag === '') throw new Violation('no tag');
  if (!Buffer.isBuffer(packed)) throw new Violation('the events are no bin');
  const { chunk, size } = (options ?? {}) as { chunk?: unknown; size?: unknown };
  if (typeof chunk !== 'string') throw new Violation('no chunk');
  const events = readEvents(packed);
  if (events.length !== size) throw new Violation(`size ${size} of ${events.length} events`);
  return { tag, chunk, bytes: packed.length, events };
}

/** `[EventTime, map]` or `[[EventTime, {}], map]`, one after another; EventTime as fixext 8 of type 0. */
function readEvents(packed: Buffer): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0; at < packed.length; ) {
    const hasHeader = packed[at + 1] === 0x92;
    const timeAt = at + (hasHeader ? 2 : 1);
    if (packed[at] !== 0x92 || packed[timeAt] !== 0xd7 || packed[timeAt + 1] !== 0) {
      throw new Violation(`no [EventTime, record] at byte ${at}`);
    }
    if (hasHeader && packed[timeAt + 10] !== 0x80) throw new Violation('metadata that is not empty');
    const recordAt = timeAt + (hasHeader ? 11 : 10);
    const type = packed[recordAt] ?? 0;
    const isMap = (type >= 0x80 && type <= 0x8f) || type === 0xde || type === 0xdf;
    const record = isMap ? firstValue(packed.subarray(recordAt)) : undefined;
    if (!record) throw new Violation(`no record at byte ${recordAt}`);
    events.push({
      seconds: packed.readUInt32BE(timeAt + 2),
      nanoseconds: packed.readUInt32BE(timeAt + 6),
      record: record.value as StoredEvent['record'],
    });
    at = recordAt + record.end;
  }
  return events;
}
