import { keysOf, type MappingHits } from '../compile/hits.ts';

/** Kinds of records that nothing maps; more are not told apart. */
const mostKinds = 100;
const longestPart = 100;

export type Amounts = Readonly<Record<string, number>>;

/** What a destination's mappings have matched, and which records none did; over changes of the configuration. */
export class MappedCounts {
  readonly #byMapping = new Map<string, number>();
  readonly #unmapped = new Map<string, number>();

  /** Takes over what was counted since the last time. */
  take({ mappings, counts }: MappingHits): void {
    for (const [place, key] of keysOf(mappings).entries()) {
      const count = counts[place]!;
      if (count > 0) add(this.#byMapping, key, count);
    }
    counts.fill(0);
  }

  /** Counts records of one kind, by `kindOf`. */
  addUnmapped(kind: string, amount: number): void {
    if (this.#unmapped.has(kind) || this.#unmapped.size < mostKinds) add(this.#unmapped, kind, amount);
  }

  /** @param key by `keysOf` */
  of(key: string): number {
    return this.#byMapping.get(key) ?? 0;
  }

  /** The most frequent first. */
  get unmapped(): { readonly tag: string; readonly id: string; readonly count: number }[] {
    return [...this.#unmapped]
      .sort(([, a], [, b]) => b - a)
      .map(([kind, count]) => {
        const [tag, id] = JSON.parse(kind) as [string, string];
        return { tag, id, count };
      });
  }

  /** What was counted since the last time, to be added up in another process; undefined for nothing. */
  drain(): { readonly byMapping: Amounts; readonly unmapped: Amounts } | undefined {
    if (this.#byMapping.size === 0 && this.#unmapped.size === 0) return undefined;
    const drained = {
      byMapping: Object.fromEntries(this.#byMapping),
      unmapped: Object.fromEntries(this.#unmapped),
    };
    this.#byMapping.clear();
    this.#unmapped.clear();
    return drained;
  }

  /** Adds what another process has counted. */
  add({ byMapping, unmapped }: { readonly byMapping: Amounts; readonly unmapped: Amounts }): void {
    for (const [key, count] of Object.entries(byMapping)) add(this.#byMapping, key, count);
    for (const [kind, count] of Object.entries(unmapped)) this.addUnmapped(kind, count);
  }
}

/** A kind of records: their tag, and what `id` is compared with. */
export function kindOf(tag: string, id: string): string {
  return JSON.stringify([tag.slice(0, longestPart), id.slice(0, longestPart)]);
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
