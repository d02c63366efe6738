import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who paused a destination, and when (ISO 8601). */
export interface Pause {
  readonly by: string;
  readonly since: string;
}

interface State {
  readonly version: 1;
  readonly paused: Readonly<Record<string, Pause>>;
}

/**
 * Which destinations are paused, kept in a file so that it survives a restart. The file is replaced as a
 * whole: half a file is never read.
 */
export class Pauses {
  readonly #file: string;
  readonly #paused = new Map<string, Pause>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Reads the file. One that can't be understood is set aside, with `.unreadable` behind its name: then nothing is
   * paused, and nothing is lost by that.
   *
   * @param onUnreadable gets why; for the log
   */
  static async open(file: string, onUnreadable: (reason: string) => void): Promise<Pauses> {
    const pauses = new Pauses(file);
    try {
      const state = JSON.parse(await readFile(file, 'utf8')) as State;
      for (const [name, { by, since }] of Object.entries(state.paused)) {
        if (typeof by !== 'string' || typeof since !== 'string') throw new SyntaxError('no state of ours');
        pauses.#paused.set(name, { by, since });
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        onUnreadable((error as Error).message);
        pauses.#paused.clear();
        await rename(file, `${file}.unreadable`).catch(() => {});
      }
    }
    return pauses;
  }

  get(name: string): Pause | undefined {
    return this.#paused.get(name);
  }

  /** @throws NodeJS.ErrnoException when the file can't be written; nothing is changed then */
  async pause(name: string, pause: Pause): Promise<void> {
    await this.#change(name, this.#paused.get(name) ?? pause);
  }

  /** @throws NodeJS.ErrnoException when the file can't be written; nothing is changed then */
  async resume(name: string): Promise<void> {
    await this.#change(name, undefined);
  }

  /** One change after the other, each in the file before it counts. */
  #change(name: string, pause: Pause | undefined): Promise<void> {
    const change = this.#writing.then(async () => {
      const changed = new Map(this.#paused);
      if (pause) changed.set(name, pause);
      else changed.delete(name);
      await this.#write({ version: 1, paused: Object.fromEntries(changed) });
      if (pause) this.#paused.set(name, pause);
      else this.#paused.delete(name);
    });
    this.#writing = change.catch(() => {});
    return change;
  }

  async #write(state: State): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(fresh, this.#file);
  }
}
