import type { Mapping, MappingSet } from '../mapping/model.ts';

/**
 * How many records each mapping of a destination has matched: took, or filtered out. An array by the mapping's place, for
 * it is counted with every record. What a repeated request repeats counts again.
 */
export class MappingHits {
  /** In the order they are tried. */
  readonly mappings: readonly Mapping[];
  readonly counts: Float64Array;
  readonly #places: ReadonlyMap<Mapping, number>;

  constructor(sets: readonly MappingSet[]) {
    this.mappings = sets.flatMap((set) => set.mappings);
    this.counts = new Float64Array(this.mappings.length);
    this.#places = new Map(this.mappings.map((mapping, place) => [mapping, place]));
  }

  /** Where in `counts` a mapping is counted. */
  placeOf(mapping: Mapping): number {
    return this.#places.get(mapping)!;
  }
}

/**
 * What each mapping is called by: its file, its ids, and which one it is of those with the same. So it stays the same
 * when other lines of the file change.
 */
export function keysOf(mappings: readonly Mapping[]): string[] {
  const seen = new Map<string, number>();
  return mappings.map(({ file, ids }) => {
    const name = JSON.stringify([file, ids]);
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return `${name}${nth}`;
  });
}
