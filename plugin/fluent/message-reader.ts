import { endOfValue, MsgpackError } from './msgpack-scan.ts';

/**
 * What Fluent Bit says on a forward connection is short: acks, HELO, PONG. One that comes byte by byte is looked at again with
 * each, which takes time by the square of its length.
 */
const longestMessage = 8 * 1024;

/** Cuts a byte stream into msgpack messages, wherever the packets end. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @returns the messages that are complete with these bytes, still packed
   * @throws MsgpackError when the bytes can't be messages of the forward protocol
   */
  read(bytes: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    for (let end = this.#endOfFirst(); end !== undefined; end = this.#endOfFirst()) {
      messages.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }

  #endOfFirst(): number | undefined {
    if (this.#rest.length === 0) return undefined;
    try {
      return endOfValue(this.#rest, 0);
    } catch (error) {
      const mayGrow = error instanceof MsgpackError && error.isCutOff && this.#rest.length <= longestMessage;
      if (!mayGrow) throw error;
      return undefined;
    }
  }
}
