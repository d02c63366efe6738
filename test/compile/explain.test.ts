import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { explain } from '../../plugin/compile/explain.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { builtInFunctions } from '../../plugin/mapping/functions/index.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { mappingSets, received, secretsOf } from '../helpers.ts';

const recordsOf = (file: string): AuditRecord[] =>
  readFileSync(join(packageRoot, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) as AuditRecord);

describe('it says what the mapper does', () => {
  const samples = [
    ...recordsOf('mappings/examples/filecloud-audit.ndjson'),
    ...recordsOf('test/data/filecloud-system-alerts.ndjson'),
    ...recordsOf('test/data/filescom.ndjson'),
  ];
  const tags = ['', 'filecloud.audit', 'filecloud.alert', 'filescom.action', 'syslog'];

  /** Checks every record with every tag against these files. */
  function check(sets: readonly MappingSet[]): void {
    const map = compileMapper(sets);
    for (const tag of tags) {
      for (const record of samples) {
        const outcome = map(record, tag, received, noProblems());
        const lines = explain(sets, record, tag);
        const what = `${tag}: ${toJsonText(record)}\n${lines.join('\n')}`;
        const taken = lines.flatMap((line) => /^(\S+:\d+) .*: taken$/.exec(line)?.slice(1) ?? []);
        expect(taken.length > 0, what).toBe(outcome.kind === 'mapped');
        expect(
          lines.some((line) => line.startsWith('unmapped')),
          what,
        ).toBe(outcome.kind === 'unmapped');
        expect(
          lines.some((line) => line.includes('filtered out')),
          what,
        ).toBe(outcome.kind === 'filtered');
        // Only the mappings it names make the same events.
        if (outcome.kind !== 'mapped') continue;
        const chosen = sets
          .map((set) => ({
            ...set,
            mappings: set.mappings.filter((one) => taken.includes(`${one.file}:${one.line}`)),
          }))
          .filter(({ mappings }) => mappings.length > 0);
        expect(compileMapper(chosen)(record, tag, received, noProblems()), what).toEqual(outcome);
      }
    }
  }

  const shipped = async (mappings: string): Promise<readonly MappingSet[]> => {
    const { loaded } = await load(join(packageRoot, 'test', 'mappings', mappings, 'destinations.yaml'), {});
    return loaded!.destinations[0]!.sets;
  };

  test("with FileCloud's maps", async () => {
    const { loaded } = await load(join(packageRoot, 'mappings', 'examples', 'cef.yaml'), {});
    check(loaded!.destinations[0]!.sets);
  });
  test('with the extended ones', async () => check(await shipped('filecloud-extended')));
  test("with Files.com's", async () => check(await shipped('filescom')));
  test('in mode all', async () => {
    const sets = await shipped('filecloud-extended');
    check(sets.map((set) => ({ ...set, mode: 'all' as const })));
  });
});

/** One mapping with these values. */
const mapping = (extension: string, head = "id: '*'"): string =>
  `mappings:\n- ${head}\n  map: { eventClass: c, eventName: n, severity: 1, extension: ${extension} }\n`;

/** What is said of the extension `x`. */
function saidOf(value: string, record: AuditRecord): string {
  const lines = explain(mappingSets(mapping(`{ x: ${value} }`)), record, '');
  return lines.find((line) => /^ {2}x /.test(line))!.replace(/^ {2}x\s+/, '');
}

describe('where a value came from', () => {
  test.each<[value: string, record: AuditRecord, said: string]>([
    ['login', {}, '"login"  (in the mapping)'],
    ['5', {}, '5  (in the mapping)'],
    ['false', {}, 'false  (in the mapping)'],
    ['$a', { a: 'v' }, '"v"  <- $a'],
    ['$a', { a: 0 }, '0  <- $a'],
    ['$a', { a: 12345678901234567890n }, '12345678901234567890  <- $a'],
    ['$a', { a: { b: [1] } }, '{"b":[1]}  <- $a'],
    ['$a.b', { a: '{"b":"v"}' }, '"v"  <- $a.b'],
    ['$a', { a: 'x'.repeat(100) }, `"${'x'.repeat(59)}...  <- $a`],
    ['$a', {}, 'left out: $a is missing'],
    ['$a', { a: null }, 'left out: $a is null'],
    ['$a', { a: '' }, 'left out: $a is ""'],
    ['$a', { a: [] }, 'left out: $a is []'],
    ['$a > $b', { a: 'v' }, '"v"  <- $a'],
    ['$a > $b', { b: 'v' }, '"v"  <- $b  ($a is missing)'],
    ['$a > $b', { a: '' }, 'left out: $a is "", $b is missing'],
    ["$a > 'none'", {}, '"none"  <- the chain\'s last word  ($a is missing)'],
    ['{ call: upper, args: [$a] }', { a: 'v' }, '"V"  <- upper()  ($a is "v")'],
    ['{ call: number, args: [$a] }', { a: 'v' }, 'left out: number()  ($a is "v") gives missing'],
    ['{ call: lower, args: [ABC] }', {}, '"abc"  <- lower()'],
  ])('%s', (value, record, said) => {
    expect(saidOf(value, record)).toBe(said);
  });

  test('an empty literal in a chain is passed over as anything else', () => {
    expect(() => saidOf("$a > '' > $b", { b: 'v' })).not.toThrow();
    expect(saidOf("$a > '' > $b", { b: 'v' })).toMatch(/^"v" {2}<- \$b/);
  });
  test('a label goes with its value, and says so', () => {
    const sets = mappingSets(mapping('{ cs1: $a, cs1Label: What it is }'));
    expect(explain(sets, {}, '').at(-1)).toMatch(/cs1Label +left out with cs1$/);
    expect(explain(sets, { a: 1 }, '').at(-1)).toMatch(/cs1Label +"What it is" {2}\(in the mapping\)$/);
  });
  test('a function that throws, a path into the prototype and a value without a text do no harm', () => {
    const deep: unknown[] = [];
    deep.push(deep);
    for (const record of [{ a: deep }, { a: new Date(Number.NaN) }, { a: Symbol('s') }]) {
      expect(() => saidOf('{ call: upper, args: [$a] }', record)).not.toThrow();
      expect(() => saidOf('$a', record)).not.toThrow();
    }
    expect(saidOf('$constructor.name', {})).toBe('left out: $constructor.name is missing');
  });
});

describe('a secret never shows', () => {
  const secret = 'a-secret-that-must-not-show';
  const context = { functions: builtInFunctions, secrets: secretsOf({ KEY: secret }) };
  test.each([
    "{ call: hash, args: [$a, '${KEY}'] }",
    "{ call: upper, args: [{ call: hash, args: [$a, '${KEY}'] }] }",
    "{ call: truncate, args: [{ call: hash, args: [$none, '${KEY}'] }, 5] }",
  ])('%s', (value) => {
    const set = readMappingFile('map.yaml', mapping(`{ x: ${value} }`), new Diagnostics(), {}, context)!;
    const said = explain([set], { a: 'v' }, '').join('\n');
    expect(said).toContain('map.yaml:2');
    expect(said).not.toContain(secret);
    expect(said.toLowerCase()).not.toContain(secret);
  });
});

describe('why a mapping was not taken', () => {
  const of = (text: string, record: AuditRecord, tag = ''): string[] =>
    explain(mappingSets(text), record, tag).filter((line) => !line.startsWith('  '));

  test('its prefilter, with what the record has and what it should', () => {
    const text = mapping('{}', "id: a\n  prefilter: { r: ['0', '2'], l.m: x }");
    expect(of(text, { operation: 'a', r: 1 })).toEqual([
      "map1.yaml:2 a: not taken, r is 1, not '0' or '2'",
      'unmapped: no mapping is for it',
    ]);
    expect(of(text, { operation: 'a', r: 0 })).toEqual([
      "map1.yaml:2 a: not taken, l.m is missing, not 'x'",
      'unmapped: no mapping is for it',
    ]);
    expect(of(text, { operation: 'a', r: 0, l: { m: 'x' } })).toEqual(['map1.yaml:2 a: taken']);
  });
  test('an exclude', () => {
    const text = mapping('{}', "id: a\n  prefilter: { r: '0', exclude: true }");
    expect(of(text, { operation: 'a', r: 0 })).toEqual([
      'map1.yaml:2 a: filtered out, it meets the prefilter with exclude',
    ]);
    expect(of(text, { operation: 'a', r: 1 })).toEqual(['map1.yaml:2 a: taken']);
  });
  test('an exclude behind a mapping that was taken, in mode all: its event is sent all the same', () => {
    const text = `mode: all\n${mapping('{}')}- id: '*'\n  prefilter: { exclude: true }\n  map: { eventClass: c, eventName: n, severity: 1 }\n`;
    expect(of(text, {})).toEqual([
      'map1.yaml:3 *: taken',
      'map1.yaml:5 *: no later mapping is tried, it meets the prefilter with exclude',
    ]);
  });
  test('another id, only counted', () => {
    const text = `${mapping('{}', 'id: a')}- id: [b, c]\n  map: { eventClass: c, eventName: n, severity: 1 }\n`;
    expect(of(text, { operation: 'c' })).toEqual([
      "map1.yaml: 1 mapping is for other ids than 'c'",
      'map1.yaml:4 b, c: taken',
    ]);
    expect(of(text, { operation: 'd' })).toEqual([
      "map1.yaml: 2 mappings are for other ids than 'd'",
      'unmapped: no mapping is for it',
    ]);
  });
  test('the tag', () => {
    expect(of(`match: app.*\n${mapping('{}')}`, {}, 'syslog')).toEqual([
      "map1.yaml: the tag 'syslog' does not fit 'app.*'",
      'unmapped: no mapping is for it',
    ]);
  });
  test('the shape', () => {
    expect(of(`match: app.*\nshape: [a, b]\n${mapping('{}')}`, { a: 1 }, 'syslog')).toEqual([
      'map1.yaml: the record has no b',
      'unmapped: no mapping is for it',
    ]);
    expect(of(`match: app.*\nshape: [a, b]\n${mapping('{}')}`, { a: 1, b: 1 }, 'syslog')).toEqual([
      'map1.yaml:4 *: taken',
    ]);
  });
});
