import { statfsSync } from 'node:fs';

/** Where a Fluent Bit on this machine keeps what it acknowledged. */
export interface StorageSettings {
  /** Its `storage.path`. */
  readonly path: string;
  /** Bytes that are to stay free there. */
  readonly free: number;
}

/** Milliseconds for which one look holds. */
const holdsFor = 1000;
/** Each batch is a file; some file systems have room for a number of them. */
const leastFiles = 1000;

/**
 * Whether Fluent Bit has room for what it is sent. 1.8 acknowledges what it could not write on a full disk, so that it
 * must not be asked.
 */
export class StorageRoom {
  readonly #settings: StorageSettings;
  /** By `performance.now()`. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;

  constructor(settings: StorageSettings) {
    this.#settings = settings;
  }

  /** Why nothing is to be sent, for people; undefined when there is room. */
  get problem(): string | undefined {
    const now = performance.now();
    if (now - this.#lookedAt < holdsFor) return this.#problem;
    this.#lookedAt = now;
    this.#problem = this.#look();
    return this.#problem;
  }

  #look(): string | undefined {
    const { path, free } = this.#settings;
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    try {
      const { bavail, bsize, files, ffree } = statfsSync(path);
      if (bavail * bsize < free)
        return `${path} has ${megabytes(bavail * bsize)} free, and ${megabytes(free)} are to stay free`;
      return files > 0 && ffree < leastFiles ? `${path} has room for ${ffree} more files` : undefined;
    } catch (error) {
      return `${path} can't be looked at: ${(error as NodeJS.ErrnoException).code}`;
    }
  }
}
