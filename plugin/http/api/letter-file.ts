import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type Letter, readLetter } from '../../delivery/letter.ts';

/** So much of the end of the file is looked at, in bytes, and so many letters are shown. */
const mostRead = 8_000_000;
const mostLetters = 100;

export interface KeptLetter extends Letter {
  /** The same for the same line. */
  readonly id: string;
}

/**
 * The newest dead letters of a file, the newest first.
 *
 * @param path of the file that `outputs/dead-letter.conf` writes
 * @param destination only its letters
 * @returns isAll: whether there are no more
 * @throws NodeJS.ErrnoException when the file can't be read
 */
export async function newestLetters(
  path: string,
  destination: string | undefined,
): Promise<{ letters: KeptLetter[]; isAll: boolean }> {
  const { text, isWhole } = await endOf(path);
  const lines = text.split('\n');
  // The first is the end of one, and the last may not be written to its end.
  if (!isWhole) lines.shift();
  const letters: KeptLetter[] = [];
  const seen = new Set<string>();
  for (const line of lines.reverse()) {
    if (line.trim() === '') continue;
    const letter = readLetter(line);
    if (typeof letter === 'string' || (destination !== undefined && letter.destination !== destination))
      continue;
    const id = createHash('sha256').update(line).digest('base64url').slice(0, 22);
    // Fluent Bit may write a chunk twice.
    if (seen.has(id)) continue;
    if (letters.length === mostLetters) return { letters, isAll: false };
    seen.add(id);
    letters.push({ ...letter, id });
  }
  return { letters, isAll: isWhole };
}

async function endOf(path: string): Promise<{ text: string; isWhole: boolean }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - mostRead);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return { text: buffer.toString('utf8', 0, bytesRead), isWhole: start === 0 };
  } finally {
    await file.close();
  }
}
