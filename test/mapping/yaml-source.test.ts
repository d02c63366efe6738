import { expect, test } from 'vitest';
import { codes, Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { YamlSource } from '../../plugin/mapping/yaml-source.ts';
import { firstLines } from '../helpers.ts';

const text = `service:
  listen: here # a comment
"odd key": [one, { two: 2 }]
7: seven
block: |
  a
  b
`;

test.each<[path: (string | number)[], at: 'key' | 'value', line: number, column: number, length: number]>([
  [[], 'value', 1, 1, 8],
  [['service', 'listen'], 'value', 2, 11, 4],
  [['service', 'listen'], 'key', 2, 3, 6],
  [['odd key'], 'key', 3, 1, 9],
  [['odd key', 0], 'value', 3, 13, 3],
  [['odd key', 1, 'two'], 'value', 3, 25, 1],
  [['7'], 'value', 4, 4, 5],
  [[7], 'key', 4, 1, 1],
  [['block'], 'value', 5, 8, 1],
])('%j (its %s) stands at %d:%d', (path, at, line, column, length) => {
  const diagnostics = new Diagnostics();
  new YamlSource('a.yaml', text, diagnostics).error(codes.wrongShape, path, 'not right', undefined, at);
  expect(diagnostics.all[0]).toMatchObject({ line, column, length });
});

test.each<[path: (string | number)[], line: number, column: number]>([
  [['nowhere'], 1, 1],
  [['service', 'forward', 'address'], 2, 3],
  [['odd key', 5], 3, 12],
  [['service', 'listen', 'deeper'], 2, 11],
])('%j is not in the file: its nearest parent is', (path, line, column) => {
  const source = new YamlSource('a.yaml', text, new Diagnostics());
  expect(source.span(path)).toMatchObject({ line, column });
});

test('a finding carries the source line as it stands in the file', () => {
  const diagnostics = new Diagnostics();
  const source = new YamlSource('a.yaml', text.replaceAll('\n', '\r\n'), diagnostics);
  source.error(codes.badAddress, ['service', 'listen'], 'this is no address', 'write host:port');
  source.warning(codes.unknownKey, ['7'], 'a number', undefined, 'key');
  expect(diagnostics.all).toEqual([
    {
      code: 'M017',
      severity: 'error',
      file: 'a.yaml',
      line: 2,
      column: 11,
      length: 4,
      message: 'this is no address',
      hint: 'write host:port',
      source: '  listen: here # a comment',
    },
    {
      code: 'M003',
      severity: 'warning',
      file: 'a.yaml',
      line: 4,
      column: 1,
      length: 1,
      message: 'a number',
      source: '7: seven',
    },
  ]);
});

test('an unknown tag is a warning; the value is read all the same', () => {
  const diagnostics = new Diagnostics();
  const source = new YamlSource('a.yaml', 'a: !secret b', diagnostics);
  expect(source.value).toEqual({ a: 'b' });
  expect(firstLines(diagnostics)).toEqual(['a.yaml:1:4: warning M002: unresolved tag: !secret']);
});

test('a file with syntax errors has no value', () => {
  const diagnostics = new Diagnostics();
  expect(new YamlSource('a.yaml', 'a: [', diagnostics).value).toBeUndefined();
  expect(diagnostics.hasErrors).toBe(true);
});

test.each([
  ['lists', '['.repeat(20_000), 'nested more than 100 levels'],
  ['lists that end', `${'['.repeat(150)}${']'.repeat(150)}`, 'nested more than 100 levels'],
  ['block lists', '- '.repeat(500), 'nested more than 100 levels'],
  // 400 of them took 8 s, 800 minutes.
  ['keys in keys', '? '.repeat(400), 'a key is a text, and no list or map'],
  ['a list as a key', '[a, b]: 1', 'a key is a text, and no list or map'],
])('what is nested without end is an error: %s', (_, text, message) => {
  const diagnostics = new Diagnostics();
  expect(new YamlSource('a.yaml', text, diagnostics).value).toBeUndefined();
  expect(firstLines(diagnostics)).toEqual([expect.stringContaining(message)]);
});
