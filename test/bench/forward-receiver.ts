import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' } as object);

/** An event as msgpackr reads it: its time, with or without metadata, and the record. */
export type Entry = readonly [time: unknown, record: Readonly<Record<string, unknown>>];

/** What stands at the head of a forward message: how long its parts are. */
interface Head {
  /** Where the events begin, and how many bytes they have. */
  readonly eventsAt: number;
  readonly bytes: number;
}

/**
 * A stand-in for Fluent Bit's [INPUT] forward that only counts and acknowledges: it looks at a message's head and
 * its `chunk` and passes over the events, so that it costs next to nothing.
 */
export class ForwardReceiver {
  messages = 0;
  events = 0;
  bytes = 0;
  /** Gets each message's events, when somebody wants to look at them. */
  onEvents: ((events: readonly Entry[]) => void) | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    let parts: Buffer[] = [];
    let length = 0;
    let wanted = 1;
    socket.on('data', (bytes) => {
      parts.push(bytes);
      length += bytes.length;
      if (length < wanted) return;
      let rest = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
      const acks: Buffer[] = [];
      for (;;) {
        const message = readMessage(rest);
        if (typeof message === 'number') {
          wanted = message;
          break;
        }
        this.#count(message);
        acks.push(Buffer.from(packr.pack({ ack: message.chunk })));
        rest = rest.subarray(message.end);
      }
      parts = rest.length > 0 ? [rest] : [];
      length = rest.length;
      if (acks.length > 0) socket.write(Buffer.concat(acks));
    });
  }

  #count({ size, end, entries }: Message): void {
    this.messages++;
    this.events += size;
    this.bytes += end;
    this.onEvents?.(entries());
  }
}

interface Message {
  readonly chunk: string;
  /** Events in it. */
  readonly size: number;
  /** Bytes of all. */
  readonly end: number;
  readonly entries: () => readonly Entry[];
}

/** Bytes that the options of a message may take: `{chunk: <id>, size: n}`, in any order. */
const longestOptions = 128;

/**
 * The first message: `[tag, bin, {chunk, size}]` as the service sends it, or `[tag, [event, ...], {chunk, size}]`
 * as Fluent Bit does.
 *
 * @returns a number when it is not whole: bytes that are needed before it is worth looking again
 */
function readMessage(bytes: Buffer): Message | number {
  const head = readHead(bytes);
  if (head === 'a list') return readList(bytes);
  if (!head) return bytes.length + 1;
  const optionsAt = head.eventsAt + head.bytes;
  if (bytes.length <= optionsAt) return optionsAt + 1;
  const options = readOptions(bytes, optionsAt);
  if (!options) {
    if (bytes.length > optionsAt + longestOptions) throw new Error('no options behind the events');
    return bytes.length + 1;
  }
  const packed = bytes.subarray(head.eventsAt, optionsAt);
  return { ...options, entries: () => unpackr.unpackMultiple(packed) as Entry[] };
}

/** The events of one whole message. */
export function eventsIn(message: Buffer): readonly Entry[] {
  const read = readMessage(message);
  if (typeof read === 'number') throw new RangeError('the message is cut off');
  return read.entries();
}

/** A list says how many values it has, not how many bytes: it must be read. */
function readList(bytes: Buffer): Message | number {
  let message: Message | undefined;
  try {
    unpackr.unpackMultiple(bytes, (value: unknown, _start?: number, end?: number) => {
      const [, entries, { chunk }] = value as [string, Entry[], { chunk: string }];
      message = { chunk, size: entries.length, end: end!, entries: () => entries };
      return false;
    });
  } catch (error) {
    if (!(error as { incomplete?: boolean }).incomplete) throw error;
  }
  return message && message.end <= bytes.length ? message : bytes.length + 1;
}

function readHead(bytes: Buffer): Head | 'a list' | undefined {
  const tag = readHeader(bytes, 1);
  const type = tag && bytes[tag.at + tag.length];
  if (type !== undefined && ((type >= 0x90 && type <= 0x9f) || type === 0xdc || type === 0xdd))
    return 'a list';
  const events = tag && readHeader(bytes, tag.at + tag.length);
  return events && { eventsAt: events.at, bytes: events.length };
}

function readOptions(bytes: Buffer, start: number): Omit<Message, 'entries'> | undefined {
  let at = start + 1;
  let chunk = '';
  let size = 0;
  for (let pairs = bytes[start]! & 0x0f; pairs > 0; pairs--) {
    const key = readHeader(bytes, at);
    const value = key && readHeader(bytes, key.at + key.length);
    if (!key || !value || bytes.length < value.at + value.length) return undefined;
    const name = bytes.toString('latin1', key.at, key.at + key.length);
    if (name === 'chunk') chunk = bytes.toString('latin1', value.at, value.at + value.length);
    else if (name === 'size') size = value.number;
    at = value.at + value.length;
  }
  return { chunk, size, end: at };
}

/** What a text, bytes or a whole number of msgpack begins with: where its content stands; undefined when cut off. */
function readHeader(bytes: Buffer, at: number): { at: number; length: number; number: number } | undefined {
  const type = bytes[at];
  if (type === undefined) return undefined;
  if (type <= 0x7f) return { at: at + 1, length: 0, number: type };
  if (type >= 0xa0 && type <= 0xbf) return { at: at + 1, length: type & 0x1f, number: 0 };
  const width = { 196: 1, 197: 2, 198: 4, 217: 1, 218: 2, 219: 4, 204: 1, 205: 2, 206: 4 }[type];
  if (width === undefined) throw new Error(`unexpected msgpack type ${type.toString(16)}`);
  if (bytes.length < at + 1 + width) return undefined;
  const number = bytes.readUIntBE(at + 1, width);
  return { at: at + 1 + width, length: type >= 0xcc && type <= 0xce ? 0 : number, number };
}
