import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allCommands } from '../../plugin/cli/commands.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';

const commands = new Map((await allCommands()).map((command) => [command.name, command]));
const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
/** Of npm itself. */
const npm = new Set(['ci', 'install', 'pack', 'test', 'audit', 'publish', 'sbom', 'version', 'view']);

/** What is wrong with the commands of a shell block; nothing is run. */
export function problemsOfShell(text: string): string[] {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  if (status !== 0) return [stderr];
  return text
    .replaceAll('\\\n', ' ')
    .split(/\n|&&|\||;/)
    .flatMap((line) => [...problemsOfCommand(line), ...problemsOfNpm(line)]);
}

/** What is wrong with a call of `fluent-bit-siem`: no such command, no such option, no value. */
export function problemsOfCommand(line: string): string[] {
  const [, call] = /(?:^|[\s(/])fluent-bit-siem((?: .*)?)$/.exec(withoutComment(line)) ?? [];
  if (call === undefined) return [];
  // Not the service, but a folder or a unit of this name.
  if (
    !/^\s*(?:\S*\/|npx |npx --no |source <\(|sudo (?:-\S+ \S+ )?\S*\/?|)fluent-bit-siem\b/.test(line.trim())
  )
    return [];
  const [name = '', ...args] = wordsOf(call);
  if (/^(?:|--help|--version|COMMAND)$/.test(name)) return [];
  const command = commands.get(name);
  if (!command) return [`there is no command '${name}': ${line}`];
  try {
    parseArgs({
      args: args.filter((one) => one !== '--help'),
      options: command.options as Record<string, { type: 'string' }>,
      allowPositionals: command.operand !== undefined,
    });
  } catch (error) {
    return [`${(error as Error).message}: ${line}`];
  }
  return [];
}

function problemsOfNpm(line: string): string[] {
  const [, word, script] = /^\s*(?:sudo )?npm (?:--\S+ )*(\S+)(?: (?:--silent )?(\S+))?/.exec(line) ?? [];
  if (word === undefined || npm.has(word)) return [];
  if (word === 'run' && Object.hasOwn(scripts, script ?? '')) return [];
  return [`npm has no such script: ${line}`];
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '').trimEnd();
}

/** Words of a simple command line, up to where its output goes. */
function wordsOf(line: string): string[] {
  const [call = ''] = line.split(/\s[<>]|\s2>|\)$/);
  return [...call.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replaceAll(/^['"]|['"]$/g, ''));
}
