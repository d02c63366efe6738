import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkExamples } from '../plugin/cli/examples.ts';
import { describeFindings } from '../plugin/cli/report.ts';
import { Diagnostics } from '../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../plugin/mapping/mapping-file.ts';

// Broken mapping files, each with all that `validate` says about it: in its first lines as comments, or for JSON
// in a file beside it. `UPDATE_DIAGNOSTICS=1 npx vitest run test/diagnostics.test.ts` writes them anew: read
// each as someone who has never seen this project.
const folder = join(import.meta.dirname, 'diagnostics');
const update = process.env.UPDATE_DIAGNOSTICS === '1';
const marks: Readonly<Record<string, string>> = { '.yaml': '#>', '.php': '//>' };

const names = readdirSync(folder).filter((name) => ['.yaml', '.json', '.php'].includes(extname(name)));

interface Broken {
  /** As the file is: the comments count as lines. */
  readonly text: string;
  readonly expected: string;
}

function read(name: string): Broken {
  const text = readFileSync(join(folder, name), 'utf8');
  const mark = marks[extname(name)];
  if (mark === undefined) return { text, expected: readExpected(name) };
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith(mark));
  const expected = lines.slice(0, end).map((line) => line.slice(mark.length).replace(/^ /, ''));
  return { text, expected: expected.join('\n') };
}

function readExpected(name: string): string {
  return readFileSync(join(folder, `${name}.expected`), {
    encoding: 'utf8',
    flag: update ? 'a+' : 'r',
  }).trimEnd();
}

function write(name: string, findings: string): void {
  const { text, expected } = read(name);
  const mark = marks[extname(name)];
  if (mark === undefined) {
    writeFileSync(join(folder, `${name}.expected`), `${findings}\n`);
    return;
  }
  const rest = text.split('\n').slice(text.startsWith(mark) ? expected.split('\n').length : 0);
  const comments = findings.split('\n').map((line) => `${mark} ${line}`);
  writeFileSync(join(folder, name), [...comments, ...rest].join('\n'));
}

/** What `validate` prints about a text, without its last line. */
function findingsIn(name: string, text: string): { printed: string; diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics();
  const set = readMappingFile(name, text, diagnostics);
  if (set) checkExamples(set, text, diagnostics);
  const printed = describeFindings({ diagnostics, files: [name] })
    .split('\n')
    .slice(0, -1);
  return { printed: printed.map((line) => line.trimEnd()).join('\n'), diagnostics };
}

describe('each broken file has its findings', () => {
  test.each(names)('%s', (name) => {
    if (update) {
      // The comments move the places: the second time they stand where they stay.
      write(name, findingsIn(name, read(name).text).printed);
      write(name, findingsIn(name, read(name).text).printed);
    }
    const { text, expected } = read(name);
    const { printed, diagnostics } = findingsIn(name, text);
    expect(printed).toBe(expected);
    expect(diagnostics.all.length).toBeGreaterThan(0);
  });
});

describe('each finding names a place that the file has, and is for people', () => {
  test.each(names)('%s', (name) => {
    const { text } = read(name);
    const lines = text.split('\n');
    for (const { file, line, column, message, hint = '' } of findingsIn(name, text).diagnostics.all) {
      expect(file).toBe(name);
      expect(lines[line - 1], message).toBeDefined();
      expect(column, message).toBeGreaterThanOrEqual(1);
      expect(column, message).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      expect(`${message} ${hint}`).not.toMatch(
        /\n\s+at |undefined|\[object|NaN|T_[A-Z]+|instancePath|schema/,
      );
    }
  });
});

test('all three languages are among them, and every expectation has its file', () => {
  expect(new Set(names.map((name) => extname(name)))).toEqual(new Set(['.yaml', '.json', '.php']));
  expect(names.length).toBeGreaterThanOrEqual(25);
  const expectations = readdirSync(folder).filter((name) => name.endsWith('.expected'));
  expect(expectations).toEqual(
    names.filter((name) => name.endsWith('.json')).map((name) => `${name}.expected`),
  );
});

test.each([
  ['a comma too many', '{ "mappings": [], }', 'map.json:1:'],
  ['a quote that is missing', '{ "mappings: [] }', 'map.json:1:'],
  ['a text that just stops', '{ "mappings": [', 'map.json:1:'],
])('JSON that can not be read has a place: %s', (_, text, place) => {
  const { printed } = findingsIn('map.json', text);
  expect(printed).toContain(place);
  expect(printed).not.toMatch(/\n\s+at /);
});
