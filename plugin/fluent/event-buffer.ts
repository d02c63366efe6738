import { type EventTime, eventTimeLength, writeEventTime } from './event-time.ts';

/** `[EventTime, {"message": str 32}]`, without the time, the line's length and the line. */
const arrayOfTwo = 0x92;
const lineKey = new DataView(Uint8Array.from(Buffer.from('\x81\xa7message\xdb', 'latin1')).buffer);
const lineKeyLength = lineKey.byteLength;
const headerLength = 1 + eventTimeLength + lineKeyLength + 4;

const smallest = 64 * 1024;
const fewEvents = 1024;
/** Memory that is kept from one request to the next: one piece, and all of them. */
const largestKept = 8 * 1024 * 1024;
const mostKept = 16 * 1024 * 1024;

/**
 * Packed events, one behind the other in one piece of memory that grows: what is sent is cut out of it, and
 * nothing is made for each event.
 *
 * Events that are on their way keep their piece (`lend`), and the next ones are written to another. To copy them
 * instead would make V8 collect its whole heap several times a second: it does so for each 64 MB of buffers.
 */
export class EventBuffer {
  /** Where a line's bytes are written; another one after `reserve`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(smallest);
  /** The same bytes. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;
  /** Events that are complete. */
  count = 0;
  /** Bytes each event has in the request to the SIEM. */
  #sizes = new Uint32Array(fewEvents);
  /** Where each event ends; the first starts at 0. */
  #ends = new Uint32Array(fewEvents);
  /** Where the last one ends. */
  #end = 0;
  #isLent = false;
  /** The last events, as far as they are not in `bytes` yet: from where they are to go. */
  #elsewhere:
    | { readonly source: Buffer; readonly start: number; readonly at: number; end: number }
    | undefined;
  readonly #spare: Buffer[] = [];

  /** Bytes each event has in the request to the SIEM; until the next one is added. */
  get sizes(): Uint32Array {
    return this.#sizes.subarray(0, this.count);
  }

  /** Forgets all events. */
  clear(): void {
    this.#elsewhere = undefined;
    if (this.#isLent)
      this.#use(this.#spare.pop() ?? Buffer.allocUnsafeSlow(Math.max(smallest, this.bytes.length)));
    if (this.bytes.length > largestKept) this.#use(Buffer.allocUnsafeSlow(smallest));
    this.#isLent = false;
    this.truncate(0);
  }

  /**
   * Lets the events stay where they are, for slices that are sent: after the next `clear` others are written elsewhere.
   *
   * @returns to be called when nobody reads them any more; without it their memory is not used again
   */
  lend(): () => void {
    this.settle();
    const lent = this.bytes;
    this.#isLent = true;
    if (this.at * 2 >= lent.length) return () => this.#keep(lent);
    // Few events must not hold much memory for as long as they wait.
    this.#use(Buffer.allocUnsafe(this.at));
    lent.copy(this.bytes, 0, 0, this.at);
    this.#keep(lent);
    return () => {};
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #keep(spare: Buffer): void {
    const kept = this.#spare.reduce((sum, { length }) => sum + length, 0);
    if (spare.length <= largestKept && kept + spare.length <= mostKept) this.#spare.push(spare);
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    if (this.#elsewhere) this.settle();
    this.#grow(this.at, this.at + count);
  }

  /** Makes its memory as large, and keeps so many bytes of it. */
  #grow(kept: number, length: number): void {
    if (length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, length));
    this.bytes.copy(larger, 0, 0, kept);
    this.#use(larger);
  }

  /** Adds a line as text, under `message`. */
  addLine(time: EventTime, line: string): void {
    // No character has more than three bytes for each of its UTF-16 units.
    this.reserve(headerLength + line.length * 3);
    const { view, at } = this;
    view.setUint8(at, arrayOfTwo);
    writeEventTime(time, view, at + 1);
    const keyAt = at + 1 + eventTimeLength;
    for (let index = 0; index < lineKeyLength; index += 2)
      view.setUint16(keyAt + index, lineKey.getUint16(index));
    const length = this.bytes.write(line, at + headerLength);
    view.setUint32(at + headerLength - 4, length);
    this.at = at + headerLength + length;
    this.#finish(this.at - at);
  }

  /**
   * Adds an event whose record is packed.
   *
   * @param size bytes it has in the request to the SIEM
   */
  addRecord(time: EventTime, record: Buffer, size: number): void {
    const length = 1 + eventTimeLength + record.length;
    this.reserve(length);
    const { view, at } = this;
    view.setUint8(at, arrayOfTwo);
    writeEventTime(time, view, at + 1);
    record.copy(this.bytes, at + 1 + eventTimeLength);
    this.at = at + length;
    this.#finish(size);
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

  /**
   * Adds an event that is written elsewhere, from one offset to another. It stays there, with what follows it, until
   * `settle`: many are copied as fast as one.
   *
   * @param size bytes it has in the request to the SIEM
   */
  addWritten(source: Buffer, start: number, end: number, size: number): void {
    if (this.#elsewhere && (this.#elsewhere.source !== source || this.#elsewhere.end !== start))
      this.settle();
    this.#elsewhere ??= { source, start, at: this.at, end };
    this.#elsewhere.end = end;
    this.at += end - start;
    this.#finish(size);
  }

  /** Whether all events are in its own memory. */
  get isSettled(): boolean {
    return this.#elsewhere === undefined;
  }

  /** Copies what is written elsewhere. */
  settle(): void {
    if (!this.#elsewhere) return;
    const { source, start, end, at } = this.#elsewhere;
    this.#elsewhere = undefined;
    this.#grow(at, at + end - start);
    source.copy(this.bytes, at, start, end);
  }

  /** Takes events back from the end, until so many are left. */
  truncate(count: number): void {
    this.settle();
    this.count = count;
    this.#end = this.#startOf(count);
    this.at = this.#end;
  }

  /** Bytes of the events from one index to another. */
  lengthOf(start: number, end: number = start + 1): number {
    return this.#startOf(end) - this.#startOf(start);
  }

  /** Events from one index to another as they lie in memory, until the next one is added. */
  slice(start: number, end: number = start + 1): Buffer {
    this.settle();
    return this.bytes.subarray(this.#startOf(start), this.#startOf(end));
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #finish(size: number): void {
    const { count } = this;
    if (count === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#sizes = doubled(this.#sizes);
    }
    this.#ends[count] = this.at;
    this.#sizes[count] = size;
    this.#end = this.at;
    this.count = count + 1;
  }
}

function doubled(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
