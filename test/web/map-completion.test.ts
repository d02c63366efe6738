import { json } from '@codemirror/lang-json';
import { EditorState } from '@codemirror/state';
import { describe, expect, test } from 'vitest';
import { builtInFunctions } from '../../plugin/mapping/functions/index.ts';
import { rangeOfPath } from '../../plugin/web/workbench/json-ranges.ts';
import { completeMap } from '../../plugin/web/workbench/map-completion.ts';
import { indentedJson, pathsOf } from '../../plugin/web/workbench/record-json.ts';
import { completionOf } from '../../plugin/workbench/completion.ts';

const known = { ...completionOf(builtInFunctions), files: [], destinations: [] };
const paths = pathsOf('{"user":{"name":"ann"},"odd key":1,"list":[{"a":1}],"inner":"{\\"x\\":2}"}');

/** What is offered at the end of a text. */
const offered = (before: string): string[] =>
  completeMap(before, known, paths)?.all.map(({ label }) => label) ?? [];

describe('what could stand at the cursor', () => {
  const head = "match: x\nmappings:\n  - id: '*'\n    prefilter: { a: 1 }\n    map:\n      eventClass: c\n";
  test.each<[name: string, before: string, expected: string[]]>([
    ['keys of the file', 'm', ['match', 'mode', 'mappings', 'shape', 'time']],
    ['keys of a mapping, behind its dash', 'mappings:\n  - i', ['id', 'map', 'prefilter', 'examples']],
    ['and on the next lines', 'mappings:\n  - id: a\n    p', ['id', 'map', 'prefilter', 'examples']],
    [
      'also where the dash is not indented',
      'mappings:\n- id: a\n  m',
      ['id', 'map', 'prefilter', 'examples'],
    ],
    ['keys of what it maps to', `${head}      s`, ['eventClass', 'eventName', 'severity', 'extension']],
    [
      "CEF's keys",
      `${head}      extension:\n        suser: $user\n        s`,
      ['suser', 'shost', 'src', 'fname'],
    ],
    [
      'keys and properties of a prefilter',
      'mappings:\n  - id: a\n    prefilter:\n      u',
      ['exclude', 'user.name'],
    ],
    ['words that are allowed', 'mode: a', ['first', 'all']],
    [
      'paths of the record',
      `${head}      severity: $u`,
      ['$user', '$user.name', "$['odd key']", '$list.0.a', '$inner.x'],
    ],
    ['paths further on in a chain', `${head}      eventName: $a > $u`, ['$user.name']],
    ['a value: paths and functions', `${head}      eventName: u`, ['$user.name', 'upper']],
    ['functions', `${head}      eventName: { call: lo`, ['lookup', 'lower']],
  ])('%s', (_name, before, expected) => {
    expect(offered(before)).toEqual(expect.arrayContaining(expected));
  });
  test('nothing in a comment, or where a text is free', () => {
    expect(offered('# m')).toEqual([]);
    expect(offered('match: fi')).toEqual([]);
  });
  test('it begins where the word does', () => {
    expect(completeMap('mappings:\n  - id: a\n    map:\n      eventName: $a > $us', known, paths)?.from).toBe(
      22,
    );
    expect(completeMap('mappings:\n  - i', known, paths)?.from).toBe(4);
  });
});

describe('where a path is in the text of a record', () => {
  const text = '{ "a": { "b": [10, {"c": 2}] }, "t": "{\\"x\\": 1}", "a b": 3, "__proto__": { "p": 1 } }';
  const at = (...segments: string[]): string | undefined => {
    const state = EditorState.create({ doc: text, extensions: json() });
    const range = rangeOfPath(state, segments);
    return range && state.sliceDoc(range.from, range.to);
  };
  test.each([
    [['a', 'b', '0'], '10'],
    [['a', 'b', '1', 'c'], '"c": 2'],
    [['a b'], '"a b": 3'],
    [['__proto__', 'p'], '"p": 1'],
    // Of JSON in a text the text.
    [['t', 'x'], '"t": "{\\"x\\": 1}"'],
  ])('%j', (segments, expected) => expect(at(...segments)).toBe(expected));
  test('nowhere', () => {
    expect(at('none')).toBeUndefined();
    expect(at('constructor')).toBeUndefined();
  });
});

test('a record is indented, unless a number would lose digits', () => {
  expect(indentedJson('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(indentedJson('{"a":12345678901234567890}')).toBe('{"a":12345678901234567890}');
  expect(indentedJson('{"a":')).toBe('{"a":');
});
