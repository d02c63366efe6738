import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import type { FluentBit } from '../fluent-bit.ts';
import { type Check, Checks } from './check.ts';

/** Below this much free, in bytes, or in parts of the disk, it is said. */
const leastBytes = 1e9;
const leastShare = 0.05;

/** The folders Fluent Bit keeps records in: whether they are there, and what is left on the disk. */
export function checkDisks(processes: readonly FluentBit[]): Check[] {
  const folders = new Map<string, string>();
  for (const { service, outputs } of processes) {
    const storage = service.value('storage.path');
    if (storage !== undefined) folders.set(storage, 'storage.path');
    for (const output of outputs) {
      const path = output.plugin === 'file' ? output.value('path') : undefined;
      if (path !== undefined) folders.set(path, 'Path of [OUTPUT] file');
    }
  }
  return [...folders].flatMap(([path, what]) => checkFolder(path, what));
}

function checkFolder(path: string, what: string): Check[] {
  const checks = new Checks('disk');
  try {
    if (!statSync(path).isDirectory()) throw new Error('no folder');
  } catch {
    // out_file gives a chunk up when it can't open its file; storage.path Fluent Bit makes itself where it may.
    checks.add(
      'error',
      `there is no folder ${path} (${what})`,
      `mkdir -p ${path}, for the user Fluent Bit runs as`,
    );
    return checks.all;
  }
  try {
    accessSync(path, constants.W_OK);
  } catch {
    checks.add('skipped', `${path} is not ours to write: see that Fluent Bit's user may`);
  }
  const { bavail, blocks, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const said = `${path} has ${(free / 1e9).toFixed(1)} GB free`;
  if (free < leastBytes || bavail < blocks * leastShare)
    checks.add('warning', said, 'make room: on a full disk records are lost or refused (docs/delivery.md)');
  else checks.add('ok', said);
  return checks.all;
}
