import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMappingFiles } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { cefDictionary } from '../../plugin/mapping/cef-dictionary.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import { findingsIn, firstLines } from '../helpers.ts';

/** A file whose mappings have these first keys; the first stands in line 2, each has a line of its own. */
const file = (...heads: string[]): string =>
  `mappings:\n${heads.map((head) => `  - { ${head}, map: { eventClass: c, eventName: n, severity: 1 } }\n`).join('')}`;

/** A file with one mapping whose extension's keys stand in line 8 and after, from column 9 on. */
const withExtension = (...lines: string[]): string =>
  `mappings:\n  - id: a\n    map:\n      eventClass: c\n      eventName: n\n      severity: 1\n      extension:\n${lines
    .map((line) => `        ${line}\n`)
    .join('')}`;

/** The findings without the file's name. */
const found = (text: string): string[] => findingsIn(text).map((line) => line.replace(/^map\.yaml:/, ''));

describe('a mapping that can never match is told of, with the line of the one that is in its way:', () => {
  test.each<[name: string, heads: string[], finding: string]>([
    ["'*' first", ["id: '*'", 'id: a'], "3:11: warning M022: this can never match: line 2 takes 'a' first"],
    [
      "'*' behind '*'",
      ["id: '*'", "id: '*'"],
      '3:11: warning M022: this can never match: line 2 takes every record first',
    ],
    [
      "'*' in a list",
      ["id: [a, '*']", 'id: b'],
      "3:11: warning M022: this can never match: line 2 takes 'b' first",
    ],
    [
      'the same id',
      ['id: a', "id: a, prefilter: { x: '1' }"],
      "3:11: warning M022: this can never match: line 2 takes 'a' first",
    ],
    [
      'every id of a list, in one list before',
      ['id: [a, b, c]', 'id: [c, a]'],
      "3:11: warning M022: this can never match: line 2 takes 'c', 'a' first",
    ],
    [
      'a constant, with and without its class',
      ['id: INFECTED_FILE', 'id: SiemArea::INFECTED_FILE'],
      "3:11: warning M022: this can never match: line 2 takes 'INFECTED_FILE' first",
    ],
    [
      'an empty prefilter',
      ["id: '*', prefilter: {}", 'id: a'],
      "3:11: warning M022: this can never match: line 2 takes 'a' first",
    ],
    [
      'an exclude without a condition: it filters all out',
      ["id: '*', prefilter: { exclude: true }", 'id: a'],
      "3:11: warning M022: this can never match: line 2 takes 'a' first",
    ],
  ])('%s', (_, heads, finding) => {
    expect(found(file(...heads))).toEqual([finding]);
  });

  test.each<[name: string, heads: string[]]>([
    ["'*' last", ['id: a', "id: '*'"]],
    ["'*' with a prefilter first", ["id: '*', prefilter: { level: 9 }", 'id: a']],
    ['the same id with a prefilter first', ["id: a, prefilter: { r: '0' }", 'id: a']],
    ['one id of a list is still free', ['id: a', 'id: [a, b]']],
    ['ids in two lists before', ['id: a', 'id: b', 'id: [c, a]']],
    ["'*' after some ids", ['id: [a, b]', "id: '*'"]],
  ])('and not: %s', (_, heads) => {
    expect(found(file(...heads))).toEqual([]);
  });

  test('but in mode all every mapping has its turn', () => {
    expect(found(`mode: all\n${file("id: '*'", 'id: a')}`)).toEqual([]);
    const diagnostics = new Diagnostics();
    readMappingFile('map.yaml', file("id: '*'", 'id: a'), diagnostics, { mode: 'all' });
    expect(firstLines(diagnostics)).toEqual([]);
  });

  test('and it is said what to do', () => {
    const diagnostics = new Diagnostics();
    readMappingFile('map.yaml', file("id: '*'", 'id: a'), diagnostics);
    expect(diagnostics.all[0]!.hint).toContain('put it before that one');
  });
});

describe('a key that is not letters and digits', () => {
  test.each([
    ['user_name', "8:9: warning M016: 'user_name' is 'username' in CEF: a key is letters and digits only"],
    ["'user name'", "8:9: warning M016: 'user name' is 'username' in CEF: a key is letters and digits only"],
    ['a.b-c', "8:9: warning M016: 'a.b-c' is 'abc' in CEF: a key is letters and digits only"],
    ["'größe'", "8:9: warning M016: 'größe' is 'gre' in CEF: a key is letters and digits only"],
    ["'???'", "8:9: warning M016: '???' is left out in CEF: a key is letters and digits only"],
    ["''", "8:9: warning M016: '' is left out in CEF: a key is letters and digits only"],
  ])('%s', (key, finding) => {
    expect(found(withExtension(`${key}: $x`))).toEqual([finding]);
  });
  test('twice the same in CEF is an error', () => {
    expect(found(withExtension('shareid: $a', 'share_id: $b'))).toEqual([
      "9:9: warning M016: 'share_id' is 'shareid' in CEF: a key is letters and digits only",
      "9:9: error M016: 'share_id' and 'shareid' are the same key in CEF",
    ]);
  });
  test('left out twice is no such error', () => {
    expect(found(withExtension("'???': $a", "'!': $b")).filter((line) => line.includes('error'))).toEqual([]);
  });
  test('differs by its capitals', () => {
    expect(found(withExtension('abc: $a', 'ABC: $b'))).toEqual([]);
  });
});

describe('a custom field and its label belong together', () => {
  test.each([
    'cs1',
    'cs6',
    'cn1',
    'cn3',
    'cfp4',
    'c6a1',
    'flexString2',
    'flexNumber1',
    'flexDate1',
    'deviceCustomDate2',
  ])('%s without its label', (key) => {
    expect(found(withExtension(`${key}: $x`))).toEqual([`8:9: warning M024: '${key}' has no label`]);
    expect(found(withExtension(`${key}: $x`, `${key}Label: What it is`))).toEqual([]);
  });
  test.each(['cs1', 'cn2', 'cfp1', 'flexString1', 'deviceCustomDate1'])(
    '%sLabel without its field',
    (key) => {
      expect(found(withExtension(`${key}Label: What it is`))).toEqual([
        `8:9: warning M024: '${key}Label' labels '${key}', which is not here`,
      ]);
    },
  );
  test('and the label may come first', () => {
    expect(found(withExtension('cs1Label: What it is', 'cs1: $x'))).toEqual([]);
  });
  test('a label of any other key says what it wants', () => {
    expect(found(withExtension('colorLabel: $x', 'cs7: $y'))).toEqual([]);
  });
});

describe('a well-known key that is misspelt', () => {
  test.each([
    ['requestclientapplication', 'requestClientApplication'],
    ['requestClientAplication', 'requestClientApplication'],
    ['filepath', 'filePath'],
    ['filePaht', 'filePath'],
    ['externalID', 'externalId'],
    ['requestMetod', 'requestMethod'],
    ['SUSER', 'suser'],
  ])('%s: did you mean %s?', (key, meant) => {
    const diagnostics = new Diagnostics();
    readMappingFile('map.yaml', withExtension(`${key}: $x`), diagnostics);
    expect(firstLines(diagnostics)).toEqual([`map.yaml:8:9: warning M023: '${key}' is no CEF key`]);
    expect(diagnostics.all[0]!.hint).toBe(`did you mean '${meant}'?`);
  });
  test.each([
    'user',
    'ip',
    'notes',
    'userAgent',
    'ispublic',
    'shareTargetEmail',
    'recordId',
    'path',
    'file',
    'folder',
    'siteId',
  ])("but %s, as FileCloud's own maps have it, is no slip", (key) => {
    expect(found(withExtension(`${key}: $x`))).toEqual([]);
  });
  test('and no well-known key is taken for another one', () => {
    for (const [key, { consumerOnly }] of cefDictionary) {
      const findings = found(withExtension(`${key}: $x`)).filter((line) => line.includes('M023'));
      expect(findings, key).toHaveLength(consumerOnly ? 1 : 0);
    }
  });
});

test.each(['eventId', 'rawEvent', 'agt', 'ahost', 'art', 'mrt', 'customerURI'])(
  '%s is for the receiver to set',
  (key) => {
    expect(found(withExtension(`${key}: $x`))).toEqual([
      `8:9: warning M023: '${key}' is for the receiver to set; a sender must not`,
    ]);
  },
);

describe('a fixed value', () => {
  test.each([
    ['src', 'localhost', 'an IP address'],
    ['src', '10.0.0.256', 'an IP address'],
    ['src', '10.0.0', 'an IP address'],
    ['dst', 'fe80::zz', 'an IP address'],
    ['spt', '70000', 'a port'],
    ['dpt', 'https', 'a port'],
    ['fsize', '2 MB', 'a whole number'],
    ['cnt', '1.5', 'a whole number'],
    ['in', 'true', 'a whole number'],
    ['smac', '00-0d-60-af-1b', 'a MAC address'],
    ['rt', 'yesterday', 'a time'],
    ['end', '2026-02-30', 'a time'],
  ])('of %s that is %s is not %s', (key, value, type) => {
    expect(found(withExtension(`${key}: '${value}'`))).toEqual([
      `8:${key.length + 11}: warning M025: '${key}' is ${type}, not '${value}'`,
    ]);
  });
  test.each([
    ['src', '10.0.0.1'],
    ['dst', '2001:db8::1'],
    ['spt', '0'],
    ['dpt', '65535'],
    ['fsize', '-1'],
    ['smac', '00:0D:60:AF:1B:61'],
    ['rt', '1772438400000'],
    ['start', '2026-03-02T08:00:00Z'],
    ['end', 'Mar 02 2026 08:00:00'],
    ['suser', '12'],
  ])('of %s may be %s', (key, value) => {
    expect(found(withExtension(`${key}: '${value}'`))).toEqual([]);
    if (/^-?\d+$/.test(value)) expect(found(withExtension(`${key}: ${value}`))).toEqual([]);
  });
  test('that is longer than the key holds', () => {
    expect(found(withExtension(`app: ${'x'.repeat(31)}`))).toEqual([]);
    expect(found(withExtension(`app: ${'x'.repeat(32)}`))).toEqual([
      "8:14: warning M025: 'app' holds 31 characters; this has 32",
    ]);
    expect(found(withExtension('cs1: $x', `cs1Label: ${'x'.repeat(1024)}`))).toEqual([
      "9:19: warning M025: 'cs1Label' holds 1023 characters; this has 1024",
    ]);
  });
  test('is looked at, a path or a call is not', () => {
    expect(found(withExtension('src: $x', 'dst: { call: lower, args: [x] }', "fsize: $a > 'x'"))).toEqual([]);
  });
  test('that can not be read has one finding', () => {
    expect(found(withExtension('src: $a..b'))).toEqual([
      "8:14: error M010: '$a..b' is not a path: a key is missing",
    ]);
  });
});

test('warnings alone do not keep a file from being used', () => {
  const diagnostics = new Diagnostics();
  expect(readMappingFile('map.yaml', withExtension('cs1: $x', 'src: none'), diagnostics)).toBeDefined();
  expect(diagnostics.all).toHaveLength(2);
});

describe('the mapping files that are shipped have no findings', () => {
  const folder = join(packageRoot, 'mappings');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .filter((name) => /^mappings:/m.test(readFileSync(join(folder, name), 'utf8')));

  test('there are some of both vendors', () => {
    expect(files.length).toBeGreaterThanOrEqual(16);
  });
  test.each(files)('%s', (name) => {
    const { diagnostics } = loadMappingFiles([join(folder, name)], {});
    expect(diagnostics.all.map(formatDiagnostic)).toEqual([]);
  });
});
