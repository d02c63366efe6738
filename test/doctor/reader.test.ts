import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import type { Configuration } from '../../plugin/cli/doctor/configuration.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string | Buffer>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function read(name: string, environment: Record<string, string> = {}): Configuration {
  const diagnostics = new Diagnostics();
  const configuration = readConfiguration(join(folder, name), diagnostics, environment);
  expect(diagnostics.all.map(formatDiagnostic)).toEqual([]);
  return configuration;
}

/** `kind: key=value, ...` of each section; a value that is not known is `?`. */
function shown({ sections }: Configuration): string[] {
  return sections.map(
    ({ kind, properties }) =>
      `${kind}: ${properties.map(({ key, value }) => `${key}=${value ?? '?'}`).join(', ')}`,
  );
}

describe('classic', () => {
  test('keys in any case, spaces, comments, CRLF, a key that comes again', () => {
    write({
      'a.conf':
        '# c\n[Input]\r\n    NAME   tail  \r\n\n    # c\n    Header a b\n    header c  d\n[OUTPUT]\n\tname x\n',
    });
    // The first indented line says what all others begin with: a tab is another beginning.
    const diagnostics = new Diagnostics();
    const configuration = readConfiguration(join(folder, 'a.conf'), diagnostics, {});
    expect(shown(configuration)).toEqual(['input: name=tail, header=a b, header=c  d', 'output: ']);
    expect(diagnostics.all).toMatchObject([{ code: 'D001', line: 9, column: 1 }]);
  });
  test('places are those of values', () => {
    write({ 'a.conf': '[INPUT]\n    Tag   a.b\n' });
    const [section] = read('a.conf').sections;
    expect(section!.at('tag')).toMatchObject({ line: 2, column: 11, length: 3, source: '    Tag   a.b' });
    expect(section!.at('missing')).toMatchObject({ line: 1, column: 1 });
  });
  test('includes are sought from the main file, and patterns take what is there', () => {
    write({
      'main.conf': '@INCLUDE sub/one.conf\n@INCLUDE many/*.conf\n',
      'sub/one.conf': '@include two.conf\n',
      'two.conf': '[OUTPUT]\n    Name two\n',
      'many/b.conf': '[OUTPUT]\n    Name b\n',
      'many/a.conf': '[OUTPUT]\n    Name a\n',
    });
    expect(shown(read('main.conf'))).toEqual(['output: name=two', 'output: name=a', 'output: name=b']);
  });
  test('${NAME} comes from @SET, then from the environment; what is in neither is not known', () => {
    write({
      'a.conf':
        '@SET tag=audit\n[OUTPUT]\n    Match ${tag}.*\n    Host ${HOST}.${ZONE}\n    Port ${PORT}\n    Uri ${U:-/x}\n',
    });
    expect(shown(read('a.conf', { HOST: 'h', ZONE: 'z' }))).toEqual([
      'output: match=audit.*, host=h.z, port=?, uri=/x',
    ]);
  });
  test('a group in a section keeps its keys for itself', () => {
    write({ 'a.conf': '[INPUT]\n    Name x\n    [PROCESSORS]\n        name lua\n[OUTPUT]\n    Name y\n' });
    expect(shown(read('a.conf'))).toEqual(['input: name=x', 'output: name=y']);
  });
});

describe('YAML', () => {
  test('says the same as classic', () => {
    write({
      'a.yaml':
        'env: { tag: audit }\nservice: { flush: 1.0, Log_Level: info }\nincludes: [sub/b.yaml]\npipeline:\n' +
        '  inputs:\n    - name: tail\n      tag: "${tag}.x"\n      processors: { logs: [] }\n' +
        '  outputs:\n    - name: http\n      tls: true\n      header: [a b, c d]\n      header: e f\n',
      'sub/b.yaml': 'includes:\n  - c.yaml\n',
      'sub/c.yaml': 'pipeline:\n  filters:\n    - name: lua\n',
    });
    expect(shown(read('a.yaml'))).toEqual([
      'service: flush=1.0, log_level=info',
      'input: name=tail, tag=audit.x, processors=',
      'output: name=http, tls=true, header=a b, header=c d, header=e f',
      'filter: name=lua',
    ]);
    const output = read('a.yaml').sections[2]!;
    expect(output.at('tls')).toMatchObject({ line: 11, column: 12, length: 4 });
  });
});

describe('garbage gives findings with a place, and no exception', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '[INPUT]',
      '[OUTPUT]',
      '[SERVICE]',
      '    Name forward',
      '    Name http',
      '    Name tail',
      '    Match *',
      '    Match_Regex ^(',
      '    Match siem.splunk.*',
      '    Port 24224',
      '    Port x',
      '    URI /map/%zz',
      '    URI /deliver/splunk',
      '    Retry_Limit -1',
      '    Tag a.*',
      '    ${',
      '@INCLUDE /',
      '@INCLUDE *',
      '@SET a=${a}',
      'pipeline: {inputs: [{}, 1, null], outputs: {}}',
      'service: [',
      'includes: [{a: 1}, "."]',
      '  - *a',
    ),
  );
  const bytes = fc.oneof(
    fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join('\n'))),
    fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)),
  );

  test.each(['a.conf', 'a.yaml'])('%s', async (name) => {
    const config = join(packageRoot, 'mappings/destinations.yaml');
    const { loaded } = await load(config, {});
    fc.assert(
      fc.property(bytes, (content) => {
        write({ [name]: content });
        const diagnostics = new Diagnostics();
        const configuration = readConfiguration(join(folder, name), diagnostics, {});
        checkInstallation(new Installation(config, loaded!.settings, [configuration]), diagnostics);
        const lines = content.toString().split('\n').length;
        for (const { file, line, column, length, message } of diagnostics.all) {
          if (file === config) continue;
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(Math.min(column, length)).toBeGreaterThanOrEqual(1);
          expect(message).not.toMatch(/undefined|\[object/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a folder, and a file that is not there', () => {
    for (const [name, what] of [
      ['.', /can't be read/],
      ['none.conf', /there is no file/],
    ] as const) {
      const diagnostics = new Diagnostics();
      readConfiguration(join(folder, name), diagnostics, {});
      expect(diagnostics.all).toMatchObject([
        { code: 'D001', line: 1, message: expect.stringMatching(what) },
      ]);
    }
  });
});
