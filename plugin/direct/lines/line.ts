import { hasAny, noProblems, type Problems } from '../../compile/event.ts';
import type { EventBuffer } from '../../fluent/event-buffer.ts';
import { largestMessage } from '../../fluent/forward-message.ts';
import { compileSyslogHeader, syslogParts } from '../../format/syslog-header.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { DestinationSettings, SyslogSettings } from '../../mapping/settings.ts';
import { toText } from '../../mapping/text.ts';
import { type Image, unlessFull } from '../assembly.ts';
import { ComputedValue, computeValues } from '../computed.ts';
import type { CompileFormat, EventWriter } from '../event-writer.ts';
import { compileHead, type MakeHead } from '../head.ts';
import type { Slots } from '../key-table.ts';
import { decodeAt, endOf, isEmptyAt, lengthOfText, smallNumber, startOfText } from '../packed-value.ts';
import { type Body, nothing, type RecordScan, unclear } from '../record-scan.ts';
import { compileSource, constant, type SlotOf, type Source } from '../source.ts';
import { type Piece, pieceOf } from '../words.ts';
import { copyText, writeBytes, writeNumber, writePiece, writeText } from './copy.ts';
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
    const dialect = dialectOf(settings);
    const { earliest, latest } = dialect;
    return {
      earliest,
      latest,
      compile: (mapping, id) => compileLine(mapping, id, settings, dialect, slots, image),
      begin: () => true,
    };
  };
}

/** @returns undefined when the mapping's events take decoded values: an odd key, a key twice, a key the format sets */
function compileLine(
  mapping: Mapping,
  externalId: Source,
  settings: DestinationSettings,
  dialect: Dialect,
  slots: Slots,
  image: Image,
): EventWriter | undefined {
  const slotOf: SlotOf = (key, below) => slots.of(key, below);
  const { syslog } = settings;
  const headOf = compileLineHead(dialect, syslog);
  const read = readPairs(mapping, externalId, dialect, slots);
  const heads = compileHead<LineHead>(mapping, headOf, slotOf);
  if (!read || !heads) return undefined;
  const { pairs, id, ownId } = read;
  const syslogHeader = syslog && compileSyslogHeader(syslog);
  const limit = Math.min(settings.recordLimit ?? mostBytes, mostBytes);
  const [headBy] = heads.by;
  const computed = pairs.flatMap((pair) => pair.computed ?? []);
  const needs = { headBy, canKnowHeads: heads.by.length < 2, computes: computed.length > 0 };
  const program = compileProgram({ ...read, ...needs, limit, dialect, syslog }, image);
  const findHead = (scan: RecordScan, problems: Problems): LineHead | undefined =>
    computeValues(computed, scan, problems) ? heads.find(scan, problems) : undefined;
  if (program) {
    heads.onKnown = (text, head) => program.know(text, head);
    program.prepare = (scan, problems) => {
      const head = findHead(scan, problems);
      return head ? program.placeHead(head) : 0;
    };
  }
  const places = new Int32Array(pairs.length);
  const write: EventWriter['write'] = (scan, shared, out, problems) => {
    if (!dialect.takesTime(shared.eventTime) || shared.eventTime < 0) return false;
    const head = findHead(scan, problems);
    if (!head) return false;
    const headAt = program?.placeHead(head) ?? 0;
    if (headAt !== 0 && program!.write(out, scan, headAt, shared.eventTime, shared.timeAt, shared.idAt))
      return true;
    for (let index = 0; index < pairs.length; index++) {
      const { slot, source } = pairs[index]!;
      const at = slot < 0 ? source.locate(scan) : scan.at(slot);
      if (at === unclear) return false;
      places[index] = at > 0 && isEmptyAt(scan.bytes, at) ? nothing : at;
    }
    out.beginLine(shared.time);
    if (syslogHeader) writeText(out, syslogHeader({ time: shared.eventTime, severity: head.severity }));
    writePiece(out, head.own);
    writeNumber(out, shared.eventTime);
    writePiece(out, head.after);
    const hasId = shared.idAt !== nothing && (ownId < 0 || places[ownId] === nothing);
    if (hasId && !writePair(id, scan, shared.idAt, dialect, out, problems)) {
      out.dropLine();
      return false;
    }
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index]!;
      const at = places[index]!;
      // A label without its value says nothing.
      if (at === nothing || (pair.labels >= 0 && places[pair.labels] === nothing)) continue;
      if (!writePair(pair, scan, at, dialect, out, problems)) {
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

/** Compiles what makes heads of lines, with what stands before them that is always the same. */
function compileLineHead({ head }: Dialect, syslog: SyslogSettings | undefined): MakeHead<LineHead> {
  const parts = syslog && syslogParts(syslog);
  return (eventClass, eventName, severity, problems) => {
    const [own, after] = head(eventClass, eventName, severity, problems) ?? [];
    if (own === undefined || after === undefined) return undefined;
    return {
      start: pieceOf(parts?.start(severity) ?? ''),
      before: pieceOf((parts?.end ?? '') + own),
      own: pieceOf(own),
      after: pieceOf(after),
      severity,
    };
  };
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
  slots: Slots,
  image: Image,
): LineProgram | undefined {
  const read = readPairs(mapping, externalId, dialect, slots);
  const needs = { headBy: undefined, canKnowHeads: false, computes: false };
  const alone = { ...needs, limit: mostBytes, dialect, syslog: undefined };
  return read && compileProgram({ ...read, ...alone }, image);
}

/** @returns undefined when there are too many */
function compileProgram(parts: LineParts & Pairs, image: Image): LineProgram | undefined {
  return image.hasRoom ? unlessFull(() => new LineProgram(parts, image)) : undefined;
}

/** What a mapping says, and the record's id. */
interface Pairs {
  readonly pairs: readonly Pair[];
  readonly id: Pair;
  /** Index of the pair that sets the id as well, or -1: a mapping's own wins, where the record has one. */
  readonly ownId: number;
}

function readPairs(mapping: Mapping, externalId: Source, dialect: Dialect, slots: Slots): Pairs | undefined {
  const keys = mapping.extension.map(({ key }) => key);
  const names = keys.map(dialect.nameOf);
  if (new Set(names).size < names.length) return undefined;
  const pairs: Pair[] = [];
  for (const [index, { key, value }] of mapping.extension.entries()) {
    const source = compileSource(value, (...place) => slots.of(...place));
    const name = names[index];
    if (!source || name === undefined) return undefined;
    const labels = key.endsWith('Label') ? keys.indexOf(key.slice(0, -'Label'.length)) : -1;
    pairs.push(pairOf(name, source, labels, dialect, slots));
  }
  const ownId = pairs.findIndex(({ name }) => name === dialect.externalId);
  return { pairs, id: pairOf(dialect.externalId, externalId, -1, dialect), ownId };
}

/** @param slots where none are given, what a function gives is put elsewhere, as it is */
function pairOf(name: string, source: Source, labels: number, dialect: Dialect, slots?: Slots): Pair {
  const render = (value: unknown, problems: Problems): string | undefined => {
    const text = toText(value);
    return text === undefined ? undefined : dialect.render(name, text, problems);
  };
  const computed = slots && source.compute && new ComputedValue(source, slots.spare(), render);
  return {
    before: pieceOf(`${dialect.separator}${name}=`),
    name,
    source,
    slot: computed?.slot ?? source.slot,
    constant: constantBytes(name, source, dialect),
    plain: dialect.plain(name),
    labels,
    computed,
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

/** @returns false when it takes a decoded value to tell how */
function writePair(
  pair: Pair,
  body: Body,
  at: number,
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
  if (pair.computed) {
    const start = startOfText(body.bytes, at);
    writeBytes(out, body.bytes, start, start + lengthOfText(body.bytes, at));
    return true;
  }
  if (writePlain(pair.plain, body, at, dialect, out)) return true;
  const text = toText(decodeAt(body.bytes, at));
  const rendered = text === undefined ? undefined : dialect.render(pair.name, text, problems);
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
