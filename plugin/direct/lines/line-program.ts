import type { EventBuffer } from '../../fluent/event-buffer.ts';
import { type SyslogParts, syslogParts } from '../../format/syslog-header.ts';
import type { SyslogSettings } from '../../mapping/settings.ts';
import {
  type Image,
  lineEnd,
  memory,
  memoryView,
  placeWords,
  scratchSize,
  scratchStart,
  writeLine,
} from '../assembly.ts';
import type { Slot } from '../key-table.ts';
import { putPiece, putSource } from '../layout.ts';
import { type HeadBy, lines, otherHead, Program } from '../program.ts';
import type { RecordScan } from '../record-scan.ts';
import type { Source } from '../source.ts';
import { bytesOf, copyPiece, type Piece, pieceOf } from '../words.ts';
import type { Dialect, Plain } from './dialect.ts';

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
export interface LineParts extends HeadBy {
  readonly pairs: readonly ProgramPair[];
  readonly id: ProgramPair;
  readonly ownId: number;
  readonly limit: number;
  readonly dialect: Dialect;
  /** Of the header before each line. */
  readonly syslog: SyslogSettings | undefined;
}

/** What stands before and after the time of an event, ready to be copied. */
export interface LineHead {
  readonly before: Piece;
  readonly after: Piece;
  readonly severity: unknown;
}

const plainCodes = { text: 0, digits: 1, ipv4: 2, none: 3 };
const mostBytes = 0x7fffffff;
/** As assembly/stamp.ts has them. */
const stamps = { rfc5424: 1, rfc3164: 2 };

const wordsOfHead = 9;

/** Writes the lines of a mapping by code that looks at sixteen bytes at a time. */
export class LineProgram extends Program {
  readonly #syslog: { readonly parts: SyslogParts; readonly stamp: number } | undefined;

  /** @throws ImageFull */
  constructor(parts: LineParts, image: Image) {
    const { pairs, id, ownId, limit, dialect, syslog } = parts;
    const { ofByte, special, otherSpecial } = dialect.care;
    const pairsAt = image.shareWords(pairs.flatMap((pair) => wordsOf(pair, image)));
    const idAt = image.shareWords(wordsOf(id, image));
    const specials = (special & 0xff) | ((otherSpecial & 0xff) << 8);
    const fields = [pairs.length, pairsAt, image.share(ofByte), specials, idAt, ownId, limit];
    super('line', parts, wordsOfHead, fields, image);
    this.#syslog = syslog && { parts: syslogParts(syslog), stamp: stamps[syslog.format] };
  }

  /** Makes a head known, for the lines of records with the same text where it depends on one. */
  know(text: Uint8Array, head: LineHead): void {
    const { before, after, severity } = head;
    const syslog = this.#syslog;
    const start = pieceOf(syslog?.parts.start(severity) ?? '');
    const whole = pieceOf(Buffer.concat([Buffer.from(syslog?.parts.end ?? ''), bytesOf(before)]));
    this.knowHead(text, head, (image) => [
      ...[putPiece(start, image), start.length, syslog?.stamp ?? 0],
      ...[putPiece(whole, image), whole.length, putPiece(after, image), after.length],
    ]);
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
    prefix: () => string,
    head: LineHead,
    eventTime: number,
    entryTime: number,
    idAt: number,
  ): boolean {
    const known = this.addressOf(head);
    if (known === undefined && !placeHead(prefix(), head)) return false;
    const headAt = known ?? otherHead;
    const table = scan.keys.address;
    return lines.add(out, (target) =>
      writeLine(this.address, headAt, table, eventTime, entryTime, idAt, target, lineEnd),
    );
  }
}

/** Puts a head where one is read from that no program knows. @returns false when it is too long */
function placeHead(prefix: string, { before, after }: LineHead): boolean {
  const afterAt = scratchStart + scratchSize / 2;
  if (prefix.length * 3 + before.length > scratchSize / 2 - 8 || after.length > scratchSize / 2 - 80)
    return false;
  const length = prefix === '' ? 0 : memory.write(prefix, scratchStart);
  copyPiece(before, memoryView, scratchStart + length);
  copyPiece(after, memoryView, afterAt);
  // The prefix has the syslog header; and it is for no text.
  placeWords(otherHead, [0, 0, 0, 0, 0, scratchStart, length + before.length, afterAt, after.length]);
  return true;
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
