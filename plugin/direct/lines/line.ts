import { hasAny, noProblems, type Problems } from '../../compile/event.ts';
import type { EventBuffer } from '../../fluent/event-buffer.ts';
import { largestMessage } from '../../fluent/forward-message.ts';
import { compileSyslogHeader } from '../../format/syslog-header.ts';
import { isEmpty } from '../../mapping/empty.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { DestinationSettings } from '../../mapping/settings.ts';
import { toText } from '../../mapping/text.ts';
import { type Image, unlessFull } from '../assembly.ts';
import type { CompileFormat, EventWriter } from '../event-writer.ts';
import { compileHead } from '../head.ts';
import { decodeAt, isEmptyAt, smallNumber, startOfText } from '../packed-value.ts';
import { type Body, endOf, nothing, unclear } from '../record-scan.ts';
import { compileSource, computed, constant, type SlotOf, type Source } from '../source.ts';
import { type Piece, pieceOf } from '../words.ts';
import { copyText, writeNumber, writePiece, writeText } from './copy.ts';
import type { Dialect, Plain } from './dialect.ts';
import { type LineHead, type LineParts, LineProgram, type ProgramPair } from './line-program.ts';

interface Pair extends ProgramPair {
  readonly name: string;
}

/** A longer line may be too long for a message: the objects path tells, and sets the record aside. */
const mostBytes = largestMessage / 2;

/** A text format for the direct path. */
export function compileLines(dialectOf: (settings: DestinationSettings) => Dialect): CompileFormat {
  return (settings, slots, image) => {
    const slotOf: SlotOf = (key, below) => slots.of(key, below);
    const dialect = dialectOf(settings);
    const { earliest, latest } = dialect;
    return {
      earliest,
      latest,
      compile: (mapping, id) => compileLine(mapping, id, settings, dialect, slotOf, image),
      begin: () => true,
    };
  };
}

/** @returns undefined when the mapping's events need the objects path: an odd key, a key twice, a key the format sets */
function compileLine(
  mapping: Mapping,
  externalId: Source,
  settings: DestinationSettings,
  dialect: Dialect,
  slotOf: SlotOf,
  image: Image,
): EventWriter | undefined {
  const read = readPairs(mapping, externalId, dialect, slotOf);
  const heads = compileHead<LineHead>(mapping, (...values) => headOf(dialect, ...values), slotOf);
  if (!read || !heads) return undefined;
  const { pairs, id, ownId } = read;
  const syslogHeader = settings.syslog && compileSyslogHeader(settings.syslog);
  const limit = Math.min(settings.recordLimit ?? mostBytes, mostBytes);
  const [headBy] = heads.by;
  const canKnowHeads = heads.by.length < 2;
  const { syslog } = settings;
  const program = compileProgram({ ...read, limit, dialect, headBy, canKnowHeads, syslog }, image);
  if (program) heads.onKnown = (text, head) => program.know(text, head);
  const places = new Int32Array(pairs.length);
  const bySlot = [...pairs.keys()].filter((index) => pairs[index]!.slot >= 0);
  const otherwise = [...pairs.keys()].filter((index) => pairs[index]!.slot < 0);
  /** Of the values that are computed. */
  const texts = new Array<string | null | undefined>(pairs.length);
  const write: EventWriter['write'] = (scan, shared, out, problems) => {
    for (const index of otherwise) {
      const { locate, compute } = pairs[index]!.source;
      let at = locate(scan);
      if (at === unclear) return false;
      if (at === computed) {
        texts[index] = textOf(compute!(scan, problems));
        if (texts[index] === null || scan.isUnclear) return false;
        if (texts[index] === undefined) at = nothing;
      }
      places[index] = at;
    }
    if (!dialect.takesTime(shared.eventTime) || shared.eventTime < 0) return false;
    const head = heads.find(scan, problems);
    if (!head) return false;
    const prefix = (): string => syslogHeader?.({ time: shared.eventTime, severity: head.severity }) ?? '';
    if (program?.write(out, scan, prefix, head, shared.eventTime, shared.timeAt, shared.idAt)) return true;
    for (const index of bySlot) {
      const at = scan.at(pairs[index]!.slot);
      places[index] = at > 0 && isEmptyAt(scan.bytes, at) ? nothing : at;
    }
    out.beginLine(shared.time);
    const start = prefix();
    if (start !== '') writeText(out, start);
    writePiece(out, head.before);
    writeNumber(out, shared.eventTime);
    writePiece(out, head.after);
    const hasId = shared.idAt !== nothing && (ownId < 0 || places[ownId] === nothing);
    if (hasId && !writePair(id, scan, shared.idAt, undefined, dialect, out, problems)) {
      out.dropLine();
      return false;
    }
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index]!;
      const at = places[index]!;
      // A label without its value says nothing.
      if (at === nothing || (pair.labels >= 0 && places[pair.labels] === nothing)) continue;
      if (!writePair(pair, scan, at, texts[index], dialect, out, problems)) {
        out.dropLine();
        return false;
      }
    }
    if (out.lineLength > limit) {
      out.dropLine();
      return false;
    }
    out.endLine();
    return true;
  };
  return { write, program };
}

function headOf(
  { head }: Dialect,
  ...[eventClass, eventName, severity, problems]: Parameters<Dialect['head']>
): LineHead | undefined {
  const parts = head(eventClass, eventName, severity, problems);
  return parts && { before: pieceOf(parts[0]), after: pieceOf(parts[1]), severity };
}

/**
 * Compiles what writes the pairs of a line that is part of something else.
 *
 * @returns undefined when only the objects path can
 */
export function compilePairs(
  mapping: Mapping,
  externalId: Source,
  dialect: Dialect,
  slotOf: SlotOf,
  image: Image,
): LineProgram | undefined {
  const read = readPairs(mapping, externalId, dialect, slotOf);
  const alone = { limit: mostBytes, dialect, headBy: undefined, canKnowHeads: false, syslog: undefined };
  return read && compileProgram({ ...read, ...alone }, image);
}

/** @returns undefined when a value is computed, which a program can't do, or when there are too many */
function compileProgram(parts: LineParts & Pairs, image: Image): LineProgram | undefined {
  const isComputed = parts.pairs.some(({ source }) => source.compute !== undefined);
  return isComputed || !image.hasRoom ? undefined : unlessFull(() => new LineProgram(parts, image));
}

/** What a mapping says, and the record's id. */
interface Pairs {
  readonly pairs: readonly Pair[];
  readonly id: Pair;
  /** Index of the pair that sets the id as well, or -1: a mapping's own wins, where the record has one. */
  readonly ownId: number;
}

function readPairs(
  mapping: Mapping,
  externalId: Source,
  dialect: Dialect,
  slotOf: SlotOf,
): Pairs | undefined {
  const keys = mapping.extension.map(({ key }) => key);
  const names = keys.map(dialect.nameOf);
  if (new Set(names).size < names.length) return undefined;
  const pairs: Pair[] = [];
  for (const [index, { key, value }] of mapping.extension.entries()) {
    const source = compileSource(value, slotOf);
    const name = names[index];
    if (!source || name === undefined) return undefined;
    const labels = key.endsWith('Label') ? keys.indexOf(key.slice(0, -'Label'.length)) : -1;
    pairs.push(pairOf(name, source, labels, dialect));
  }
  const ownId = pairs.findIndex(({ name }) => name === dialect.externalId);
  return { pairs, id: pairOf(dialect.externalId, externalId, -1, dialect), ownId };
}

function pairOf(name: string, source: Source, labels: number, dialect: Dialect): Pair {
  return {
    before: pieceOf(`${dialect.separator}${name}=`),
    name,
    source,
    slot: source.slot,
    constant: constantBytes(name, source, dialect),
    plain: dialect.plain(name),
    labels,
  };
}

/** A constant is rendered once; one that is a problem is a problem each time, for the objects path to count. */
function constantBytes(name: string, source: Source, dialect: Dialect): Piece | undefined {
  const text = source.constant === undefined ? undefined : toText(source.constant);
  if (text === undefined) return undefined;
  const problems = noProblems();
  const rendered = dialect.render(name, text, problems);
  return rendered !== undefined && !hasAny(problems) ? pieceOf(rendered) : undefined;
}

/** The text of what a function gave: undefined when it is empty, null when it has none. */
function textOf(value: unknown): string | null | undefined {
  return isEmpty(value) ? undefined : (toText(value) ?? null);
}

/**
 * @param made the text of a value that is computed
 * @returns false when only the objects path can tell how
 */
function writePair(
  pair: Pair,
  body: Body,
  at: number,
  made: string | null | undefined,
  dialect: Dialect,
  out: EventBuffer,
  problems: Problems,
): boolean {
  writePiece(out, pair.before);
  if (at === constant) {
    if (!pair.constant) return false;
    writePiece(out, pair.constant);
    return true;
  }
  if (at > 0 && writePlain(pair.plain, body, at, dialect, out)) return true;
  const text = at > 0 ? toText(decodeAt(body.bytes, at)) : made;
  const rendered =
    text === undefined || text === null ? undefined : dialect.render(pair.name, text, problems);
  if (rendered === undefined) return false;
  writeText(out, rendered);
  return true;
}

/** @returns false, and nothing written, when the value is to be looked at */
function writePlain(plain: Plain, body: Body, at: number, dialect: Dialect, out: EventBuffer): boolean {
  const { bytes } = body;
  if (plain.kind === 'none') return false;
  const start = startOfText(bytes, at);
  if (start === 0) {
    const number = plain.kind === 'ipv4' ? -1 : smallNumber(bytes, at);
    if (number < 0) return false;
    // Ten digits are within every limit.
    writeNumber(out, number);
    return true;
  }
  const end = endOf(at);
  const isPlain =
    plain.kind === 'text'
      ? end - start <= plain.longest
      : plain.kind === 'digits'
        ? isDigits(bytes, start, end)
        : isIpv4(bytes, start, end);
  return isPlain && copyText(out, body, start, end, dialect.care);
}

function isDigits(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > 18) return false;
  for (let at = start; at < end; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false;
  return true;
}

function isIpv4(bytes: Buffer, start: number, end: number): boolean {
  let dots = 0;
  let digits = 0;
  let number = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e && digits > 0 && dots < 3) {
      dots++;
      digits = 0;
      number = 0;
    } else if (byte >= 0x30 && byte <= 0x39 && digits < 3) {
      digits++;
      number = number * 10 + byte - 0x30;
      if (number > 255) return false;
    } else return false;
  }
  return dots === 3 && digits > 0;
}
