import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Configuration } from '../configuration.ts';
import { type Check, Checks, patience } from './check.ts';

const run = promisify(execFile);

/** Where packages put it, when it is not on PATH. */
const packaged = '/opt/fluent-bit/bin/fluent-bit';

/** What is known of versions: said of all before the second number. docs/delivery.md has it all. */
const limits: readonly (readonly [since: number, before: number, what: string])[] = [
  [0, 2, 'it refuses net.io_timeout: a receiver that never answers may hold a chunk for ever'],
  [
    0,
    5,
    'versions between 1.8 and 5 are not tested; 1.8 loses acknowledged records on a full disk, unless forward.storage_path is set',
  ],
  [0, 2, '1.8 loses what waits beyond storage.max_chunks_up'],
  [0, 4, 'beyond 2,048 chunks that are being retried every other output stands still'],
];

/** A Fluent Bit that was found, and what was seen of it. */
export interface Binary {
  readonly path: string;
  /** Major and minor, as 5.1. */
  readonly version: number;
}

/**
 * The Fluent Bit of this machine.
 *
 * @param given a path; without it FLUENT_BIT, then PATH, then where packages put it
 */
export function findBinary(
  given: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const named = given ?? (environment.FLUENT_BIT || undefined);
  if (named !== undefined) return named;
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders.map((folder) => join(folder, 'fluent-bit')), packaged].find((path) => existsSync(path));
}

/** Asks it for its version. */
export async function checkBinary(path: string | undefined): Promise<{ binary?: Binary; checks: Check[] }> {
  const checks = new Checks('fluent-bit');
  if (path === undefined) {
    checks.add('skipped', 'there is none on PATH', 'name it with --binary, or set FLUENT_BIT');
    return { checks: checks.all };
  }
  let text: string;
  try {
    text = (await run(path, ['--version'], { timeout: patience })).stdout;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    checks.add(
      'error',
      `${path} does not run: ${code ?? message.split('\n', 1)[0]}`,
      'name another with --binary',
    );
    return { checks: checks.all };
  }
  const [, whole, major, minor, patch] = /Fluent Bit v?((\d+)\.(\d+)\.(\d+))/.exec(text) ?? [];
  if (whole === undefined) {
    checks.add('error', `${path} is no Fluent Bit`, 'name another with --binary');
    return { checks: checks.all };
  }
  const version = Number(`${major}.${minor}`);
  const isTooOld =
    Number(major) < 1 || (major === '1' && (Number(minor) < 8 || (minor === '8' && Number(patch) < 15)));
  if (isTooOld) checks.add('error', `version ${whole} is too old`, 'use 1.8.15, or better 5.x');
  else {
    checks.add('ok', `version ${whole}, ${path}`);
    for (const [since, before, what] of limits)
      if (version >= since && version < before) checks.add('warning', `${whole}: ${what}`, 'use 5.x');
  }
  return { binary: { path, version }, checks: checks.all };
}

/** Has it read a configuration: it knows which keys its plugins have, since 4.2. */
export async function checkDryRun(
  { path, version }: Binary,
  { file, isYaml }: Configuration,
): Promise<Check[]> {
  const checks = new Checks(file);
  if (isYaml && version < 3.2) {
    checks.add('error', 'YAML needs Fluent Bit 3.2 or later', 'use the classic form, or a later version');
    return checks.all;
  }
  try {
    await run(path, ['--dry-run', '-c', file], { timeout: patience });
    checks.add('ok', 'fluent-bit --dry-run takes it');
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      killed,
    } = error as { stdout?: string; stderr?: string; killed?: boolean };
    const said = `${stdout}\n${stderr}`.split('\n').find((line) => /\[\s*error\]|^Error/i.test(line));
    if (killed) checks.add('skipped', `fluent-bit --dry-run took longer than ${patience} ms`);
    else {
      // The allowed ones are all there is; the property is what helps.
      const words = (said ?? 'no reason given')
        .replace(/^.*\[\s*error\] /, '')
        .split('. The following', 1)[0]!;
      checks.add('error', `fluent-bit --dry-run refuses it: ${words.slice(0, 300)}`, 'correct the key');
    }
  }
  return checks.all;
}
