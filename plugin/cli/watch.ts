import { stat } from 'node:fs/promises';
import { glob } from 'tinyglobby';
import { globOptions, type Seen, stampOf } from './config-files.ts';

/** Milliseconds between two looks. */
const every = 1000;
/** Looks after which files that never come to rest are read all the same. */
const mostUnsettled = 5;

/**
 * Looks at the same files and patterns again.
 *
 * @param folder of the patterns
 */
export async function look({ stamps, found }: Seen, folder: string): Promise<Seen> {
  const paths = Object.keys(stamps);
  const patterns = Object.keys(found);
  const newStamps = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(stampOf, (error: NodeJS.ErrnoException) => String(error.code)),
    ),
  );
  const newFound = await Promise.all(
    patterns.map(async (pattern) => (await glob(pattern, globOptions(folder))).sort()),
  );
  return {
    stamps: Object.fromEntries(paths.map((path, index) => [path, newStamps[index]!])),
    found: Object.fromEntries(patterns.map((pattern, index) => [pattern, newFound[index]!])),
  };
}

/**
 * Looks every second whether files have changed, and tells it when they are the same for a second look: an editor, a copy
 * or a deployment writes in several steps. Looking is what works everywhere: with files that are renamed over one
 * another, with the links a Kubernetes ConfigMap is exchanged by, over NFS and in containers, where a watch of the
 * system's follows the old inode, or hears nothing; and a few dozen calls of stat(2) a second cost nothing.
 *
 * @param expected what the last load saw
 * @param changed must make `expected` be what it sees now
 * @returns what ends it
 */
export function watch(
  expected: () => Seen,
  folder: string,
  changed: () => Promise<void>,
  interval: number = every,
): () => void {
  let isStopped = false;
  let before = '';
  let unsettled = 0;
  let timer = setTimeout(tick, interval);

  async function tick(): Promise<void> {
    try {
      const now = same(await look(expected(), folder));
      if (now === same(expected())) unsettled = 0;
      else if (now === before || ++unsettled >= mostUnsettled) {
        unsettled = 0;
        await changed();
      }
      before = now;
    } finally {
      if (!isStopped) timer = setTimeout(tick, interval);
    }
  }

  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

function same({ stamps, found }: Seen): string {
  return JSON.stringify([Object.entries(stamps).sort(), Object.entries(found).sort()]);
}
