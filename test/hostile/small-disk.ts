import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Root may mount; others where they may have a user namespace. Either way nobody else sees it, and it goes with the process. */
const namespaces = [
  ['unshare', '--mount'],
  ['unshare', '--user', '--mount', '--map-root-user'],
];

/**
 * A command that runs another with a file system of its own over a folder.
 *
 * @param folder relative to the working directory, or absolute
 * @returns undefined where nobody may mount
 */
export function withSmallDisk(folder: string, megabytes: number): readonly string[] | undefined {
  const script = (at: string): string => `mount -t tmpfs -o size=${megabytes}m tmpfs ${at} && exec "$@"`;
  const may = namespaces.find(
    ([command, ...flags]) =>
      spawnSync(command!, [...flags, 'sh', '-c', script('/mnt'), 'sh', 'true']).status === 0,
  );
  return may && [...may, 'sh', '-c', script(folder), 'sh'];
}

/** The disk of a process that `withSmallDisk` runs, seen from outside. */
export class SmallDisk {
  /** The folder it is over. */
  readonly path: string;

  constructor(pid: number, folder: string) {
    this.path = join('/proc', String(pid), 'root', folder);
  }

  /** Takes the room there is. @param leave bytes of it that stay */
  fill(leave = 0): void {
    const file = openSync(this.#filler, 'a');
    const left = (): number => {
      const { bavail, bsize } = statfsSync(this.path);
      return bavail * bsize;
    };
    try {
      while (leave === 0 || left() > leave) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives it back. */
  makeRoom(): void {
    rmSync(this.#filler);
  }

  get #filler(): string {
    return join(this.path, 'filler');
  }
}
