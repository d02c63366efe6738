import { describe, expect, test } from 'vitest';
import { allCommands, commands as byName } from '../../plugin/cli/commands.ts';
import { type Command, command, UsageError } from '../../plugin/cli/usage.ts';

const commands = await allCommands();

test('every command is listed under its own name', () => {
  expect(commands.map(({ name }) => name)).toEqual(Object.keys(byName));
});

describe.each(commands)('$name --help', ({ name, help, options, operand }) => {
  test('has usage, options, exit codes and an example of its own, in that order', () => {
    expect(help.split('\n')[0]).toMatch(new RegExp(`^Usage: fluent-bit-siem ${name}\\b`));
    const titles = [...help.matchAll(/^([A-Z][a-z ]+):$/gm)].map(([, title]) => title);
    const optional = (title: string): string[] => (titles.includes(title) ? [title] : []);
    expect(titles).toEqual([
      ...(operand ? ['Operand'] : []),
      'Options',
      ...optional('Environment'),
      ...optional('Files'),
      'Exit codes',
      'Examples',
    ]);
    expect(help).toMatch(new RegExp(`^Examples:\n(?:.*\n)*? .*fluent-bit-siem ${name}\\b`, 'm'));
  });

  test('tells of every option, with its default', () => {
    for (const [option, { default: preset }] of Object.entries(options)) {
      expect(help).toMatch(new RegExp(`^  --${option}\\b`, 'm'));
      if (preset !== undefined) expect(help.replace(/\s+/g, ' ')).toContain(`(default: ${preset})`);
    }
  });

  test('fits a terminal', () => {
    const prose = help.slice(0, help.indexOf('\nExamples:'));
    expect(Math.max(...prose.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('what a command accepts is what its tables say', () => {
  const given: unknown[] = [];
  const copy = command(
    {
      name: 'copy',
      summary: '',
      description: '',
      operand: { name: 'FILE', required: true, about: '' },
      options: {
        to: { type: 'string', required: true, about: '' },
        format: { type: 'string', choices: ['text', 'json'], default: 'text', about: '' },
        skip: { type: 'string', multiple: true, about: '' },
        force: { type: 'boolean', about: '' },
      },
      exits: ['', ''],
      examples: [],
    },
    async (values, operands) => {
      given.push({ ...values, operands });
      return 0;
    },
  ) satisfies Command;

  test('values, with defaults for what was not said', async () => {
    await copy.run(['a', '--to', 'b']);
    await copy.run(['--skip', 'x', '--skip', 'y', '--force', '--to=b', '--format', 'json', 'a']);
    expect(given).toEqual([
      { to: 'b', format: 'text', skip: [], force: false, operands: ['a'] },
      { to: 'b', format: 'json', skip: ['x', 'y'], force: true, operands: ['a'] },
    ]);
  });

  test.each([
    [['a'], '--to is missing'],
    [['--to', 'b'], 'FILE is missing'],
    [['a', 'b', '--to', 'c'], 'one FILE at most, not 2'],
    [['a', '--to', 'b', '--format', 'xml'], "--format is text or json, not 'xml'"],
  ])('%j: %s', (args, message) => {
    expect(() => copy.run(args)).toThrow(new UsageError(message));
  });

  test('what no table has', () => {
    expect(() => copy.run(['a', '--too', 'b'])).toThrow("Unknown option '--too'");
  });
});
