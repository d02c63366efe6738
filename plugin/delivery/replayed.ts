import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The oldest are forgotten. */
const most = 10_000;

/**
 * Which dead letters were put back on their way, and when: the file of letters is Fluent Bit's, and stays as it is. Kept
 * in a file of its own, so that a restart makes nobody send them twice.
 */
export class Replayed {
  readonly #file: string;
  readonly #times = new Map<string, string>();
  #reading: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file, once; without one, or with one that can't be understood, none was. */
  async ready(): Promise<void> {
    this.#reading ??= this.#read();
    await this.#reading;
  }

  /** When a letter was sent again, ISO 8601. To be asked when `ready`. */
  timeOf(id: string): string | undefined {
    return this.#times.get(id);
  }

  /** @throws NodeJS.ErrnoException when it can't be written; until a restart it is known all the same */
  async add(ids: readonly string[], time: string): Promise<void> {
    for (const id of ids) this.#times.set(id, time);
    for (const id of this.#times.keys()) {
      if (this.#times.size <= most) break;
      this.#times.delete(id);
    }
    const text = JSON.stringify({ version: 1, replayed: Object.fromEntries(this.#times) });
    const write = this.#writing.then(() => this.#write(text));
    this.#writing = write.catch(() => {});
    await write;
  }

  async #read(): Promise<void> {
    try {
      const { replayed } = JSON.parse(await readFile(this.#file, 'utf8')) as {
        replayed: Record<string, string>;
      };
      for (const [id, time] of Object.entries(replayed)) this.#times.set(id, String(time));
    } catch {
      // The worst that comes of it is that a letter is offered again.
    }
  }

  async #write(text: string): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, text, { mode: 0o600, flush: true });
    await rename(fresh, this.#file);
  }
}
