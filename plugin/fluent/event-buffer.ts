import { type EventTime, eventTimeLength, writeEventTime } from './event-time.ts';

/** `[EventTime, {"message": str 32}]`, without the time, the line's length and the line. */
const arrayOfTwo = 0x92;
const lineKey = Buffer.from('\x81\xa7message\xdb', 'latin1');
const headerLength = 1 + eventTimeLength + lineKey.length + 4;

const smallest = 64 * 1024;
/** Memory that is kept from one request to the next. */
const largestKept = 8 * 1024 * 1024;

/**
 * Packed events, one behind the other in one piece of memory that grows: what is sent is cut out of it, and
 * nothing is made for each event. A line is written byte by byte between `beginLine` and `endLine`.
 */
export class EventBuffer {
  /** Where a line's bytes are written; another one after `reserve`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(smallest);
  /** Where the next byte goes. */
  at = 0;
  /** Bytes each event has in the request to the SIEM. */
  readonly sizes: number[] = [];
  /** Where each event ends; the first starts at 0. */
  readonly #ends: number[] = [];

  /** Events that are complete. */
  get count(): number {
    return this.#ends.length;
  }

  /** Forgets all events. */
  clear(): void {
    if (this.bytes.length > largestKept) this.bytes = Buffer.allocUnsafeSlow(smallest);
    this.at = 0;
    this.sizes.length = 0;
    this.#ends.length = 0;
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  /** Begins an event that is a line under `message`; the line's bytes follow. */
  beginLine(time: EventTime): void {
    this.reserve(headerLength);
    const { bytes, at } = this;
    bytes[at] = arrayOfTwo;
    writeEventTime(time, bytes, at + 1);
    bytes.set(lineKey, at + 1 + eventTimeLength);
    this.at = at + headerLength;
  }

  /** Bytes of the line that was begun. */
  get lineLength(): number {
    return this.at - this.#end - headerLength;
  }

  /** The event is complete. */
  endLine(): void {
    this.bytes.writeUInt32BE(this.lineLength, this.#end + headerLength - 4);
    this.#finish(this.at - this.#end);
  }

  /** Takes the line that was begun back. */
  dropLine(): void {
    this.at = this.#end;
  }

  /** Adds a line as text. */
  addLine(time: EventTime, line: string): void {
    this.beginLine(time);
    // No character has more than three bytes for each of its UTF-16 units.
    this.reserve(line.length * 3);
    this.at += this.bytes.write(line, this.at);
    this.endLine();
  }

  /**
   * Adds an event that is packed.
   *
   * @param size bytes it has in the request to the SIEM
   */
  addPacked(packed: Buffer, size: number): void {
    this.reserve(packed.length);
    packed.copy(this.bytes, this.at);
    this.at += packed.length;
    this.#finish(size);
  }

  /** Takes events back from the end, until so many are left. */
  truncate(count: number): void {
    this.sizes.length = count;
    this.#ends.length = count;
    this.at = this.#end;
  }

  /** Bytes of the events from one index to another. */
  lengthOf(start: number, end: number = start + 1): number {
    return this.#startOf(end) - this.#startOf(start);
  }

  /** Events from one index to another as they lie in memory, until the next one is added. */
  slice(start: number, end: number = start + 1): Buffer {
    return this.bytes.subarray(this.#startOf(start), this.#startOf(end));
  }

  get #end(): number {
    return this.#ends.at(-1) ?? 0;
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #finish(size: number): void {
    this.#ends.push(this.at);
    this.sizes.push(size);
  }
}
