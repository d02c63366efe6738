import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';

/** What was read, for a process that is to read the same, and for who watches whether it changes. */
export interface Snapshot {
  /** By absolute path: the text, or why there is none. */
  readonly texts: Readonly<Record<string, { text: string } | { code: string; message: string }>>;
  /** By pattern: the absolute paths it found. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/**
 * The files of a configuration as one load sees them: each is read once, and remembered. Made of a snapshot they are
 * those of another load, whatever has become of them since.
 */
export class ConfigFiles {
  readonly #texts: Record<string, Snapshot['texts'][string]>;
  readonly #found: Record<string, readonly string[]>;

  constructor(snapshot: Snapshot = { texts: {}, found: {} }) {
    this.#texts = { ...snapshot.texts };
    this.#found = { ...snapshot.found };
  }

  get snapshot(): Snapshot {
    return { texts: this.#texts, found: this.#found };
  }

  /** @throws NodeJS.ErrnoException */
  read(path: string): string {
    this.#texts[path] ??= readFromDisk(path);
    const read = this.#texts[path];
    if ('text' in read) return read.text;
    throw Object.assign(new Error(read.message), { code: read.code });
  }

  tryRead(path: string): string | undefined {
    try {
      return this.read(path);
    } catch {
      return undefined;
    }
  }

  /** @returns the files that match, absolute and in order */
  find(pattern: string, folder: string): readonly string[] {
    this.#found[pattern] ??= globSync(pattern, globOptions(folder)).sort();
    return this.#found[pattern];
  }
}

/** How a pattern of a configuration in that folder is meant. */
export function globOptions(cwd: string): {
  cwd: string;
  absolute: true;
  expandDirectories: false;
  onlyFiles: true;
} {
  return { cwd, absolute: true, expandDirectories: false, onlyFiles: true };
}

/** Tells whether two loads read the same; it stays inside, for it is of secrets as well. */
export function fingerprint(snapshot: Snapshot): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('hex');
}

function readFromDisk(path: string): Snapshot['texts'][string] {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}
