import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { builtInFunctions } from '../../plugin/mapping/functions/index.ts';
import { readValue } from '../../plugin/mapping/value.ts';
import { YamlSource } from '../../plugin/mapping/yaml-source.ts';
import { firstLines } from '../helpers.ts';

/** Reads `value:` of a YAML text. */
function read(text: string) {
  const diagnostics = new Diagnostics();
  const source = new YamlSource('map.yaml', text, diagnostics);
  const { value } = source.value as { value: unknown };
  return { value: readValue(source, ['value'], value), findings: firstLines(diagnostics), diagnostics };
}

const getSysAlertSeverity = builtInFunctions.get('getSysAlertSeverity')!;
const level = { kind: 'path', segments: ['level'], text: '$level' };
const call = { kind: 'call', function: getSysAlertSeverity, args: [level] };

test.each([
  ['a text', 'value: login', { kind: 'literal', value: 'login' }],
  ['a number', 'value: 2', { kind: 'literal', value: 2 }],
  ['a truth value', 'value: false', { kind: 'literal', value: false }],
  ['a quoted number, which stays a text', "value: '2'", { kind: 'literal', value: '2' }],
  ['a path', 'value: $level', level],
  ['a call', 'value: { call: getSysAlertSeverity, args: [$level] }', call],
  [
    "a call as FileCloud's PHP writes it",
    'value: [[SiemConversionHelper, getSysAlertSeverity], [$level]]',
    call,
  ],
  [
    'a call of a call',
    'value: { call: getSysAlertSeverity, args: [{ call: getSysAlertSeverity, args: [$level] }] }',
    { ...call, args: [call] },
  ],
])('a value is %s', (_, text, expected) => {
  const { value, findings } = read(text);
  expect(findings).toEqual([]);
  expect(value).toEqual(expected);
});

describe('a value that can not be read is found at its place', () => {
  test.each([
    ['value: $a..b', "map.yaml:1:8: error M010: '$a..b' is not a path: a key is missing"],
    [
      'value: { call: getSysAlertSeverty, args: [$level] }',
      "map.yaml:1:16: error M011: there is no function 'getSysAlertSeverty'",
    ],
    ['value: [[Helper, nope], [$level]]', "map.yaml:1:18: error M011: there is no function 'nope'"],
    [
      'value: { call: getSysAlertSeverity }',
      'map.yaml:1:8: error M012: getSysAlertSeverity(level) takes 1 argument, not 0',
    ],
    [
      'value: { call: getSysAlertSeverity, args: [$a, $b] }',
      'map.yaml:1:8: error M012: getSysAlertSeverity(level) takes 1 argument, not 2',
    ],
    [
      'value: { call: getSysAlertSeverity, args: [$a.] }',
      "map.yaml:1:44: error M010: '$a.' is not a path: a key is missing",
    ],
    ['value: { call: getSysAlertSeverity, args: $a }', 'map.yaml:1:8: error M005: this is no value'],
    [
      'value: { call: getSysAlertSeverity, args: [$a], else: 1 }',
      'map.yaml:1:8: error M005: this is no value',
    ],
    ['value: { level: $a }', 'map.yaml:1:8: error M005: this is no value'],
    ['value: [$a, $b]', 'map.yaml:1:8: error M005: this is no value'],
    ['value: []', 'map.yaml:1:8: error M005: this is no value'],
    [
      'value: { call: constructor, args: [] }',
      "map.yaml:1:16: error M011: there is no function 'constructor'",
    ],
  ])('%s', (text, finding) => {
    expect(read(text).findings).toEqual([finding]);
  });
  test('a misspelt function has a suggestion', () => {
    const { diagnostics } = read('value: { call: getSysAlertSeverty, args: [$level] }');
    expect(diagnostics.all[0]!.hint).toBe("did you mean 'getSysAlertSeverity'?");
  });
  test('a wrong argument of an unknown function is found as well', () => {
    expect(read('value: { call: nope, args: [$] }').findings).toEqual([
      "map.yaml:1:29: error M010: '$' is not a path: a key is missing",
      "map.yaml:1:16: error M011: there is no function 'nope'",
    ]);
  });
});
