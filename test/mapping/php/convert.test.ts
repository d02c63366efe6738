import { describe, expect, test } from 'vitest';
import { convert, type Placed, type Unsupported } from '../../../plugin/mapping/php/convert.ts';
import type { PhpNode } from '../../../plugin/mapping/php/engine.ts';
import { parsePhp } from '../../../plugin/mapping/php/parse.ts';

/** What one PHP expression is as data. */
function read(expression: string): { placed: Placed; refused: Unsupported[] } {
  const { statements, problems } = parsePhp(`$x =\n  ${expression};`);
  expect(problems).toEqual([]);
  const assignment = statements[0]!.expression as PhpNode;
  const refused: Unsupported[] = [];
  const placed = convert(assignment.right as PhpNode, (one) => refused.push(one));
  return { placed, refused };
}

test.each<[expression: string, value: unknown]>([
  ["'text'", 'text'],
  ["''", ''],
  ["'it\\'s $x'", "it's $x"],
  ["'C:\\\\dir\\new'", 'C:\\dir\\new'],
  ['"text"', 'text'],
  ['"tab\\tquote\\"end"', 'tab\tquote"end'],
  ['"\\$userName"', '$userName'],
  ['"{a}"', '{a}'],
  ['2', 2],
  ['-3', -3],
  ['+3', 3],
  ['1.5', 1.5],
  ['-0.5', -0.5],
  ['0x1F', 31],
  ['0755', 493],
  ['1_000', 1000],
  ['12345678901234567890', '12345678901234567890'],
  ['-12345678901234567890', '-12345678901234567890'],
  ['true', true],
  ['FALSE', false],
  ['null', null],
  ['NULL', null],
  ["'a' . 'b'", 'ab'],
  ["'a' . \"b\" . 'c'", 'abc'],
  ["'level ' . 5", 'level 5'],
  ["<<<'EOT'\na $b\n  c\nEOT", 'a $b\n  c'],
  ['<<<EOT\nplain text\nEOT', 'plain text'],
  ['SysAlert::SYSALERT_LEVEL_MELTDOWN', 'SysAlert::SYSALERT_LEVEL_MELTDOWN'],
  ['\\App\\SysAlert::X', 'SysAlert::X'],
  ['SiemConversionHelper::class', 'SiemConversionHelper'],
  ['\\App\\SiemConversionHelper::CLASS', 'SiemConversionHelper'],
  ['[]', []],
  ['array()', []],
  ["['a', 'b']", ['a', 'b']],
  ["array('a', array('b'))", ['a', ['b']]],
  ["['a' => 1, 'b' => ['c' => 2]]", { a: 1, b: { c: 2 } }],
  ["array('a' => 1,)", { a: 1 }],
  ["[SysAlert::X => 1, 'b' . 'c' => 2]", { 'SysAlert::X': 1, bc: 2 }],
  ['[3 => 1]', { 3: 1 }],
  ["[[H::class, 'f'], ['$a']]", [['H', 'f'], ['$a']]],
])('%s is data: %j', (expression, value) => {
  const { placed, refused } = read(expression);
  expect(refused).toEqual([]);
  expect(placed.value).toEqual(value);
});

describe('what would have to be executed is refused, by its name:', () => {
  test.each<[expression: string, name: RegExp]>([
    ['$x', /a variable/],
    ["$x['a']", /an element of a variable/],
    ['$x->a', /a property of an object/],
    ['Foo::$bar', /a variable of a class/],
    ['function () { return 1; }', /a function/],
    ['fn($x) => $x', /a function/],
    ["getenv('HOME')", /a function call/],
    ["Helper::level('x')", /a function call/],
    ["$helper->level('x')", /a function call/],
    ['new Foo()', /a new object/],
    ['MY_CONSTANT', /a constant of your own/],
    ['__DIR__', /constant/],
    ["1 ? 'a' : 'b'", /a condition/],
    ['match(1) { 1 => 2 }', /a condition/],
    ['"Hello $name"', /a text in double quotes with a variable in it: use single quotes/],
    ['"{$name}"', /a text in double quotes with a variable in it: use single quotes/],
    ['<<<EOT\nHello $name\nEOT', /a text with a variable in it/],
    ["'a' . $x", /a variable/],
    ["'a' . 'b' . getenv('HOME')", /a function call/],
    ["'a' . SysAlert::X", /constant/],
    ['1 + 2', /a calculation/],
    ['-$x', /a calculation/],
    ['!true', /a calculation/],
    ["(int) '1'", /a conversion/],
    ['$y = 1', /an assignment/],
    ["include 'other.php'", /another file/],
    ['`ls`', /a command/],
    ['‘text’', /typographic quotes/],
  ])('%s', (expression, name) => {
    const { placed, refused } = read(expression);
    expect(refused.map(({ message }) => message)).toEqual([expect.stringMatching(name)]);
    expect(refused[0]!.message).not.toMatch(/this is this|\(\w+\)/);
    expect(placed.value).toBe('');
  });

  test('in keys as well', () => {
    expect(read("[$x => 1, 'a' => 2]")).toMatchObject({
      placed: { value: { a: 2 } },
      refused: [{ message: expect.stringMatching(/a variable/), span: { line: 2, column: 4 } }],
    });
  });

  test('as well as other arrays put in, and references', () => {
    expect(read("['a', ...$x]").refused).toHaveLength(1);
    expect(read("['a', &$x]").refused).toHaveLength(1);
  });
});

test('all of an expression is read, so every refusal is told at once', () => {
  const { placed, refused } = read("['a' => $x,\n  'b' => f(),\n  'c' => 'kept']");
  expect(refused.map(({ span }) => [span.line, span.column])).toEqual([
    [2, 11],
    [3, 10],
  ]);
  expect(placed.value).toEqual({ a: '', b: '', c: 'kept' });
});

test('a joined text is refused at the part that can not be read', () => {
  expect(read("'a' . 'b' . $x").refused[0]!.span).toMatchObject({ line: 2, column: 15, length: 2 });
});

test('a key that stands twice is refused where it stands again, each time', () => {
  const { refused } = read("['a' => 1,\n  'a' => 2, 'b' => 3,\n  'a' => 4]");
  expect(refused.map(({ message, span }) => `${span.line}:${span.column} ${message}`)).toEqual([
    "3:3 'a' stands here twice",
    "4:3 'a' stands here twice",
  ]);
});

test('a comma too many changes nothing', () => {
  expect(read("['a' => 1,, 'b' => 2]")).toMatchObject({ placed: { value: { a: 1, b: 2 } }, refused: [] });
});

test('everything knows its place', () => {
  const { placed } = read("[\n    'a' => [\n      'b' => -1,\n    ],\n  ]");
  const a = placed.children.get('a')!;
  const b = a.placed.children.get('b')!;
  expect(placed).toMatchObject({ span: { line: 2, column: 3 }, lastLine: 6 });
  expect(a.key).toMatchObject({ line: 3, column: 5, length: 3 });
  expect(a.placed).toMatchObject({ span: { line: 3, column: 12 }, lastLine: 5 });
  expect(b.placed.span).toMatchObject({ line: 4, column: 14, length: 2 });
});

test('__proto__ is a key like any other', () => {
  const { placed } = read("['__proto__' => ['x' => 1]]");
  expect(Object.hasOwn(placed.value as object, '__proto__')).toBe(true);
});
