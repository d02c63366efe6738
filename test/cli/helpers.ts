import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../../plugin/cli/package-root.ts';

const main = join(packageRoot, 'dist', 'main.js');
// `npm test` compiles before; this is for a single file run by hand in a fresh clone.
if (!existsSync(main)) execFileSync('npm', ['run', '-s', 'build'], { cwd: packageRoot });

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line; the environment has nothing of the person's who runs the tests. */
export function start(cwd: string, args: string[], environment: Record<string, string> = {}): Child {
  const env = { PATH: process.env.PATH ?? '', ...environment };
  return spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs the command line to its end. */
export async function run(
  cwd: string,
  args: string[],
  input: string | Buffer = '',
  environment: Record<string, string> = {},
): Promise<Result> {
  const child = start(cwd, args, environment);
  // It may end without having read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return ended(child);
}

/** What a child wrote until it ended. */
export async function ended(child: Child): Promise<Result> {
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (part: Buffer) => parts[name].push(part));
  }
  const [code] = await once(child, 'close');
  return {
    code,
    stdout: Buffer.concat(parts.stdout).toString(),
    stderr: Buffer.concat(parts.stderr).toString(),
  };
}

/** A folder with these files. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));

  constructor(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A login becomes an event, a heartbeat is filtered out, anything else is unmapped. */
const audit = `match: audit
mappings:
  - id: login
    map: { eventClass: Auth, eventName: login, severity: 3, extension: { suser: $user } }
  - id: heartbeat
    prefilter: { exclude: true }
    map: { eventClass: None, eventName: none, severity: 0 }
`;

/** Mappings and destinations without a mistake: `arcsight` in CEF, `archive` in JSON. */
export const files = {
  'mappings/audit.yaml': audit,
  'mappings/destinations.yaml': `destinations:
  arcsight:
    format: cef
    device: { vendor: FileCloud, product: FileCloud, version: '23.1' }
    mappings: [audit.yaml]
  archive:
    format: json
    unmapped: pass
    mappings: [audit.yaml]
`,
};

/** The CEF line of a login, with a time of its own where there is one. */
export const cefLine = (user: string): string =>
  `CEF:0|FileCloud|FileCloud|23.1|Auth|login|3|rt=0 suser=${user}`;

/** Lines of an output, with the time at which a record came made 0: every run has another. */
export function linesOf(text: string): string[] {
  return text
    .replace(/\brt=\d+/g, 'rt=0')
    .split('\n')
    .filter((line) => line !== '');
}
