import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { run } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

const here = tmpdir();
const commands = ['serve', 'validate', 'try', 'import', 'demo'];

test.each(['--help', '-h'])('%s lists the commands on stdout', async (option) => {
  const { code, stdout, stderr } = await run(here, [option]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: fluent-bit-siem COMMAND/);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} +\\S`, 'm'));
});

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(await run(here, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(commands)('%s --help tells how to use it', async (command) => {
  const { code, stdout, stderr } = await run(here, [command, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(new RegExp(`^Usage: fluent-bit-siem ${command}`));
});

describe('wrong use is exit code 2, with the usage on stderr:', () => {
  test.each([
    ['no command', [], 'Usage: fluent-bit-siem COMMAND'],
    ['an unknown command', ['serv'], "fluent-bit-siem: there is no command 'serv'"],
    ['an unknown option', ['validate', '--confg', 'x'], "fluent-bit-siem validate: Unknown option '--confg'"],
    [
      'an option without its value',
      ['serve', '--config'],
      "fluent-bit-siem serve: Option '--config <value>'",
    ],
    ['a file too many', ['serve', 'x'], 'fluent-bit-siem serve: Unexpected argument'],
    ['a log level that is none', ['serve', '--log-level', 'loud'], 'fluent-bit-siem serve: '],
  ])('%s', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(packageRoot, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toContain('Usage: fluent-bit-siem');
    expect(stderr).not.toMatch(/ {4}at |node:|errno/);
  });
});
