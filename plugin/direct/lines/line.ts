import { hasAny, noProblems, type Problems } from '../../compile/event.ts';
import { largestMessage } from '../../fluent/forward-message.ts';
import { syslogParts } from '../../format/syslog-header.ts';
import type { Mapping } from '../../mapping/model.ts';
import type { DestinationSettings, SyslogSettings } from '../../mapping/settings.ts';
import { toText } from '../../mapping/text.ts';
import { type Image, unlessFull } from '../assembly.ts';
import { ComputedValue, computeValues } from '../computed.ts';
import type { CompileFormat, EventWriter } from '../event-writer.ts';
import { compileHead, type MakeHead } from '../head.ts';
import type { Slots } from '../key-table.ts';
import { compileSource, type SlotOf, type Source } from '../source.ts';
import { type Piece, pieceOf } from '../words.ts';
import type { Dialect } from './dialect.ts';
import { type LineHead, type LineParts, LineProgram, type ProgramPair } from './line-program.ts';

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
  const limit = Math.min(settings.recordLimit ?? mostBytes, mostBytes);
  const [headBy] = heads.by;
  const computed = read.pairs.flatMap((pair) => pair.computed ?? []);
  const needs = { headBy, canKnowHeads: heads.by.length < 2, computes: computed.length > 0 };
  const program = compileProgram({ ...read, ...needs, limit, dialect, syslog }, image);
  if (!program) return undefined;
  heads.onKnown = (text, head) => program.know(text, head);
  program.prepare = (scan, problems) => {
    const head = computeValues(computed, scan, problems) ? heads.find(scan, problems) : undefined;
    return head ? program.placeHead(head) : 0;
  };
  return {
    program,
    write: (scan, { eventTime, timeAt, idAt }, out, problems) => {
      const isPlain = eventTime >= 0 && dialect.takesTime(eventTime);
      const headAt = isPlain ? program.prepare(scan, problems) : 0;
      return headAt !== 0 && program.write(out, scan, headAt, eventTime, timeAt, idAt);
    },
  };
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
      after: pieceOf(after),
    };
  };
}

/**
 * Compiles what writes the pairs of a line that is part of something else.
 *
 * @returns undefined when that takes decoded values
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
  readonly pairs: readonly ProgramPair[];
  readonly id: ProgramPair;
  /** Index of the pair that sets the id as well, or -1: a mapping's own wins, where the record has one. */
  readonly ownId: number;
}

function readPairs(mapping: Mapping, externalId: Source, dialect: Dialect, slots: Slots): Pairs | undefined {
  const keys = mapping.extension.map(({ key }) => key);
  const names = keys.map(dialect.nameOf);
  if (new Set(names).size < names.length) return undefined;
  const pairs: ProgramPair[] = [];
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
function pairOf(name: string, source: Source, labels: number, dialect: Dialect, slots?: Slots): ProgramPair {
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

/** A constant is rendered once; one that is a problem is a problem each time, to be counted with decoded values. */
function constantBytes(name: string, source: Source, dialect: Dialect): Piece | undefined {
  const text = source.constant === undefined ? undefined : toText(source.constant);
  if (text === undefined) return undefined;
  const problems = noProblems();
  const rendered = dialect.render(name, text, problems);
  return rendered !== undefined && !hasAny(problems) ? pieceOf(rendered) : undefined;
}
