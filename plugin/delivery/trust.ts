/** So many records refused, and none taken, by a SIEM that is not trusted: the configuration is at fault. */
const suspicious = 8;
const trustedFor = 3;
const mostSuspects = 1000;

/**
 * Whom to believe when a SIEM refuses a batch whole. One that takes other batches is trusted: the records are at fault.
 * One that never took any, or none of the last few, has something wrong with it, and the records must be kept.
 */
export class Trust {
  /** Epoch milliseconds of the last request that the SIEM took something of. */
  lastSuccess: number | undefined;
  /** Batches in a row of which the SIEM refused every record. */
  #refusedInARow = 0;
  /** Tags of such batches, while it is not known whether they or the SIEM are at fault. */
  readonly #suspects = new Set<string>();

  /** Whether what the SIEM refuses is at fault, and not the SIEM. */
  get isGiven(): boolean {
    return this.lastSuccess !== undefined && this.#refusedInARow < trustedFor;
  }

  /** The SIEM took something. @param now epoch milliseconds */
  took(now: number): void {
    this.lastSuccess = now;
    this.#refusedInARow = 0;
    this.#suspects.clear();
  }

  /** The SIEM refused a batch whole, and was believed. */
  refusedWhole(): void {
    this.#refusedInARow++;
  }

  /** Whether to stop asking, for so many records of a batch were refused and none taken. */
  isEnough(refused: number): boolean {
    return refused >= suspicious && !this.isGiven;
  }

  suspect(tag: string): void {
    if (this.#suspects.size >= mostSuspects) this.#suspects.clear();
    this.#suspects.add(tag);
  }

  isSuspect(tag: string): boolean {
    return this.#suspects.has(tag);
  }
}
