import type { EventBuffer } from '../fluent/event-buffer.ts';
import { withoutConstantPrefix } from '../mapping/constant.ts';
import {
  bodyWindow,
  ends,
  type Image,
  lineEnd,
  memory,
  run,
  sizes,
  unlessBroken,
  type Words,
} from './assembly.ts';
import type { DirectFormat } from './event-writer.ts';
import { KeyTable, type Slot } from './key-table.ts';
import { putPlace, putSource } from './layout.ts';
import { lines, type Program } from './program.ts';
import type { Place, Source } from './source.ts';

/** What a run goes by; see assembly/run.ts. */
export interface PlanParts {
  readonly ids: readonly Source[];
  /** For each id its mappings, in the order they are tried. */
  readonly known: ReadonlyMap<string, readonly Chosen[]>;
  readonly other: readonly Chosen[];
  readonly time: Source;
  readonly externalId: Source;
  readonly format: DirectFormat;
}

/** A mapping, as far as it is chosen. */
export interface Chosen {
  readonly exclude: boolean;
  /** Of the prefilter; undefined when that takes decoded values. */
  readonly conditions: readonly ChosenBy[] | undefined;
  readonly program: Program | undefined;
}

/** A condition of a prefilter. */
export interface ChosenBy {
  readonly place: Place;
  readonly anyOf: readonly string[];
}

/** Each program, and where it is counted. */
export type Counted = readonly { readonly program: Program; readonly place: number }[];

/** Words of a plan. */
const countAt = 8;
const mayPassAt = 9;
const passedAt = 10;
/** No address. */
const broken = 0;
/** What is near the end of a window or of the lines' memory may go on behind it. */
const near = 2 ** 16;

/** Maps records one after the other in WebAssembly, as long as they have nothing unusual. */
export class Run {
  /** Records that the last `map` passed over. */
  passed = 0;
  readonly #fields: Words;
  readonly #format: DirectFormat;

  /**
   * @param table of all keys
   * @throws ImageFull
   */
  constructor(
    { ids, known, other, time, externalId, format }: PlanParts,
    table: KeyTable,
    logSlot: Slot,
    image: Image,
  ) {
    const names = [...known.keys()].filter((id) => withoutConstantPrefix(id) === id);
    const wanted = names.map((key, slot) => ({ key, slot, below: [] }));
    const knownTable = new KeyTable(wanted, names.length, image);
    const choices = image.putWords(names.map((id) => putChoice(known.get(id)!, image)));
    const sources = image.putWords(ids.map((id) => putSource(id, image)));
    const byIds = image.putWords([
      ...[ids.length, sources.address, knownTable.address, choices.address],
      putChoice(other, image),
    ]);
    const read = [putSource(time, image), putSource(externalId, image)];
    const written = [ends.byteOffset, sizes.byteOffset, ends.length];
    this.#fields = image.putWords([table.address, logSlot, byIds.address, ...read, ...written, 0, 0, 0]);
    this.#format = format;
  }

  /**
   * Maps the entries of a body from an offset on. The image is loaded.
   *
   * @param mayPass records that no mapping is for and that may be passed over; `passed` tells how many there were
   * @returns the offset of the first entry that is to be mapped otherwise, or of the body's end
   */
  map(body: Buffer, offset: number, out: EventBuffer, mayPass: number): number {
    this.passed = 0;
    const { earliest, latest } = this.#format;
    const { address, now } = this.#fields;
    for (let at = offset; ; ) {
      const start = bodyWindow.open(body, at);
      const from = lines.begin(out);
      now[mayPassAt] = mayPass - this.passed;
      const next =
        unlessBroken(() => run(address, start, bodyWindow.end, from, lineEnd, earliest, latest), broken) >>>
        0;
      if (next === broken) return at;
      const count = now[countAt]!;
      for (let index = 0, begin = from; index < count; begin = ends[index++]!)
        out.addWritten(memory, begin, ends[index]!, sizes[index]!);
      if (count > 0) lines.end(ends[count - 1]!);
      this.passed += now[passedAt]!;
      at = bodyWindow.offsetOf(next);
      if (at >= body.length || count === 0) return at;
      const isWindowNearEnd = bodyWindow.end - next < near && bodyWindow.canMoveTo(at);
      const areLinesNearEnd = lineEnd - ends[count - 1]! < near;
      if (areLinesNearEnd) out.settle();
      if (isWindowNearEnd) bodyWindow.move(body, at);
      if (count < ends.length && !isWindowNearEnd && !areLinesNearEnd) return at;
    }
  }
}

/** Adds what programs have counted to what is counted. */
export function countHits(programs: Counted, counts: Float64Array): void {
  for (const { program, place } of programs) {
    const { hits } = program;
    counts[place]! += hits[0]!;
    hits[0] = 0;
  }
}

/** As assembly/choice.ts has it. */
function putChoice(mappings: readonly Chosen[], image: Image): number {
  const entries = mappings.flatMap(({ exclude, conditions, program }) => {
    // One whose conditions can't be told is one that nothing is known of.
    if (!conditions) return [0, 0, 0, 0];
    const words = conditions.flatMap(({ place, anyOf }) => {
      const texts = anyOf.map((text) => Buffer.from(text));
      const list = image.putWords(texts.flatMap((text) => [image.put(text), text.length]));
      return [putPlace(place, image), texts.length, list.address];
    });
    return [conditions.length, image.putWords(words).address, exclude ? 1 : 0, program?.address ?? 0];
  });
  return image.putWords([mappings.length, image.putWords(entries).address]).address;
}
