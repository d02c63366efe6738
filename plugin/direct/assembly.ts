import type { Answering } from './asked.ts';
import { code } from './assembly-code.ts';
import { viewOf } from './words.ts';

/**
 * The inner loops of the direct path, in WebAssembly: they look at each byte of a record, and V8 needs five to nine times as
 * long for the same in JavaScript (docs/decisions/2026-11-22-webassembly.md). They are written in AssemblyScript, in the
 * folder beside this file; `npm run generate` compiles them.
 *
 * They see one piece of memory, which does not grow: what the compiled maps need (an `Image`), a window of the body, and the
 * line that is being written. It is one for all destinations, for nothing in between waits.
 */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly free: () => number;
  /** assembly/scan.ts */
  readonly scan: (table: number, start: number, end: number) => number;
  /** assembly/log.ts: where the record ends, or one of `opening` */
  readonly openLog: (log: number) => number;
  readonly openedAt: () => number;
  /** assembly/text.ts: not 0 when it is */
  readonly isAscii: (start: number, end: number) => number;
  /** assembly/skip.ts */
  readonly skip: (at: number, end: number, depth: number) => number;
  /** assembly/line.ts */
  readonly writeLine: (
    program: number,
    head: number,
    table: number,
    eventTime: number,
    entryTime: number,
    idAt: number,
    target: number,
    end: number,
  ) => number;
  /** assembly/object.ts */
  readonly writeObject: (
    program: number,
    head: number,
    table: number,
    eventTime: number,
    entryTime: number,
    recordAt: number,
    idAt: number,
    target: number,
    end: number,
  ) => number;
  readonly objectSize: () => number;
  /** assembly/run.ts */
  readonly run: (
    plan: number,
    start: number,
    end: number,
    target: number,
    targetEnd: number,
    earliest: number,
    latest: number,
  ) => number;
}

/** What of Node.js' own is used here: its types come with a browser's. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly RuntimeError: new () => Error;
};

/** What WebAssembly asks the code outside, about a program that it knows by its address. */
export interface Answers {
  /** assembly/run.ts: the head's address for the record between two addresses, or 0. */
  readonly prepare: (program: number, recordAt: number, end: number) => number;
  /** assembly/line.ts: the address of the value of a pair as it stands in the line, or 0. */
  readonly render: (program: number, pair: number, at: number) => number;
}

let answers: Answers = { prepare: () => 0, render: () => 0 };

const module = new WebAssembly.Module(Buffer.from(code, 'base64'));
const exports = new WebAssembly.Instance(module, {
  run: {
    prepare: (program: number, recordAt: number, end: number) =>
      answers.prepare(program, recordAt >>> 0, end >>> 0),
  },
  line: { render: (program: number, pair: number, at: number) => answers.render(program, pair, at >>> 0) },
}).exports as Exports;

/** Says who answers. */
export function answerBy(those: Answers): void {
  answers = those;
}

export const { isAscii, objectSize, openedAt, openLog, run, scan, skip, writeLine, writeObject } = exports;

/**
 * What a program says of records, or what stands for it when it breaks off, as WebAssembly does where it would reach beyond its
 * memory. No record should make it; if one does, that is left to the objects path, and does not hold up its neighbours for ever.
 */
export function unlessBroken(program: () => number, broken: number): number {
  try {
    return program();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return broken;
    throw error;
  }
}

/** What `openLog` says of a value: it is no record, or what it is can't be told. */
export const opening = { asItIs: 1, unclear: 0 };

/** The memory; an address is an offset in it. */
export const memory = Buffer.from(exports.memory.buffer);
export const memoryView = viewOf(memory);

const imageStart = (exports.free() + 15) & ~15;
const imageSize = 2 ** 20;
/** Where texts that differ from line to line are put. */
export const scratchStart = imageStart + imageSize;
export const scratchSize = 2 ** 12;
/** Where the tag of the records is put. */
export const tagStart = scratchStart + scratchSize;
export const tagSize = 2 ** 12;
/** Where the id of a record is put that a function gives, and the values that functions give. */
export const idStart = tagStart + tagSize;
export const idSize = 2 ** 12;
export const computedStart = idStart + idSize;
export const computedSize = 2 ** 15;
/** Where a value is put that is rendered for a line. */
export const renderedStart = computedStart + computedSize;
export const renderedSize = 2 ** 15;
const windowStart = renderedStart + renderedSize;
const windowSize = 2 ** 22;
const mostEnds = 2 ** 12;
/** Behind the window, of which as many bytes may be read. */
const endsStart = windowStart + windowSize + 64;
/** Where each event ends that was written at once, and its bytes in the request to the SIEM. */
export const ends = new Uint32Array(exports.memory.buffer, endsStart, mostEnds);
export const sizes = new Uint32Array(exports.memory.buffer, endsStart + mostEnds * 4, mostEnds);
/** Where events are written. Nothing is behind them: what would go too far ends in an error, and not in something else's place. */
export const lineStart = endsStart + mostEnds * 8;
export const lineEnd = memory.length - 64;

/** Puts numbers of 32 bits where no image is. */
export function placeWords(address: number, words: readonly number[]): void {
  for (const [index, word] of words.entries()) memoryView.setInt32(address + index * 4, word, true);
}

/** Numbers of 32 bits in an image. */
export interface Words {
  readonly address: number;
  /** As they stand in memory while the image is loaded. */
  readonly now: Int32Array;
}

/** The addresses that the compiled maps of one destination have are told while they are compiled; it comes into memory when they are used. */
export class Image {
  static #loaded: Image | undefined;
  #bytes = Buffer.alloc(2 ** 12);
  #length = 0;
  readonly #shared = new Map<string, number>();
  /** The programs in it, by their addresses. */
  readonly programs = new Map<number, Answering>();

  /**
   * So much room, filled with zeros.
   *
   * @throws ImageFull
   */
  allocate(size: number): number {
    const start = this.#length;
    // Sixteen bytes at a time are read, and a word's address is to be a multiple of four.
    const length = (start + size + 16 + 7) & ~7;
    if (length > imageSize) throw new ImageFull();
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#length = length;
    // Another image may have left something there.
    if (Image.#loaded === this) memory.fill(0, imageStart + start, imageStart + length);
    return imageStart + start;
  }

  /** @throws ImageFull */
  put(bytes: Uint8Array): number {
    const address = this.allocate(bytes.length);
    this.#bytes.set(bytes, address - imageStart);
    if (Image.#loaded === this) memory.set(bytes, address);
    return address;
  }

  /** As `put`, for bytes that never change: the same keys come in most maps, and stand there once. @throws ImageFull */
  share(bytes: Uint8Array): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const address = this.#shared.get(text) ?? this.put(bytes);
    this.#shared.set(text, address);
    return address;
  }

  /** Numbers of 32 bits that never change. @throws ImageFull */
  shareWords(words: readonly number[]): number {
    return this.share(bytesOfWords(words));
  }

  /** Numbers of 32 bits. @throws ImageFull */
  putWords(words: readonly number[]): Words {
    const address = this.put(bytesOfWords(words));
    return { address, now: new Int32Array(exports.memory.buffer, address, words.length) };
  }

  /** Changes a number of 32 bits. */
  setWord(address: number, word: number): void {
    this.#bytes.writeInt32LE(word | 0, address - imageStart);
    if (Image.#loaded === this) memory.writeInt32LE(word | 0, address);
  }

  /** Whether it may take more programs: the keys of all maps are to find their place as well. */
  get hasRoom(): boolean {
    return this.#length < (imageSize / 4) * 3;
  }

  load(): void {
    if (Image.#loaded === this) return;
    // All maps are compiled.
    this.#shared.clear();
    memory.set(this.#bytes.subarray(0, this.#length), imageStart);
    Image.#loaded = this;
  }
}

function bytesOfWords(words: readonly number[]): Uint8Array {
  const whole = new Int32Array(words.length);
  // Int32Array.from takes ten times as long, and there are tens of thousands.
  for (let index = 0; index < words.length; index++) whole[index] = words[index]! | 0;
  return new Uint8Array(whole.buffer);
}

/** There are more maps than the memory is made for. */
class ImageFull extends Error {}

/** @returns undefined when what is to be made finds no room in its image */
export function unlessFull<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ImageFull) return undefined;
    throw error;
  }
}

/** The part of a body that is in the memory. */
class Window {
  #body: Buffer | undefined;
  #from = 0;
  #to = 0;

  /** Where the body's byte is; what follows it is there as far as there is room. */
  open(body: Buffer, offset: number): number {
    // A body begins at 0, and may be another one in the memory of the last.
    if (body !== this.#body || offset === 0 || offset < this.#from || offset >= this.#to)
      this.move(body, offset);
    return windowStart + offset - this.#from;
  }

  /** Begins it at the offset. */
  move(body: Buffer, offset: number): number {
    this.#body = body;
    this.#from = offset;
    this.#to = Math.min(body.length, offset + windowSize);
    memory.set(body.subarray(offset, this.#to), windowStart);
    return windowStart;
  }

  /** The address behind the last byte. */
  get end(): number {
    return windowStart + this.#to - this.#from;
  }

  /** Whether more of the body would be in it if it began at the offset. */
  canMoveTo(offset: number): boolean {
    return offset > this.#from && this.#to < this.#body!.length;
  }

  offsetOf(address: number): number {
    return address - windowStart + this.#from;
  }
}

export const bodyWindow = new Window();
