import type { AuditRecord, Event } from '../compile/event.ts';
import { type ExaminedValue, examineValues } from '../compile/examine.ts';
import { type Origin, originOf } from '../compile/origin.ts';
import { formats } from '../format/index.ts';
import type { OutgoingRecord } from '../format/render.ts';
import { toJsonText } from '../mapping/json.ts';
import type { Mapping, MappingSet, Value } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import type { PathInFile, SourceFile } from '../mapping/source.ts';
import type { EventAnswer, KeyAnswer, MappingPlace, Place, SourceAnswer } from './answer.ts';
import { compileDissect, type Piece } from './pieces.ts';
import { type Part, trace } from './trace.ts';

/** Characters of an event beyond which its keys are not followed: each is rendered anew. */
const longestTraced = 100_000;

/** The mapping that made an event, and its file. */
export interface Maker {
  readonly set: MappingSet;
  readonly mapping: Mapping;
  readonly source: SourceFile;
}

/**
 * What the workbench shows of one event: the rendered text, and for each of its keys where it came from.
 *
 * @param maker undefined for a record that is sent as it is
 */
export function answerEvent(
  settings: DestinationSettings,
  event: Event,
  outgoing: OutgoingRecord,
  maker: Maker | undefined,
): EventAnswer {
  const isText = formats.get(settings.format)!.isText;
  const text = isText ? String(outgoing.message) : toJsonText(outgoing);
  const place = maker && placeOf(maker);
  const values = maker ? examineValues(maker.mapping, event.record) : [];
  const leftOut = values
    .filter(({ isLeftOut }) => isLeftOut)
    .map(({ key, why }) => ({ key, why, ...atOf(maker, pathOf(maker, key)) }));
  const common = { ...(place && { mapping: place }), text, leftOut };
  if (text.length > longestTraced) return { ...common, pieces: [{ text }], keys: [], isUnlinked: true };
  const dissect = compileDissect(settings);
  const pieces = dissect(event);
  const parts = trace(event, pieces, dissect);
  const keys: KeyAnswer[] = [];
  const linked = pieces.map((piece) => {
    const from = parts.get(piece.unit ?? '') ?? [];
    if (from.length === 0 && piece.name === undefined) return { text: piece.text };
    keys.push(
      keyOf(
        piece,
        from.map((part) => sourceOf(part, event, maker, values)),
      ),
    );
    return { text: piece.text, key: keys.length - 1 };
  });
  const whole = pieces.map((piece) => piece.text).join('');
  const header = pieces[0]?.unit === 'syslog' ? { syslogHeader: pieces[0].text } : {};
  // A line that was cut to its limit is not the sum of its pieces.
  const isCut = isText && whole !== text;
  return { ...common, ...header, pieces: isCut ? [{ text }] : linked, keys };
}

export function placeOf({ set, mapping }: Pick<Maker, 'set' | 'mapping'>): MappingPlace {
  const { file, line, ids } = mapping;
  return { file, line, index: set.mappings.indexOf(mapping), name: ids === '*' ? '*' : ids.join(', ') };
}

function keyOf({ name, text, value = text }: Piece, from: readonly SourceAnswer[]): KeyAnswer {
  return { name: name ?? from[0]!.part, value, from };
}

function sourceOf(
  part: Part,
  event: Event,
  maker: Maker | undefined,
  values: readonly ExaminedValue[],
): SourceAnswer {
  if (part.kind === 'record' || (part.kind === 'extension' && !maker)) return recordKey(part.key);
  if (part.kind === 'tag') return { part: 'tag', why: "Fluent Bit's tag", paths: [] };
  if (!maker) return { part: part.kind, why: "Fluent Bit's event time", paths: [] };
  if (part.kind === 'time' || part.kind === 'externalId') return ofFile(part.kind, event.record, maker);
  const name = part.kind === 'extension' ? part.key : part.kind;
  const { why, paths } = values.find(({ key }) => key === name)!;
  return { part: name, ...told({ why, paths }), ...atOf(maker, pathOf(maker, name)) };
}

/** A key of the record that the destination has in its events as it is. */
function recordKey(key: string): SourceAnswer {
  return { part: 'record', why: 'of the record, as it is', paths: [{ text: key, segments: [key] }] };
}

/** What the file says once for all its mappings. */
function ofFile(part: 'time' | 'externalId', record: AuditRecord, maker: Maker): SourceAnswer {
  const value: Value | undefined = maker.set[part];
  const origin = value && originOf(value, record);
  const isOwn = Object.hasOwn((maker.source.value ?? {}) as object, part);
  const at = isOwn ? atOf(maker, [part]) : {};
  if (!origin || origin.isLeftOut)
    return {
      part,
      why: part === 'time' ? "Fluent Bit's event time" : 'the record has none',
      paths: [],
      ...at,
    };
  return { part, ...told(origin), ...at };
}

function told({ why, paths }: Pick<Origin, 'why' | 'paths'>): Pick<SourceAnswer, 'why' | 'paths'> {
  return { why, paths: paths.map(({ text, segments }) => ({ text, segments })) };
}

function pathOf(maker: Maker | undefined, key: string): PathInFile {
  if (!maker) return [];
  const map = ['mappings', maker.set.mappings.indexOf(maker.mapping), 'map'];
  return ['eventClass', 'eventName', 'severity'].includes(key) ? [...map, key] : [...map, 'extension', key];
}

function atOf(maker: Maker | undefined, path: PathInFile): { at?: Place } {
  return maker ? { at: { file: maker.set.file, ...maker.source.span(path, 'key') } } : {};
}
