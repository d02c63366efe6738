import { describe, expect, test } from 'vitest';
import { ExpressionError, parseProperty, parseText } from '../../plugin/mapping/expression.ts';

const literal = (value: string) => ({ kind: 'literal', value });
const path = (text: string, ...segments: string[]) => ({ kind: 'path', segments, text });
const chain = (...alternatives: object[]) => ({ kind: 'chain', alternatives });

describe('a text without a leading $ is a literal, whatever it holds', () => {
  test.each(['login', '', 'costs 5$', 'a > $b', '> $a', ' $a', "it's", '{{ a }}', '\\n', '=1+1'])(
    '%j',
    (text) => {
      expect(parseText(text)).toEqual(literal(text));
    },
  );
});

test('\\$ at the start is a literal dollar', () => {
  expect(parseText('\\$5 off')).toEqual(literal('$5 off'));
  expect(parseText('\\$a > $b')).toEqual(literal('$a > $b'));
  expect(parseText('a \\$b')).toEqual(literal('a \\$b'));
});

test("a constant of FileCloud's becomes its name, also as a literal", () => {
  expect(parseText('SiemArea::INFECTED_FILE')).toEqual(literal('INFECTED_FILE'));
  expect(parseText('SysAlert::SYSALERT_LEVEL_MELTDOWN')).toEqual(literal('SYSALERT_LEVEL_MELTDOWN'));
  expect(parseText('Other::NAME')).toEqual(literal('Other::NAME'));
});

describe('a path goes into objects by key and into lists by number', () => {
  test.each([
    ['$operation', ['operation']],
    ['$request.filename', ['request', 'filename']],
    ['$response.meta.type', ['response', 'meta', 'type']],
    ['$list.0', ['list', '0']],
    ['$list[0].name', ['list', '0', 'name']],
    ["$a['odd key'].b", ['a', 'odd key', 'b']],
    ['$a["it\'s"]', ['a', "it's"]],
    ["$['a.b']", ['a.b']],
    ["$['']", ['']],
    ["$a['[]>$']['x']", ['a', '[]>$', 'x']],
    ['$größe.名前', ['größe', '名前']],
    ['$k=1', ['k=1']],
    ['$ts.$date', ['ts', '$date']],
    ['$__proto__.constructor', ['__proto__', 'constructor']],
    ['$5', ['5']],
  ])('%s', (text, segments) => {
    expect(parseText(text)).toEqual(path(text, ...segments));
  });
});

describe('a chain tries its paths in their order; a quoted literal may end it', () => {
  test.each([
    ['$a > $b.c > $d', chain(path('$a', 'a'), path('$b.c', 'b', 'c'), path('$d', 'd'))],
    ['$a>$b', chain(path('$a', 'a'), path('$b', 'b'))],
    ["$a > 'none'", chain(path('$a', 'a'), literal('none'))],
    ['$a > "it\'s > $b"', chain(path('$a', 'a'), literal("it's > $b"))],
    ["$a > ''", chain(path('$a', 'a'), literal(''))],
    ["$a['x > y'] > $b", chain(path("$a['x > y']", 'a', 'x > y'), path('$b', 'b'))],
  ])('%s', (text, expected) => {
    expect(parseText(text)).toEqual(expected);
  });
});

test('spaces around a path are no part of it', () => {
  expect(parseText('$a  ')).toEqual(path('$a', 'a'));
  expect(parseText('$a\t>\n$b ')).toEqual(chain(path('$a', 'a'), path('$b', 'b')));
});

const pathHelp = "write $key.key, $list.0 or $key['odd key']";
const chainHelp = "write $a > $b, or $a > 'text' for a fixed fallback";

describe('a text with a leading $ that is no path says what is wrong and how to write it', () => {
  test.each([
    ['$', "'$' is not a path: a key is missing", pathHelp],
    ['$.a', "'$.a' is not a path: a key is missing", pathHelp],
    ['$a.', "'$a.' is not a path: a key is missing", pathHelp],
    ['$a..b', "'$a..b' is not a path: a key is missing", pathHelp],
    ['$a[]', "'$a[]' is not a path: a key is missing", pathHelp],
    ['$ a', "'$ a' is not a path: a key is missing", pathHelp],
    ['$a[0', "'$a[0' is not a path: ']' is missing", pathHelp],
    ["$a['x'", "'$a['x'' is not a path: ']' is missing", pathHelp],
    ["$a['x]", "'$a['x]' is not a path: a ' is never closed", pathHelp],
    ['$a b', "'$a b' is not a path: unexpected 'b'", pathHelp],
    ["$a'", "'$a'' is not a path: unexpected '''", pathHelp],
    ['$a]', "'$a]' is not a path: unexpected ']'", pathHelp],
    ['$a >', "'$a >' ends with '>'", chainHelp],
    ['$a > b', "'$a > b' has no path after '>'", chainHelp],
    ['$a > > $b', "'$a > > $b' has no path after '>'", chainHelp],
    ["$a > 'b", "'$a > 'b' is not a path: a ' is never closed", pathHelp],
  ])('%s', (text, message, hint) => {
    expect(() => parseText(text)).toThrow(new ExpressionError(message, hint));
    expect(() => parseText(text)).toThrow(expect.objectContaining({ hint }));
  });
});

describe('a property of a prefilter is a path whose $ may be left out', () => {
  test.each([
    ['resultCode', ['resultCode']],
    ['request.filename', ['request', 'filename']],
    ['$request.filename', ['request', 'filename']],
    ["['a.b']", ['a.b']],
  ])('%s', (text, segments) => {
    expect(parseProperty(text)).toMatchObject({ kind: 'path', segments });
  });
  test('it is one property, never a chain', () => {
    expect(() => parseProperty('a > b')).toThrow(ExpressionError);
    expect(() => parseProperty('a > $b')).toThrow("'a > $b' is not one property");
    expect(() => parseProperty('')).toThrow('a key is missing');
  });
});
