/** Counts how often each of the ids 0, 1, 2, ... was seen; a byte an id, so that millions cost megabytes. */
export class Ledger {
  /** How many ids were seen at all. */
  distinct = 0;
  /** How often one was seen that had been seen before. */
  repeats = 0;
  #counts = new Uint8Array(1 << 16);

  add(id: number): void {
    if (id >= this.#counts.length) {
      const larger = new Uint8Array(Math.max(id + 1, this.#counts.length * 2));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    const before = this.#counts[id]!;
    if (before === 0) this.distinct++;
    else this.repeats++;
    this.#counts[id] = Math.min(before + 1, 255);
  }

  has(id: number): boolean {
    return (this.#counts[id] ?? 0) > 0;
  }
}
