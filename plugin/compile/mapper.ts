import { withoutConstantPrefix } from '../mapping/constant.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { Mapping, MappingSet } from '../mapping/model.ts';
import { toText } from '../mapping/text.ts';
import { parseTime } from '../mapping/time.ts';
import { type Candidate, candidatesFor, hasShape } from './candidates.ts';
import type { AuditRecord, Event, Outcome, Problems } from './event.ts';
import { compileParts } from './event-parts.ts';
import { MappingHits } from './hits.ts';
import { compilePath } from './path.ts';
import { compileTagPattern } from './tag.ts';
import { compileValue } from './value.ts';

/**
 * Maps one record.
 *
 * @param tag Fluent Bit's tag, or '' when the record came without one
 * @param receivedTime the event's time in epoch milliseconds, unless the mapping finds a better one
 */
export type Mapper = (record: AuditRecord, tag: string, receivedTime: number, problems: Problems) => Outcome;

/** Tags that were seen lately; a sender that makes up tags must not fill the memory. */
const rememberedTags = 1000;

const unmapped: Outcome = { kind: 'unmapped' };
const filtered: Outcome = { kind: 'filtered' };

/**
 * Compiles a destination's mapping files, in the order they are tried. The result never throws.
 *
 * @param hits where it is counted which mapping matched
 */
export function compileMapper(sets: readonly MappingSet[], hits = new MappingHits(sets)): Mapper {
  const compiled = sets.map((set) => compileSet(set, hits));
  const byTag = new Map<string, Candidate<CompiledSet>[]>();
  return (record, tag, receivedTime, problems) => {
    let candidates = byTag.get(tag);
    if (!candidates) {
      if (byTag.size >= rememberedTags) byTag.clear();
      candidates = candidatesFor(compiled, tag);
      byTag.set(tag, candidates);
    }
    for (const { set, byShape } of candidates) {
      if (byShape && !hasShape(record, set.shape)) continue;
      const outcome = set.map(record, tag, receivedTime, problems);
      if (outcome.kind !== 'unmapped') return outcome;
    }
    return unmapped;
  };
}

interface CompiledSet {
  readonly matchesTag: (tag: string) => boolean;
  readonly shape: readonly string[];
  readonly map: Mapper;
}

/** What all events of a record share. */
export type EventSource = Pick<Event, 'tag' | 'time' | 'externalId'>;

interface CompiledMapping {
  /** Whether the record meets all conditions of the prefilter. */
  meets: (record: AuditRecord) => boolean;
  exclude: boolean;
  /** Where it is counted. */
  place: number;
  toEvent: (record: AuditRecord, source: EventSource, problems: Problems) => Event;
}

function compileSet(set: MappingSet, hits: MappingHits): CompiledSet {
  const { forId, forAnyOther } = tableById(set.mappings, (mapping) =>
    compileMapping(mapping, hits.placeOf(mapping)),
  );
  const { counts } = hits;
  const idFields = set.idFields.map(compilePath);
  const readTime = set.time && compileValue(set.time);
  const readId = compileValue(set.externalId);
  const first = set.mode === 'first';

  const map: Mapper = (record, tag, receivedTime, problems) => {
    const candidates = forId.get(idOf(record, idFields)) ?? forAnyOther;
    const events: Event[] = [];
    let source: EventSource | undefined;
    for (const mapping of candidates) {
      if (mapping.exclude) {
        if (mapping.meets(record)) {
          counts[mapping.place]!++;
          return events.length > 0 ? { kind: 'mapped', events } : filtered;
        }
      } else if (!mapping.meets(record)) continue;
      counts[mapping.place]!++;
      source ??= {
        tag,
        time: (readTime && parseTime(readTime(record, problems))) ?? receivedTime,
        externalId: readId(record, problems),
      };
      events.push(mapping.toEvent(record, source, problems));
      if (first) break;
    }
    return events.length > 0 ? { kind: 'mapped', events } : unmapped;
  };
  return { matchesTag: compileTagPattern(set.match), shape: set.shape, map };
}

/** For each id the mappings to try, in the file's order, with the '*' ones where they stand. */
export interface TableById<Compiled> {
  readonly forId: ReadonlyMap<string, readonly Compiled[]>;
  readonly forAnyOther: readonly Compiled[];
}

/** @param compile makes of a mapping what is to be tried */
export function tableById<Compiled>(
  mappings: readonly Mapping[],
  compile: (mapping: Mapping) => Compiled,
): TableById<Compiled> {
  const forId = new Map<string, Compiled[]>();
  const forAnyOther: Compiled[] = [];
  // One look at each mapping: a file may have tens of thousands.
  for (const mapping of mappings) {
    const { ids } = mapping;
    const compiled = compile(mapping);
    if (ids === '*') {
      forAnyOther.push(compiled);
      for (const those of forId.values()) those.push(compiled);
    } else
      for (const id of new Set(ids)) {
        const those = forId.get(id);
        if (those) those.push(compiled);
        else forId.set(id, [...forAnyOther, compiled]);
      }
  }
  return { forId, forAnyOther };
}

/** Compiles what tells a record's kind, as the first of the files that may take it sees it: what `id` is compared with. */
export function compileKind(sets: readonly MappingSet[]): (record: AuditRecord, tag: string) => string {
  const compiled = sets.map(({ match, shape, idFields }) => ({
    matchesTag: compileTagPattern(match),
    shape,
    fields: idFields.map(compilePath),
  }));
  return (record, tag) => {
    const candidates = candidatesFor(compiled, tag).filter(
      ({ set, byShape }) => !byShape || hasShape(record, set.shape),
    );
    return idOf(record, candidates[0]?.set.fields ?? compiled[0]?.fields ?? []);
  };
}

function idOf(record: AuditRecord, fields: readonly ((record: AuditRecord) => unknown)[]): string {
  for (const field of fields) {
    const value = field(record);
    if (!isEmpty(value)) return withoutConstantPrefix(toText(value) ?? '');
  }
  return '';
}

function compileMapping(mapping: Mapping, place: number): CompiledMapping {
  const { exclude, conditions } = mapping.prefilter;
  const tests = conditions.map(({ path, anyOf }) => {
    const read = compilePath(path);
    return (record: AuditRecord) => anyOf.includes(withoutConstantPrefix(toText(read(record) ?? '') ?? ''));
  });
  const meets = (record: AuditRecord): boolean => tests.every((test) => test(record));
  return { exclude, place, meets, toEvent: compileEvent(mapping) };
}

function compileEvent(mapping: Mapping): CompiledMapping['toEvent'] {
  const partsOf = compileParts(mapping, compilePath);
  return (record, { tag, time, externalId }, problems) => {
    const { eventClass, eventName, severity, extension } = partsOf(record, problems);
    return { eventClass, eventName, severity, extension, record, tag, time, externalId };
  };
}
