import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Diagnostics } from '../../../plugin/mapping/diagnostic.ts';
import { toYaml } from '../../../plugin/mapping/php/to-yaml.ts';
import { PhpSource } from '../../../plugin/mapping/php-source.ts';
import { firstLines } from '../../helpers.ts';

function yamlOf(php: string): string {
  const diagnostics = new Diagnostics();
  const { mappings, comments } = new PhpSource('map.php', php, diagnostics);
  expect(firstLines(diagnostics)).toEqual([]);
  return toYaml(mappings, comments);
}

test('a mapping becomes what a person would have written', () => {
  const php = `<?php
/***************** Logins *****************/
// Failed logins
$mappings[] = [
    'id' => 'loginguest', // by name
    'prefilter' => ['resultCode' => '0'],
    'map' => [
        'eventClass' => 'login',
        'eventName' => 'Invalid: login',
        'severity' => 2,
        'extension' => [
            'suser' => '$userName', // who
            // where from
            'src' => '$ip',
        ]
    ]
];
`;
  expect(yamlOf(php)).toBe(`mappings:
  # Logins
  # Failed logins
  - id: loginguest # by name
    prefilter: { resultCode: '0' }
    map:
      eventClass: login
      eventName: 'Invalid: login'
      severity: 2
      extension:
        suser: $userName # who
        # where from
        src: $ip
`);
});

test('empty prefilters and extensions are left out', () => {
  const map = "['eventClass' => 'c', 'eventName' => 'n', 'severity' => 2, 'extension' => []]";
  expect(yamlOf(`$mappings[] = ['id' => 'a', 'prefilter' => [], 'map' => ${map}];`)).toBe(
    'mappings:\n  - id: a\n    map:\n      eventClass: c\n      eventName: n\n      severity: 2\n',
  );
});

test("a call is written as { call, args }, in another call's arguments, too", () => {
  const value = "[[Helper::class, 'lower'], [[[Helper::class, 'join'], ['$a', ', ']]]]";
  expect(parse(yamlOf(`$mappings[] = ['id' => 'a', 'map' => ['severity' => ${value}]];`))).toEqual({
    mappings: [
      {
        id: 'a',
        map: { severity: { call: 'lower', args: [{ call: 'join', args: ['$a', ', '] }] } },
      },
    ],
  });
});

describe('neighbours with the same map', () => {
  const entry = (id: string, map: string): string =>
    `$mappings[] = ['id' => ${id}, 'map' => ['x' => ${map}]];\n`;

  test('become one entry with a list of ids', () => {
    const php = entry("'a'", '1') + entry("['b', 'c']", '1') + entry("'d'", '2');
    expect(parse(yamlOf(php))).toEqual({
      mappings: [
        { id: ['a', 'b', 'c'], map: { x: 1 } },
        { id: 'd', map: { x: 2 } },
      ],
    });
  });
  test('keep the comments of each', () => {
    const yaml = yamlOf(`// first\n${entry("'a'", '1')}// second\n${entry("'b'", '1')}// end`);
    expect(yaml.match(/# \w+/g)).toEqual(['# first', '# second', '# end']);
  });
  test('stay apart with another one between them: the order decides', () => {
    const php = entry("'a'", '1') + entry("'*'", '2') + entry("'b'", '1');
    expect((parse(yamlOf(php)) as { mappings: unknown[] }).mappings).toHaveLength(3);
  });
  test('stay apart when a prefilter differs', () => {
    const php = `$mappings[] = ['id' => 'a', 'prefilter' => ['r' => '0'], 'map' => []];
$mappings[] = ['id' => 'b', 'prefilter' => ['r' => 0], 'map' => []];`;
    expect((parse(yamlOf(php)) as { mappings: unknown[] }).mappings).toHaveLength(2);
  });
});

describe('comments', () => {
  test.each([
    ['//', '// one', 'one'],
    ['#', '# one', 'one'],
    ['/* */', '/* one */', 'one'],
    ['a frame of stars', '/****** one ******/', 'one'],
    ['a doc comment', '/**\n * one\n * two\n */', 'one two'],
    ['one with a # and a quote in it', "// isn't #1: a", "isn't #1: a"],
  ])('%s', (_, comment, words) => {
    const yaml = yamlOf(`${comment}\n$mappings[] = ['id' => 'a'];`);
    expect([...yaml.matchAll(/# (.*)/g)].map(([, text]) => text).join(' ')).toBe(words);
    expect(parse(yaml)).toEqual({ mappings: [{ id: 'a' }] });
  });
  test('inside a prefilter, a list and a call are kept', () => {
    const yaml = yamlOf(`$mappings[] = [ // a
  'id' => [ // b
    'x', // c
    'y'
  ],
  'prefilter' => [
    // d
  ],
  'map' => ['severity' => [[H::class, 'f'], /* e */ ['$l']]] // f
]; // g
// h`);
    expect([...yaml.matchAll(/# (\w)/g)].map(([, letter]) => letter).join('')).toBe('abcdefgh');
    expect((parse(yaml) as { mappings: unknown[] }).mappings).toHaveLength(1);
  });
});

describe('what is no mapping does not stop it:', () => {
  test.each([
    ['nothing at all', ''],
    ['only a comment', '// later'],
    ['an empty mapping', '$mappings[] = [];'],
    ['a list', "$mappings[] = ['a', 'b'];"],
    ['one mapping without its own brackets', "$mappings = ['id' => 'a'];"],
    ['an empty id', "$mappings[] = ['id' => []];"],
    ['neighbours without an id', "$mappings[] = ['map' => 1];\n$mappings[] = ['map' => 1];"],
  ])('%s', (_, php) => {
    const { mappings, comments } = new PhpSource('map.php', php, new Diagnostics());
    expect(() => parse(toYaml(mappings, comments))).not.toThrow();
  });
});

test('whatever texts and keys there are, YAML reads the same', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '',
      ' ',
      '~',
      'null',
      'yes',
      '1',
      '0x1',
      '*',
      '&a',
      '- a',
      'a: b',
      '# a',
      '$a > $b',
      "'",
      '"',
    ),
    fc.constantFrom(
      'a\nb',
      '\n',
      ' a\n  b\n',
      'a\tb',
      '{',
      '[',
      '%',
      '!x',
      '...',
      '---',
      '\ud83d\ude00',
      'x'.repeat(200),
    ),
  );
  const quoted = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), text, text, (ids, key, value) => {
      fc.pre(!/[\r\0]/.test([...ids, key, value].join('')));
      const map = `['extension' => [${quoted(key)} => ${quoted(value)}, 'z' => ['k' => ${quoted(value)}]]]`;
      const php = `$mappings[] = ['id' => [${ids.map(quoted).join(', ')}], 'map' => ${map}];`;
      fc.pre(key !== 'z' && key !== '__proto__');
      expect(parse(yamlOf(php))).toEqual({
        mappings: [{ id: ids, map: { extension: { [key]: value, z: { k: value } } } }],
      });
    }),
  );
});
