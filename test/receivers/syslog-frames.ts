/** How a message was told from the next one: RFC 6587, sections 3.4.1 and 3.4.2; or a datagram of its own. */
export type Framing = 'octet-counting' | 'newline' | 'datagram';

export interface Frame {
  readonly bytes: Buffer;
  readonly framing: Framing;
}

/**
 * Cuts what comes over one connection into messages. As rsyslog does, it looks at the first byte of each: a
 * digit begins a count of octets, anything else a message that ends with LF.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** What came and is no whole message yet. */
  get rest(): Buffer {
    return this.#rest;
  }

  /**
   * The messages that are whole now.
   *
   * @throws Error when a count of octets is none; nothing after it can be read
   */
  *push(bytes: Buffer): Generator<Frame> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const rest = this.#rest;
    if (rest.length === 0) return undefined;
    return isDigit(rest[0]!) ? this.#nextCounted(rest) : this.#nextLine(rest);
  }

  #nextCounted(rest: Buffer): Frame | undefined {
    const head = rest.toString('latin1', 0, 11);
    const [whole, count] = /^([1-9]\d{0,8}) /.exec(head) ?? [];
    if (whole === undefined) {
      if (/^[1-9]\d{0,8}$/.test(head)) return undefined; // the space is yet to come
      // Where the next message begins can't be told any more.
      this.#rest = Buffer.alloc(0);
      throw new Error(`no count of octets: ${head}`);
    }
    const end = whole.length + Number(count);
    if (rest.length < end) return undefined;
    this.#rest = rest.subarray(end);
    return { bytes: rest.subarray(whole.length, end), framing: 'octet-counting' };
  }

  #nextLine(rest: Buffer): Frame | undefined {
    const end = rest.indexOf(0x0a);
    if (end < 0) return undefined;
    this.#rest = rest.subarray(end + 1);
    return { bytes: rest.subarray(0, end), framing: 'newline' };
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
