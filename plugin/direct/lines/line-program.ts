import { hasAny, type Problems } from '../../compile/event.ts';
import type { EventBuffer } from '../../fluent/event-buffer.ts';
import type { SyslogSettings } from '../../mapping/settings.ts';
import { toText } from '../../mapping/text.ts';
import {
  type Image,
  lineEnd,
  memory,
  memoryView,
  placeWords,
  renderedSize,
  renderedStart,
  scratchSize,
  scratchStart,
  writeLine,
} from '../assembly.ts';
import type { ComputedValue } from '../computed.ts';
import type { Slot } from '../key-table.ts';
import { putPiece, putSource } from '../layout.ts';
import { decodeAt, endOf } from '../packed-value.ts';
import { lines, otherHead, Program, type ProgramNeeds } from '../program.ts';
import { copyTo, putPacked, readBehind } from '../put-value.ts';
import type { RecordScan } from '../record-scan.ts';
import type { Source } from '../source.ts';
import { TextCache } from '../text-cache.ts';
import { copyPiece, type Piece } from '../words.ts';
import type { Dialect, Plain } from './dialect.ts';

/** A key and its value, as a program writes them; see assembly/line.ts. */
export interface ProgramPair {
  readonly name: string;
  readonly before: Piece;
  /** -1 when it takes the source to find the value. */
  readonly slot: Slot;
  readonly plain: Plain;
  readonly constant: Piece | undefined;
  readonly labels: number;
  readonly source: Source;
  /** Where a function gives the value. */
  readonly computed: ComputedValue | undefined;
}

/** What a program is made of. */
export interface LineParts extends ProgramNeeds {
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
  /** Of the syslog header, what stands before its own time; empty without one. */
  readonly start: Piece;
  /** What stands between its time and the event's. */
  readonly before: Piece;
  readonly after: Piece;
}

/** A pair whose value may have to be rendered, and what was rendered for values as they are packed. */
interface Rendered {
  readonly name: string;
  readonly known: TextCache<Uint8Array>;
}

/** Texts that are known of a pair, and bytes of each: there are thousands of pairs, and a sender makes texts up. */
const fewTexts = 16;
const longestKnown = 256;
const lastEnd = renderedStart + renderedSize - readBehind;

function copied(start: number, end: number): Uint8Array {
  return Uint8Array.prototype.slice.call(memory, start, end);
}

const plainCodes = { text: 0, digits: 1, ipv4: 2, none: 3 };
const readyCode = 4;
const mostBytes = 0x7fffffff;
/** As assembly/stamp.ts has them. */
const stamps = { rfc5424: 1, rfc3164: 2 };

const wordsOfHead = 9;

/** Writes the lines of a mapping by code that looks at sixteen bytes at a time. */
export class LineProgram extends Program {
  /** What functions give is to be put where it looks for it. */
  readonly computed: readonly ComputedValue[];
  readonly #stamp: number;
  readonly #dialect: Dialect;
  readonly #pairs: readonly Rendered[];
  readonly #id: Rendered;

  /** @throws ImageFull */
  constructor(parts: LineParts, image: Image) {
    const { pairs, id, ownId, limit, dialect, syslog } = parts;
    const { ofByte, special, otherSpecial } = dialect.care;
    const pairsAt = image.shareWords(pairs.flatMap((pair) => wordsOf(pair, image)));
    const idAt = image.shareWords(wordsOf(id, image));
    const specials = (special & 0xff) | ((otherSpecial & 0xff) << 8);
    const fields = [pairs.length, pairsAt, image.share(ofByte), specials, idAt, ownId, limit];
    super('line', parts, wordsOfHead, fields, image);
    this.#dialect = dialect;
    this.#pairs = pairs.map(({ name }) => ({ name, known: new TextCache(fewTexts) }));
    this.#id = { name: id.name, known: new TextCache(fewTexts) };
    this.computed = pairs.flatMap(({ computed }) => computed ?? []);
    this.#stamp = syslog ? stamps[syslog.format] : 0;
  }

  /** Makes a head known, for the lines of records with the same text where it depends on one. */
  know(text: Uint8Array, head: LineHead): void {
    this.knowHead(text, head, (image) => this.#wordsOf(head, (piece) => putPiece(piece, image)));
  }

  /** Where a head is; one that is not known is put where one is read from. @returns 0 when it is too long */
  placeHead(head: LineHead): number {
    const known = this.addressOf(head);
    if (known !== undefined) return known;
    const { start, before, after } = head;
    // Each is written in whole words.
    if (start.length + before.length + after.length > scratchSize - 96) return 0;
    let next = scratchStart;
    const put = (piece: Piece): number => {
      const at = next;
      copyPiece(piece, memoryView, at);
      next = at + piece.length;
      return at;
    };
    placeWords(otherHead, [0, 0, ...this.#wordsOf(head, put)]);
    return otherHead;
  }

  override render(pair: number, at: number, problems: Problems): number {
    const { name, known } = this.#pairs[pair] ?? this.#id;
    const valueEnd = endOf(at);
    const before = known.find(memoryView, at, valueEnd);
    if (before) return copyTo(before, renderedStart, lastEnd) === 0 ? 0 : renderedStart;
    const text = toText(decodeAt(memory, at));
    const rendered = text === undefined ? undefined : this.#dialect.render(name, text, problems);
    const end = rendered === undefined ? 0 : putPacked(rendered, renderedStart, lastEnd);
    if (end === 0) return 0;
    // A problem is one each time.
    if (!hasAny(problems) && end - renderedStart <= longestKnown)
      known.keep(memoryView, at, valueEnd, copied(renderedStart, end));
    return renderedStart;
  }

  #wordsOf({ start, before, after }: LineHead, put: (piece: Piece) => number): number[] {
    return [
      ...[put(start), start.length, this.#stamp],
      ...[put(before), before.length, put(after), after.length],
    ];
  }

  /**
   * Adds an event.
   *
   * @param headAt address of its head
   * @param entryTime address of the entry's EventTime
   * @param idAt address of the record's id, or 0
   * @returns false when the line is to be written otherwise
   */
  write(
    out: EventBuffer,
    scan: RecordScan,
    headAt: number,
    eventTime: number,
    entryTime: number,
    idAt: number,
  ): boolean {
    const table = scan.keys.address;
    return lines.add(out, (target) =>
      writeLine(this.address, headAt, table, eventTime, entryTime, idAt, target, lineEnd),
    );
  }
}

/** As assembly/line.ts has a pair. */
function wordsOf(
  { before, slot, plain, constant, labels, source, computed }: ProgramPair,
  image: Image,
): number[] {
  const { kind } = plain;
  const longest = kind === 'text' ? Math.min(plain.longest, mostBytes) : 0;
  const constantWords = constant ? [putPiece(constant, image), constant.length] : [0, 0];
  return [
    putPiece(before, image),
    before.length,
    slot,
    computed ? readyCode : plainCodes[kind],
    longest,
    ...constantWords,
    labels,
    putSource(source, image),
  ];
}
