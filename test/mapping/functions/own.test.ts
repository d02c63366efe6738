import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type LoadResult, load } from '../../../plugin/cli/load.ts';
import { noProblems, type Problems } from '../../../plugin/compile/event.ts';
import { firstLines, received } from '../../helpers.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Loads a mapping that calls `own` between two neighbours, with this text as the module of functions. */
async function loadWith(module: string | undefined, call = '{ call: own, args: [$a] }'): Promise<LoadResult> {
  // A folder of its own each time: Node.js keeps what it once imported.
  const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  folders.push(folder);
  if (module !== undefined) writeFileSync(join(folder, 'own.mjs'), module);
  writeFileSync(
    join(folder, 'map.yaml'),
    `mappings:\n- id: '*'\n  map: { eventClass: c, eventName: n, severity: 1, extension: { x: $a, own: ${call}, y: $a } }\n`,
  );
  writeFileSync(
    join(folder, 'destinations.yaml'),
    'functions: own.mjs\ndestinations: { siem: { format: cef, mappings: [map.yaml] } }\n',
  );
  return load(join(folder, 'destinations.yaml'), {});
}

/** What comes of a record with `a`, and what was counted. */
async function extensionWith(
  module: string,
  a: unknown = 'v',
  call?: string,
): Promise<{ extension: unknown; problems: Problems }> {
  const { loaded, diagnostics } = await loadWith(module, call);
  expect(firstLines(diagnostics)).toEqual([]);
  const problems = noProblems();
  const outcome = loaded!.destinations[0]!.map({ a }, '', received, problems);
  const [event] = outcome.kind === 'mapped' ? outcome.events : [];
  return { extension: Object.fromEntries(event!.extension), problems };
}

/** The first lines of the findings, without the folder. */
async function findingsWith(module: string | undefined, call?: string): Promise<string[]> {
  const { diagnostics } = await loadWith(module, call);
  return firstLines(diagnostics).map((line) => line.replace(/^\S*\/(?=[\w.]+:\d)/, ''));
}

describe("an administrator's own function", () => {
  test('gets the values and gives one', async () => {
    const module = 'export const own = (value, ...more) => `<${value}|${more}>`;';
    const call = '{ call: own, args: [$a, 5, $none, { call: upper, args: [$a] }] }';
    expect((await extensionWith(module, 'v', call)).extension).toEqual({ x: 'v', own: '<v|5,,V>', y: 'v' });
  });
  test('may take no argument', async () => {
    const module = 'export function own() { return arguments.length; }';
    expect((await extensionWith(module, 'v', '{ call: own }')).extension).toMatchObject({ own: 0 });
  });
  test('may be an argument of a built-in one', async () => {
    const call = '{ call: upper, args: [{ call: own, args: [$a] }] }';
    expect((await extensionWith('export const own = (a) => a + a;', 'v', call)).extension).toMatchObject({
      own: 'VV',
    });
  });
  test('other exports do no harm', async () => {
    const module = 'export const version = 1; export default class {}; export const own = () => 1;';
    expect((await extensionWith(module)).extension).toMatchObject({ own: 1 });
  });

  test.each([
    ['throws', "throw new Error('broken')"],
    ['throws no error', 'throw null'],
    ['returns a Promise', 'return Promise.resolve(1)'],
    ['is async', 'return (async () => 1)()'],
    ['returns a Promise that fails', "return Promise.reject(new Error('late'))"],
    ['returns something that is like a Promise', 'return { then() {} }'],
    ['never stops calling itself', 'return own()'],
  ])('that %s: its value is left out and counted, its neighbours stay', async (_, body) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const { extension, problems } = await extensionWith(`export function own() { ${body} }`);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listen);
    expect(extension).toEqual({ x: 'v', y: 'v' });
    expect(problems).toMatchObject({ failedValues: 1, failedFunction: 'own' });
    expect(unhandled).toEqual([]);
  });

  test.each(['undefined', 'null', "''", '[]', '{}'])(
    'that returns %s has no value, and that is no failure',
    async (value) => {
      const { extension, problems } = await extensionWith(`export const own = () => (${value});`);
      expect(extension).toEqual({ x: 'v', y: 'v' });
      expect(problems).toEqual(noProblems());
    },
  );

  test('can not change what its neighbours see', async () => {
    const module = 'export const own = (list) => { list.push("more"); return list.length; };';
    const { extension } = await extensionWith(module, Object.freeze(['one']));
    expect(extension).toEqual({ x: ['one'], y: ['one'] });
  });
});

describe('a module that is wrong is an error at its name:', () => {
  test.each<[name: string, module: string | undefined, finding: RegExp]>([
    ['that is not there', undefined, /^destinations\.yaml:1:12: error M021: the module can't be loaded: /],
    [
      'with a mistake in it',
      'export const own = ;',
      /^destinations\.yaml:1:12: error M021: the module can't be loaded: \S/,
    ],
    [
      'that throws',
      "throw new Error('no licence');",
      /^destinations\.yaml:1:12: error M021: the module can't be loaded: no licence$/,
    ],
    [
      'that throws no error',
      'throw null;',
      /^destinations\.yaml:1:12: error M021: the module can't be loaded/,
    ],
    [
      'with the name of a built-in function',
      'export const lower = () => 1; export const own = () => 1;',
      /^destinations\.yaml:1:12: error M021: the module's 'lower' is a built-in function already$/,
    ],
  ])('%s', async (_, module, finding) => {
    const findings = await findingsWith(module);
    expect(findings[0]).toMatch(finding);
    expect(findings.join('\n')).not.toMatch(/\n\s+at /);
  });

  test('a function that it does not have is an error in the mapping file', async () => {
    const { diagnostics } = await loadWith('export const owner = () => 1;');
    expect(firstLines(diagnostics)[0]).toMatch(/map\.yaml:3:\d+: error M011: there is no function 'own'$/);
  });
  test('what is exported and no function is none', async () => {
    expect(await findingsWith("export const own = 'text';")).toEqual([
      expect.stringMatching(/^map\.yaml:3:\d+: error M011: there is no function 'own'$/),
    ]);
  });
});
