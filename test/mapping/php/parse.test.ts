import { describe, expect, test } from 'vitest';
import { parsePhp } from '../../../plugin/mapping/php/parse.ts';

/** Each problem as `line:column message`, with a `?` behind those that were mended. */
function problemsIn(text: string): string[] {
  return parsePhp(text).problems.map(
    ({ line, column, message, mended }) => `${line}:${column} ${message}${mended ? '?' : ''}`,
  );
}

/** How many assignments are left to read. */
function assignmentsIn(text: string): number {
  return parsePhp(text).statements.filter(({ kind }) => kind === 'expressionstatement').length;
}

const one = "$mappings[] = ['id' => 'a'];";

describe('what is copied from a web page or an editor is PHP all the same:', () => {
  test.each([
    ['with <?php', `<?php\n${one}\n`],
    ['without <?php', one],
    ['with <?php and ?>', `<?php ${one} ?>\n`],
    ['with a byte-order mark', `\ufeff${one}`],
    ['with a byte-order mark and <?php', `\ufeff<?php\n${one}`],
    ['with non-breaking spaces', one.replaceAll(' ', '\u00a0')],
    ['with tabs', one.replaceAll(' ', '\t')],
    ['with CRLF', `<?php\r\n${one}\r\n`],
    ['with an apostrophe in a comment before a non-breaking space', `// don't\n\u00a0${one}`],
    ['without the last semicolon', one.slice(0, -1)],
  ])('%s', (_, text) => {
    expect(problemsIn(text)).toEqual([]);
    expect(assignmentsIn(text)).toBe(1);
  });

  test('a non-breaking space inside quotes stays as it is', () => {
    const { statements } = parsePhp("$a = 'x\u00a0y';");
    expect(JSON.stringify(statements)).toContain('x\u00a0y');
  });
});

describe('what is missing at the end of a line is put in, with a warning at its place:', () => {
  test.each([
    ['a comma', "$m[] = [\n  'id' => 'a'\n  'b' => 1,\n];", '2:14 a comma is missing here?'],
    [
      'a comma before a comment',
      "$m = [\n  'a', // x\n  'b' // y, z\n  'c'\n];",
      '3:6 a comma is missing here?',
    ],
    [
      'a comma behind a list',
      "$m[] = [\n  'a' => [\n    1\n  ]\n  'b' => 1,\n];",
      '4:4 a comma is missing here?',
    ],
    ['a semicolon', `${one.slice(0, -1)}\n${one}`, '1:28 a semicolon is missing here?'],
  ])('%s', (_, text, problem) => {
    expect(problemsIn(text)).toEqual([problem]);
  });

  test('each of several', () => {
    const text = "$m[] = [\n  'a' => 1\n  'b' => 2\n  'c' => 3\n]\n$n = 1";
    expect(problemsIn(text)).toEqual([
      '2:11 a comma is missing here?',
      '3:11 a comma is missing here?',
      '5:2 a semicolon is missing here?',
    ]);
  });

  test('but not inside a line, where something else may be meant', () => {
    const problems = parsePhp("$mappings[] = ['id' 'a'];").problems;
    expect(problems).toMatchObject([{ line: 1, column: 21, mended: false }]);
  });
});

describe('a statement that can not be read is left out, and the others are kept:', () => {
  test.each([
    ['a missing arrow', "$mappings[] = [\n  'id' 'a',\n];", 3],
    ['an equals sign for an arrow', "$mappings[] = [\n  'id' = 'a',\n];", 3],
    ['a colon for an arrow', "$mappings[] = [\n  'id': 'a',\n];", 3],
    ['a bracket too many', "$mappings[] = [\n  'id' => 'a']],\n];", 3],
    ['a bracket too few inside', "$mappings[] = [\n  'map' => ['x' => 1\n];", 4],
    ['a bracket too few at the end', "$mappings[] = [\n  'id' => 'a',\n", 3],
    ['a text without its end', "$mappings[] = [\n  'id' => 'a,\n  'b' => 1\n];", 3],
    ['a text in double quotes without its end', '$mappings[] = [\n  "id" => "a,\n  "b" => 1\n];', 3],
  ])('%s', (_, broken, line) => {
    const text = `${one}\n${broken}\n${one}`;
    const { problems } = parsePhp(text);
    expect(problems).toMatchObject([{ line, mended: false }]);
    expect(assignmentsIn(text)).toBe(2);
  });

  test('two that are broken are two problems', () => {
    const broken = "$mappings[] = ['id' 'a'];";
    const text = [one, broken, one, broken, one].join('\n');
    expect(parsePhp(text).problems.map(({ line }) => line)).toEqual([2, 4]);
    expect(assignmentsIn(text)).toBe(3);
  });
});

test('a text that is never closed is a problem where it begins, at the end of the file, too', () => {
  expect(parsePhp(`${one}\n$mappings[] = [\n  'id' => 'a\n];\n`).problems).toMatchObject([
    { line: 3, column: 11 },
  ]);
});

test('a comment that is never closed is a problem: what stands behind it is not read', () => {
  expect(problemsIn(`${one}\n/* old\n${one}`)).toEqual(['2:1 this comment is never closed']);
});

test('a character that PHP does not know is a problem at its place', () => {
  expect(parsePhp(`${one}\n$mappings[] = [ \0 ];\n${one}`).problems).toMatchObject([{ line: 2 }]);
});

test('what is no PHP at all is a problem', () => {
  expect(parsePhp('hello world').problems).toHaveLength(1);
  expect(parsePhp('<?xml version="1.0"?>').problems.length).toBeGreaterThan(0);
});

test('no problem is told in the words of a parser', () => {
  const texts = ["$m = ['a' 'b'];", '$m = [', '$m = <<<EOT\nx', '$m = ];', '$m = ["a" => ];', "$m = 'a"];
  for (const problem of texts.flatMap(problemsIn)) expect(problem).not.toMatch(/T_[A-Z]|''|"'|Parse Error/);
});

test('a file of nothing but mistakes comes to an end', () => {
  const text = "$mappings[] = ['id' 'a'];\n".repeat(500);
  expect(parsePhp(text).problems.length).toBeLessThanOrEqual(100);
});

test('comments are kept, in order', () => {
  const { comments } = parsePhp("// one\n/* two */\n$m = ['a' => 1]; # three");
  expect(comments.map(({ value }) => String(value).trim())).toEqual(['// one', '/* two */', '# three']);
});
