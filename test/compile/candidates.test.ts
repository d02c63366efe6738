import { describe, expect, test } from 'vitest';
import { candidatesFor, hasShape } from '../../plugin/compile/candidates.ts';
import { compileTagPattern } from '../../plugin/compile/tag.ts';

/** A file with a name, the tags it is for, and its shape. */
const file = (name: string, match: string, ...shape: string[]) => ({
  name,
  shape,
  matchesTag: compileTagPattern(match),
});

const audit = file('audit', 'filecloud.audit', 'operation');
const alert = file('alert', 'filecloud.alert', 'siemArea');
const own = file('own', 'app.*');
const any = file('any', '*');

/** Names of the files that may take a record, with a ? where it must have the file's shape. */
const namesFor = (tag: string, ...files: ReturnType<typeof file>[]): string[] =>
  candidatesFor(files, tag).map(({ set, byShape }) => `${set.name}${byShape ? '?' : ''}`);

describe('with a tag that fits', () => {
  test('a file takes part, in the order of the list, whatever the shape of the record', () => {
    expect(namesFor('filecloud.audit', audit, alert, own)).toEqual(['audit']);
    expect(namesFor('filecloud.audit', any, audit)).toEqual(['any', 'audit']);
    expect(namesFor('filecloud.audit', audit, any)).toEqual(['audit', 'any']);
  });
});

describe('with a tag that fits no file', () => {
  test('those with a shape may take it, and only by their shape', () => {
    expect(namesFor('syslog', audit, own, alert)).toEqual(['audit?', 'alert?']);
    expect(namesFor('syslog', own)).toEqual([]);
  });
});

describe('without a tag', () => {
  test('those with a shape take part by it, the others take any record', () => {
    expect(namesFor('', audit, own, any)).toEqual(['audit?', 'own', 'any']);
    expect(namesFor('', own, alert)).toEqual(['own', 'alert?']);
  });
});

test('without a file there is no candidate', () => {
  expect(namesFor('a')).toEqual([]);
  expect(namesFor('')).toEqual([]);
});

describe('a record has a shape', () => {
  test.each<[record: Record<string, unknown>, shape: string[], has: boolean]>([
    [{ a: 1, b: 2 }, ['a', 'b'], true],
    [{ a: 1 }, ['a', 'b'], false],
    [{ a: null, b: '' }, ['a', 'b'], true],
    [{ a: undefined }, ['a'], true],
    [{}, [], true],
    [{}, ['constructor'], false],
    [{}, ['__proto__'], false],
    [JSON.parse('{"__proto__":1}'), ['__proto__'], true],
    [{ A: 1 }, ['a'], false],
    [{ a: { b: 1 } }, ['a.b'], false],
  ])('%j with %j: %s', (record, shape, has) => {
    expect(hasShape(record, shape)).toBe(has);
  });
});
