import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workplace } from './configuration.ts';
import { type Block, pages } from './markdown.ts';
import { problemsOfCommand, problemsOfShell } from './shell.ts';

let workplace: Workplace;
beforeAll(() => {
  workplace = new Workplace();
});
afterAll(() => workplace.remove());

/** What looks like a block of another kind, and would go unchecked as text. */
const notText =
  /^\s*(?:\[(?:SERVICE|INPUT|OUTPUT|FILTER)\]$|@INCLUDE |destinations:|mappings:|\$ |npx |npm )/im;

/** A rule for each info string: what is wrong with a block. No other info strings are known. */
const rules: Readonly<Record<string, (text: string) => string[] | Promise<string[]>>> = {
  /** destinations.yaml, whole or some of its top-level keys. */
  'yaml destinations.yaml': async (text) => (await workplace.loadDestinations(text)).problems,
  /** Keys of one destination. */
  'yaml destination': (text) => workplace.loadDestination(text),
  /** A mapping file, or some of its mappings. */
  'yaml mapping': (text) => workplace.checkMapping(text),
  /** Fluent Bit's configuration in the classic form, or keys of [OUTPUT] http. */
  'ini fluent-bit': (text) => workplace.checkFluentBit(text, 'conf').problems,
  'yaml fluent-bit': (text) => workplace.checkFluentBit(text, 'yaml').problems,
  json: (text) => {
    // One value, or one a line.
    const values = isJson(text) ? [] : text.trim().split('\n');
    return values.filter((line) => !isJson(line)).map((line) => `no JSON: ${line}`);
  },
  js: (text) =>
    (ts.transpileModule(text, { reportDiagnostics: true }).diagnostics ?? []).map(({ messageText }) =>
      String(messageText),
    ),
  sh: problemsOfShell,
  /** Output, queries, pictures. */
  text: (text) => (notText.test(text) ? ['this is no text: name what it is'] : []),
  '': (text) => (notText.test(text) ? ['this is no text: name what it is'] : []),
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const blocks: readonly Block[] = pages.flatMap((page) => page.blocks);

test('there are blocks of every kind', () => {
  expect(new Set(blocks.map(({ info }) => info)).size).toBeGreaterThan(6);
});

describe.each(blocks)('$place, $info', ({ info, text }) => {
  test('is right', async () => {
    expect(Object.keys(rules)).toContain(info);
    expect(await rules[info]!(text)).toEqual([]);
  });
});

test.each(pages)('$file: the commands in its sentences exist', ({ code }) => {
  expect(code.flatMap((one) => problemsOfCommand(one))).toEqual([]);
});

describe('what is wrong is found:', () => {
  test.each<[info: string, text: string]>([
    ['yaml destinations.yaml', 'destinations: { a: { format: ceff, mappings: [filecloud/*.yaml] } }'],
    ['yaml destinations.yaml', 'destinations: { a: { format: cef, mappings: [nowhere/*.yaml] } }'],
    ['yaml destination', 'splunk: { indx: audit }'],
    ['yaml mapping', '- { id: a, map: { eventClas: b } }'],
    ['ini fluent-bit', '[OUTPUT]\n    Name nope\n    Match *\n'],
    ['ini fluent-bit', '    Headr X-A b\n'],
    ['ini fluent-bit', '@INCLUDE outputs/nope.conf\n'],
    ['yaml fluent-bit', 'pipeline: { outputs: [{ name: http, mtch: a }] }'],
    ['json', '{"a": }'],
    ['js', 'export function ('],
    ['sh', 'npx fluent-bit-siem validat'],
    ['sh', 'npx fluent-bit-siem try --destinaton splunk \\\n  a.ndjson'],
    ['sh', 'npm run nope'],
    ['sh', 'if true'],
    ['text', '[OUTPUT]\n    Name http'],
  ])('%s %j', async (info, text) => {
    expect(await rules[info]!(text)).not.toEqual([]);
  });
});
