import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCommands } from '../../plugin/cli/commands.ts';
import { bashScript } from '../../plugin/cli/completion/bash.ts';
import { fishScript } from '../../plugin/cli/completion/fish.ts';
import { zshScript } from '../../plugin/cli/completion/zsh.ts';
import type { Command } from '../../plugin/cli/usage.ts';
import { Folder, run } from './helpers.ts';

let commands: readonly Command[];
let folder: Folder;
beforeAll(async () => {
  commands = await allCommands();
  folder = new Folder({
    'completion.bash': bashScript(commands),
    'completion.zsh': zshScript(commands),
    'completion.fish': fishScript(commands),
    'audit.ndjson': '',
  });
});
afterAll(() => folder.remove());

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', ':']).status === 0;

/** What bash would offer for the last word; 'files' when it leaves that to readline. */
function offeredByBash(...words: string[]): string[] {
  const line = ['fluent-bit-siem', ...words];
  const script = `compopt() { no_files=1; }
    . ./completion.bash
    COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _fluent_bit_siem
    printf '%s\\n' "\${COMPREPLY[@]}"
    [ -n "$no_files" ] || echo files`;
  const options = { cwd: folder.path, encoding: 'utf8' } as const;
  return execFileSync('bash', ['-c', script, 'bash', ...line], options)
    .split('\n')
    .filter(Boolean);
}

describe.runIf(isThere('bash'))('bash', () => {
  test.each<[string, string[], string[]]>([
    ['the start of a command', ['re'], ['resume', 'replay']],
    [
      'the options of a command',
      ['try', '--'],
      ['--destination', '--config', '--tag', '--explain', '--help'],
    ],
    ['options where nothing else may stand', ['demo', ''], ['--records', '--help']],
    ['the words that an option takes', ['serve', '--log-level', 'f'], ['fatal']],
    ['the same behind an equals sign', ['serve', '--log-level', '=', 'f'], ['fatal']],
    ['the words that a command takes', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['a file as an option', ['try', '--config', 'des'], ['files']],
    ['a file of the command itself', ['try', 'aud'], ['files']],
    ['nothing where it knows nothing', ['serve', '--workers', ''], []],
  ])('%s', (_what, words, offered) => {
    expect(offeredByBash(...words)).toEqual(offered);
  });

  test('knows every option of every command', () => {
    const all = commands.map(({ name, options }) => [name, Object.keys(options).map((one) => `--${one}`)]);
    const known = commands.map(({ name }) => [name, offeredByBash(name, '--').slice(0, -1)]);
    expect(known).toEqual(all);
  });
});

describe.runIf(isThere('fish'))('fish', () => {
  const offered = (line: string): string[] => {
    const script = 'source completion.fish; complete -C $argv[1]';
    const options = {
      cwd: folder.path,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder.path },
    } as const;
    const lines = execFileSync('fish', ['--no-config', '-c', script, line], options).split('\n');
    return lines.filter(Boolean).map((one) => one.split('\t')[0]!);
  };

  test.each([
    ['fluent-bit-siem re', ['replay', 'resume']],
    ['fluent-bit-siem serve --log-level f', ['fatal']],
    ['fluent-bit-siem try aud', ['audit.ndjson']],
  ])('%s', (line, words) => {
    expect(offered(line).sort()).toEqual(words);
  });
});

test.runIf(isThere('zsh'))('zsh can read its script', () => {
  const result = spawnSync('zsh', ['-n', 'completion.zsh'], { cwd: folder.path, encoding: 'utf8' });
  expect([result.status, result.stderr]).toEqual([0, '']);
});

test('the zsh script has every option, with every word it takes', () => {
  const script = zshScript(commands);
  for (const { options } of commands)
    for (const [name, { choices }] of Object.entries(options)) {
      expect(script).toContain(`--${name}`);
      if (choices) expect(script).toContain(`(${choices.join(' ')})`);
    }
});

test('is printed for the shell that is named, and for no other', async () => {
  const { code, stdout } = await run(folder.path, ['completion', 'bash']);
  expect([code, stdout]).toEqual([0, bashScript(commands)]);
  const unknown = await run(folder.path, ['completion', 'tcsh']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/^fluent-bit-siem completion: SHELL is bash, zsh or fish, not 'tcsh'$/m);
});
