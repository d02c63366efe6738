import { expect } from 'vitest';
import { MappingHits } from '../../plugin/compile/hits.ts';
import { compileKind, compileMapper } from '../../plugin/compile/mapper.ts';
import type { CompiledDestination } from '../../plugin/delivery/destination.ts';
import { renderBody } from '../../plugin/delivery/render-body.ts';
import { compileDirect } from '../../plugin/direct/direct-mapper.ts';
import type { DirectOutcome } from '../../plugin/direct/direct-set.ts';
import { BodyError } from '../../plugin/fluent/entry.ts';
import { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { formats } from '../../plugin/format/index.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import type { DestinationSettings } from '../../plugin/mapping/settings.ts';
import { now } from '../fluent/samples.ts';
import { destination } from '../helpers.ts';

/** A destination whose records all go over objects, and the same with the direct path. */
export interface Twins {
  readonly objects: CompiledDestination;
  readonly direct: CompiledDestination;
}

/** @param format and settings, as destinations.yaml has them */
export function twins(sets: readonly MappingSet[], format: string): Twins {
  const { batch, ...rest } = destination(format);
  // A request that no two events fit in: the bytes of each are counted one by one.
  const settings: DestinationSettings = { ...rest, batch: { ...batch, bytes: 1 } };
  const make = (isDirect: boolean): CompiledDestination => {
    const render = formats.get(settings.format)!.compile(settings);
    const hits = new MappingHits(sets);
    const direct = isDirect ? compileDirect(sets, settings, hits)! : undefined;
    const map = compileMapper(sets, hits);
    return { settings, map, direct, hits, kind: compileKind(sets), render, digest: '' };
  };
  return { objects: make(false), direct: make(true) };
}

/** All that a body becomes, or why it becomes nothing. */
export function resultOf(destination: CompiledDestination, body: Buffer, tag: string): unknown {
  try {
    const { events, deadLetters, tally: all, unmapped } = renderBody(destination, body, now, tag);
    // In which the two ways are to differ.
    const { decodedEvents: _, ...tally } = all;
    const texts = (buffer: EventBuffer): string[] =>
      Array.from({ length: buffer.count }, (_, index) => buffer.slice(index).toString('latin1'));
    return {
      events: texts(events),
      sizes: [...events.sizes],
      deadLetters: texts(deadLetters),
      tally,
      unmapped,
    };
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    return { offset: error.offset, message: error.message };
  }
}

export function expectSame({ objects, direct }: Twins, body: Buffer, tag = ''): void {
  expect(resultOf(direct, body, tag)).toEqual(resultOf(objects, body, tag));
  expect(direct.hits!.counts).toEqual(objects.hits!.counts);
}

/** How many of the records of a body, all of which are mapped, were not mapped in WebAssembly's own loop. */
export function alone({ direct }: Twins, body: Buffer, tag = ''): number {
  const out = new EventBuffer();
  let count = 0;
  for (let at = 0; at < body.length; count++) {
    at = direct.direct!.run(body, at, tag, out, 0);
    if (at === body.length) break;
    expect(direct.direct!.map(body, at, tag, out)).toBe('mapped');
    at = direct.direct!.end;
  }
  return count;
}

/** How many of the records took the objects path, or decoded values. */
export function leftOf(pair: Twins, bodies: readonly Buffer[], tag: string): number {
  const before = pair.direct.direct!.decodedEvents;
  const unfit = outcomesOf(pair, bodies, tag).get('unfit') ?? 0;
  return unfit + pair.direct.direct!.decodedEvents - before;
}

/** What became of each record on the direct path. */
export function outcomesOf(
  { direct }: Twins,
  bodies: readonly Buffer[],
  tag: string,
): Map<DirectOutcome, number> {
  const outcomes = new Map<DirectOutcome, number>();
  for (const body of bodies) {
    const outcome = direct.direct!.map(body, 0, tag, new EventBuffer());
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}
