import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoadResult, load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { compileMapper, type Mapper } from '../../plugin/compile/mapper.ts';
import { formats } from '../../plugin/format/index.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { toYaml } from '../../plugin/mapping/php/to-yaml.ts';
import { PhpSource } from '../../plugin/mapping/php-source.ts';
import { destination, firstLines, received } from '../helpers.ts';

// FileCloud's own sample files, byte for byte as its documentation prints them.
const php = join(packageRoot, 'test', 'data', 'filecloud');
const shipped = join(packageRoot, 'mappings', 'filecloud');

const files = [
  { name: 'auditmap.php', yaml: 'audit.yaml', tag: 'filecloud.audit', maps: 19 },
  { name: 'systemalertsmap.php', yaml: 'system-alerts.yaml', tag: 'filecloud.alert', maps: 3 },
];

const records = [
  ...recordsOf('mappings/examples/filecloud-audit.ndjson', 'filecloud.audit'),
  ...recordsOf('test/data/filecloud-system-alerts.ndjson', 'filecloud.alert'),
];

const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
let fromPhp: LoadResult;
let fromYaml: LoadResult;
beforeAll(async () => {
  fromPhp = await loadWith(
    files.map(({ name, tag }) => `{ file: ${join(php, name)}, match: ${tag}, time: $ts }`),
  );
  fromYaml = await loadWith(files.map(({ yaml }) => join(shipped, yaml)));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('there are records of both kinds', () => {
  expect(records.length).toBeGreaterThan(80);
  expect(new Set(records.map(({ tag }) => tag)).size).toBe(2);
});

test("FileCloud's files load as they are, every map of them", () => {
  expect(firstLines(fromPhp.diagnostics)).toEqual([]);
  const sets = fromPhp.loaded!.destinations[0]!.sets;
  expect(sets.map(({ mappings }) => mappings.length)).toEqual(files.map(({ maps }) => maps));
});

test.each(['cef', 'splunk-hec', 'json'])(
  'they give the same as the shipped maps, for every record, in %s',
  (format) => {
    expect(fromPhp.loaded).toBeDefined();
    expect(fromYaml.loaded).toBeDefined();
    const expected = linesWith(fromYaml.loaded!.destinations[0]!.map, format);
    expect(expected.flat().length).toBeGreaterThan(70);
    expect(linesWith(fromPhp.loaded!.destinations[0]!.map, format)).toEqual(expected);
  },
);

describe.each(files)('$name written as YAML', ({ name, tag, maps }) => {
  const text = readFileSync(join(php, name), 'utf8');
  const source = new PhpSource(name, text, new Diagnostics());
  const yaml = toYaml(source.mappings, source.comments);

  test('is read again without a finding, for the same ids in the same order', () => {
    const { set, findings } = readAgain(yaml);
    expect(findings).toEqual([]);
    const original = readMappingFile(name, text, new Diagnostics())!;
    expect(original.mappings).toHaveLength(maps);
    expect(set!.mappings.flatMap(({ ids }) => ids)).toEqual(original.mappings.flatMap(({ ids }) => ids));
  });

  test('gives the same lines', () => {
    const again = readMappingFile('map.yaml', yaml, new Diagnostics(), { match: tag, time: '$ts' })!;
    const original = readMappingFile(name, text, new Diagnostics(), { match: tag, time: '$ts' })!;
    const lines = linesWith(compileMapper([original]), 'cef');
    expect(lines.flat().length).toBeGreaterThan(10);
    expect(linesWith(compileMapper([again]), 'cef')).toEqual(lines);
  });

  test('has every word of every comment, in order', () => {
    const words = wordsOf(phpComments(text));
    expect(words.length).toBeGreaterThan(10);
    expect(wordsOf(yamlComments(yaml))).toEqual(words);
  });

  test('has nothing of PHP in it', () => {
    expect(yaml).not.toMatch(/=>|\[\]|\$mappings|::class|SiemConversionHelper/);
    expect(yaml).not.toMatch(/[^\S\n]$/m);
  });
});

test('maps that repeat with another id become one with a list of ids', () => {
  const map = "'map' => ['eventClass' => 'File', 'eventName' => '$operation', 'severity' => 2]";
  const text = ['downloadfile', 'upload', 'rename']
    .map((id) => `$mappings[] = ['id' => '${id}', ${map}]; // ${id}s`)
    .join('\n');
  const source = new PhpSource('map.php', text, new Diagnostics());
  const yaml = toYaml(source.mappings, source.comments);
  const { set } = readAgain(yaml);
  expect(set!.mappings.map(({ ids }) => ids)).toEqual([['downloadfile', 'upload', 'rename']]);
  expect(wordsOf(yamlComments(yaml))).toEqual(['downloadfiles', 'uploads', 'renames']);
});

function recordsOf(file: string, tag: string): { record: AuditRecord; tag: string }[] {
  const lines = readFileSync(join(packageRoot, file), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => ({ record: parseJson(line) as AuditRecord, tag }));
}

function loadWith(mappings: readonly string[]): Promise<LoadResult> {
  const config = join(folder, 'destinations.yaml');
  writeFileSync(config, `destinations: { siem: { format: cef, mappings: [${mappings.join(', ')}] } }\n`);
  return load(config, {});
}

function readAgain(yaml: string): { set: MappingSet | undefined; findings: string[] } {
  const diagnostics = new Diagnostics();
  const set = readMappingFile('map.yaml', yaml, diagnostics);
  return { set, findings: firstLines(diagnostics) };
}

/** For each record what the SIEM gets: a list of events, or the word for none. */
function linesWith(map: Mapper, format: string): (unknown[] | string)[] {
  const render = formats.get(format)!.compile(destination(format));
  return records.map(({ record, tag }) => {
    const outcome = map(record, tag, received, noProblems());
    return outcome.kind === 'mapped'
      ? outcome.events.map((event) => render(event, noProblems()))
      : outcome.kind;
  });
}

/** What stands in comments, told from texts in quotes. */
function phpComments(text: string): string[] {
  const tokens = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(\/\/.*|#.*|\/\*[\s\S]*?\*\/)/g;
  return [...text.matchAll(tokens)].flatMap(([, comment]) =>
    comment === undefined ? [] : [comment.replace(/^\/\/|^#|^\/\*+|\*+\/$/g, '')],
  );
}

function yamlComments(text: string): string[] {
  return [...text.matchAll(/(?:^|\s)# (.*)$/gm)].map(([, comment]) => comment!);
}

function wordsOf(comments: readonly string[]): string[] {
  return comments.flatMap((comment) => comment.split(/\s+/)).filter((word) => word !== '');
}
