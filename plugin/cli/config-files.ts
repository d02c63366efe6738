import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { globSync } from 'tinyglobby';

/** What was read, for a process that is to read the same, and for who watches whether it changes. */
export interface Snapshot {
  /** By absolute path: the text, or why there is none. */
  readonly texts: Readonly<Record<string, { text: string } | { code: string; message: string }>>;
  /** By pattern: the absolute paths it found. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** How the same looked from outside, just before it was read. */
export interface Seen {
  /** By absolute path. */
  readonly stamps: Readonly<Record<string, string>>;
  readonly found: Snapshot['found'];
}

/**
 * The files of a configuration as one load sees them: each is read once, and remembered. Made of a snapshot they are
 * those of another load, whatever has become of them since.
 */
export class ConfigFiles {
  readonly #texts: Record<string, Snapshot['texts'][string]>;
  readonly #found: Record<string, readonly string[]>;
  readonly #stamps: Record<string, string> = {};

  constructor(snapshot: Snapshot = { texts: {}, found: {} }) {
    this.#texts = { ...snapshot.texts };
    this.#found = { ...snapshot.found };
  }

  get snapshot(): Snapshot {
    return { texts: this.#texts, found: this.#found };
  }

  get seen(): Seen {
    return { stamps: this.#stamps, found: this.#found };
  }

  /** @throws NodeJS.ErrnoException */
  read(path: string): string {
    const read = this.#texts[path] ?? this.#readFromDisk(path);
    this.#texts[path] = read;
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

  #readFromDisk(path: string): Snapshot['texts'][string] {
    try {
      // Before: what changes while it is read looks changed.
      this.#stamps[path] = stampOf(statSync(path, { bigint: true }));
      return { text: readFileSync(path, 'utf8') };
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      this.#stamps[path] ??= code;
      return { code, message };
    }
  }
}

/** What a file that was written or replaced has another one of. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
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
