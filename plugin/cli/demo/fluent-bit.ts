import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../package-root.ts';

/** What differs from the shipped configuration: `[key, shipped value, value here]`; '*' stands for any value. */
export type Change = readonly [key: string, from: string, to: string];

/** Seconds instead of minutes. */
export const shortened: readonly Change[] = [
  ['Flush', '60', '1'],
  ['scheduler.base', '59', '1'],
  ['scheduler.cap', '59', '1'],
];

/**
 * Copies the shipped Fluent Bit configuration into a folder, with other paths and some values changed. It
 * is the shipped one otherwise, so what runs on the copy shows that the shipped one works.
 *
 * @param folder gets the configuration and, under `var/`, what the shipped one keeps under /var/lib
 * @throws Error when a change finds nothing to change
 */
export function copyConfiguration(folder: string, changes: readonly Change[]): void {
  const isConfiguration = (name: string): boolean => name.startsWith('fluent-bit') && !name.endsWith('.md');
  for (const name of readdirSync(packageRoot).filter(isConfiguration))
    cpSync(join(packageRoot, name), join(folder, name));
  for (const name of ['inputs', 'outputs'])
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true });
  for (const name of ['var/delivery', 'var/dead-letters', 'logs'])
    mkdirSync(join(folder, name), { recursive: true });

  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.conf'),
  );
  const unused = new Set(changes);
  for (const name of files) {
    const path = join(folder, name);
    let text = readFileSync(path, 'utf8')
      .replaceAll('/var/lib/fluent-bit-siem', join(folder, 'var'))
      .replaceAll('/var/log/filecloud', join(folder, 'logs'));
    for (const change of changes) {
      const [key, from, to] = change;
      const quoted = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const line = new RegExp(`^(\\s+${quoted(key)}\\s+)${from === '*' ? '.*' : quoted(from)}$`, 'gim');
      if (line.test(text)) unused.delete(change);
      text = text.replace(line, (_whole, start: string) => start + to);
    }
    writeFileSync(path, text);
  }
  const [missing] = unused;
  if (missing)
    throw new Error(`the shipped configuration has no line '${missing[0]} ${missing[1]}' to change`);
}

/**
 * The Fluent Bit to run: FLUENT_BIT, else the one on PATH; in a checkout, else the one that tests build.
 *
 * @throws Error that says what is missing
 */
export async function findFluentBit(log: (line: string) => void): Promise<string> {
  const builder = join(packageRoot, 'test', 'setup', 'fluent-bit.mjs');
  if (existsSync(builder)) {
    const { findFluentBit: find } = await import(pathToFileURL(builder).href);
    return (await find({ log })).path;
  }
  const { FLUENT_BIT, PATH = '' } = process.env;
  const candidates = FLUENT_BIT ? [FLUENT_BIT] : PATH.split(':').map((folder) => join(folder, 'fluent-bit'));
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    FLUENT_BIT
      ? `FLUENT_BIT=${FLUENT_BIT} does not exist`
      : 'there is no fluent-bit on PATH: install it, or set FLUENT_BIT to its path',
  );
}

/** A child process that can always be stopped, by its process id, and whose output is kept for a report. */
export class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
  /** The end of what it printed. */
  output = '';

  constructor(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    folder?: string,
  ) {
    this.process = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (bytes: Buffer): void => {
      this.output = (this.output + bytes.toString('utf8')).slice(-20_000);
    };
    this.process.stdout!.on('data', keep);
    this.process.stderr!.on('data', keep);
    this.exited = new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.once('error', (error) => {
        this.output += error.message;
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return (
      this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null
    );
  }

  /** Sends a signal and waits until the process is gone; after 15 s it is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    this.process.kill(signal);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 15_000);
    await this.exited;
    clearTimeout(timer);
  }
}

/** Starts Fluent Bit on a configuration file. */
export function startFluentBit(
  binary: string,
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Child {
  // 1.8 looks for an included file in the working directory before it looks beside the configuration.
  return new Child(binary, ['-c', config], environment, dirname(config));
}
