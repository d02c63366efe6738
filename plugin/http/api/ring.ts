/** The last so many numbers, in memory that is taken once. */
export class Ring {
  readonly #values: Float64Array;
  #count = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  /** @param value null where there is none */
  add(value: number | null): void {
    this.#values[this.#count++ % this.#values.length] = value ?? Number.NaN;
  }

  /** The oldest first; @param most of the newest ones */
  values(most = this.#values.length): (number | null)[] {
    const { length } = this.#values;
    const count = Math.min(this.#count, length, most);
    return Array.from({ length: count }, (_, index) => {
      const value = this.#values[(this.#count - count + index) % length]!;
      return Number.isNaN(value) ? null : value;
    });
  }
}
