import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of a process that can be set while it runs, by libfaketime. The clock that nobody sets goes on as it is. */
export class SetClock {
  readonly #file: string;
  readonly #library: string;

  /** @param library as `findFaketime` gives it. @param folder for a file of its own */
  constructor(library: string, folder: string) {
    this.#library = library;
    this.#file = join(folder, 'clock');
    this.set(0);
  }

  /** Environment of the process. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** @param seconds from the right time; from its next look at the clock on */
  set(seconds: number): void {
    // In one step: half of a number is another one.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
