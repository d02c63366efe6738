import type { EventBuffer } from '../fluent/event-buffer.ts';
import { type SyslogParts, syslogParts } from '../format/syslog-header.ts';
import type { SyslogSettings } from '../mapping/settings.ts';
import {
  type Image,
  lineEnd,
  lineStart,
  memory,
  memoryView,
  scratchSize,
  scratchStart,
  unlessFull,
  type Words,
  writeLine,
} from './assembly.ts';
import type { Dialect, Plain } from './dialect.ts';
import type { Head } from './head.ts';
import { hashOfEnds, type Slot } from './key-table.ts';
import { putPiece, putSource } from './layout.ts';
import type { RecordScan } from './record-scan.ts';
import type { Source } from './source.ts';
import { bytesOf, copyPiece, type Piece, pieceOf } from './words.ts';

/** A key and its value, as a program writes them; see assembly/line.ts. */
export interface ProgramPair {
  readonly before: Piece;
  /** -1 when it takes the source to find the value. */
  readonly slot: Slot;
  readonly plain: Plain;
  readonly constant: Piece | undefined;
  readonly labels: number;
  readonly source: Source;
}

/** What a program is made of. */
export interface ProgramParts {
  readonly pairs: readonly ProgramPair[];
  readonly id: ProgramPair;
  readonly ownId: number;
  readonly limit: number;
  readonly dialect: Dialect;
  /** What the head depends on, where that is one source or none. */
  readonly headBy: Source | undefined;
  readonly canKnowHeads: boolean;
  /** Of the header before each line. */
  readonly syslog: SyslogSettings | undefined;
}

const plainCodes = { text: 0, digits: 1, ipv4: 2, none: 3 };
const mostBytes = 0x7fffffff;
/** As assembly/stamp.ts has them. */
const stamps = { rfc5424: 1, rfc3164: 2 };

/** What `writeLine` says when there is no room left for a line; less when it can't tell how to write it. */
const full = 1;

/** The memory that lines are written to, one behind the other, until they are copied. It is one buffer's at a time. */
class Lines {
  #owner: EventBuffer | undefined;
  #at = lineStart;

  /** Where the next line of a buffer goes. */
  begin(out: EventBuffer): number {
    if (out !== this.#owner) {
      this.#owner?.settle();
      this.#owner = out;
    }
    if (out.isSettled) this.#at = lineStart;
    return this.#at;
  }

  end(at: number): void {
    this.#at = at;
  }
}

export const lines = new Lines();

const wordsOfHead = 9;
/** Places for the heads that a program knows by itself, a power of two; and how many of them are taken at most. */
const headPlaces = 64;
const mostHeads = 32;
/** The head of a line whose head it does not know. */
const otherHead = scratchStart + scratchSize - wordsOfHead * 4;

/** Writes the lines of a mapping by code that looks at sixteen bytes at a time. */
export class Program {
  readonly address: number;
  /** How often it has written a line in a `run`. */
  readonly hits: Int32Array;
  readonly #image: Image;
  readonly #heads: Words;
  readonly #canKnowHeads: boolean;
  readonly #syslog: { readonly parts: SyslogParts; readonly stamp: number } | undefined;
  #headCount = 0;
  readonly #taken: boolean[] = [];

  /** @throws ImageFull */
  constructor(parts: ProgramParts, image: Image) {
    const { pairs, id, ownId, limit, dialect, headBy, canKnowHeads, syslog } = parts;
    const { ofByte, special, otherSpecial } = dialect.care;
    const pairsAt = image.putWords(pairs.flatMap((pair) => wordsOf(pair, image))).address;
    const idAt = image.putWords(wordsOf(id, image)).address;
    const care = image.put(ofByte);
    const specials = (special & 0xff) | ((otherSpecial & 0xff) << 8);
    const hits = image.putWords([0]);
    const headSource = headBy ? putSource(headBy, image) : 0;
    const heads = image.putWords(new Array<number>(headPlaces * wordsOfHead).fill(0));
    const fields = [pairs.length, pairsAt, care, specials, idAt, ownId, limit, hits.address, headSource];
    this.address = image.putWords([...fields, headPlaces - 1, heads.address]).address;
    this.hits = hits.now;
    this.#image = image;
    this.#heads = heads;
    this.#canKnowHeads = canKnowHeads;
    this.#syslog = syslog && { parts: syslogParts(syslog), stamp: stamps[syslog.format] };
  }

  /** Makes a head known, for the lines of records with the same text where it depends on one. */
  know(text: Uint8Array, head: Head): void {
    if (!this.#canKnowHeads || this.#headCount === mostHeads) return;
    unlessFull(() => {
      const image = this.#image;
      const words = this.#wordsOfHead(head, image);
      let place = hashOfEnds(text) & (headPlaces - 1);
      while (this.#taken[place]) place = (place + 1) & (headPlaces - 1);
      this.#taken[place] = true;
      this.#headCount++;
      const at = this.#heads.address + place * wordsOfHead * 4;
      for (const [index, word] of [...words, image.put(text), text.length].entries())
        image.setWord(at + index * 4, word);
    });
  }

  #wordsOfHead({ before, after, severity }: Head, image: Image): number[] {
    const syslog = this.#syslog;
    const start = pieceOf(syslog?.parts.start(severity) ?? '');
    const whole = pieceOf(Buffer.concat([Buffer.from(syslog?.parts.end ?? ''), bytesOf(before)]));
    return [
      ...[putPiece(start, image), start.length, syslog?.stamp ?? 0],
      ...[putPiece(whole, image), whole.length, putPiece(after, image), after.length],
    ];
  }

  /**
   * Adds an event.
   *
   * @param prefix what stands before the head
   * @param entryTime address of the entry's EventTime
   * @param idAt address of the record's id, or 0
   * @returns false when the line is to be written otherwise
   */
  write(
    out: EventBuffer,
    scan: RecordScan,
    prefix: string,
    { before, after }: Head,
    eventTime: number,
    entryTime: number,
    idAt: number,
  ): boolean {
    const afterAt = scratchStart + scratchSize / 2;
    if (prefix.length * 3 + before.length > scratchSize / 2 - 8 || after.length > scratchSize / 2 - 64)
      return false;
    const length = prefix === '' ? 0 : memory.write(prefix, scratchStart);
    copyPiece(before, memoryView, scratchStart + length);
    copyPiece(after, memoryView, afterAt);
    // The prefix has the syslog header.
    const words = [0, 0, 0, scratchStart, length + before.length, afterAt, after.length];
    for (const [index, word] of words.entries()) memoryView.setInt32(otherHead + index * 4, word, true);
    const table = scan.keys.address;
    const write = (target: number): number =>
      writeLine(this.address, otherHead, table, eventTime, entryTime, idAt, target, lineEnd) >>> 0;
    let start = lines.begin(out);
    let end = write(start);
    if (end === full && start > lineStart) {
      out.settle();
      start = lines.begin(out);
      end = write(start);
    }
    if (end <= full) return false;
    lines.end(end);
    out.addWritten(memory, start, end);
    return true;
  }
}

/** As assembly/line.ts has a pair. */
function wordsOf({ before, slot, plain, constant, labels, source }: ProgramPair, image: Image): number[] {
  const { kind } = plain;
  const longest = kind === 'text' ? Math.min(plain.longest, mostBytes) : 0;
  const constantWords = constant ? [putPiece(constant, image), constant.length] : [0, 0];
  return [
    putPiece(before, image),
    before.length,
    slot,
    plainCodes[kind],
    longest,
    ...constantWords,
    labels,
    putSource(source, image),
  ];
}
