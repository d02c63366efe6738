import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { samplesOf } from '../../plugin/cli/workbench/samples.ts';
import { noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';
import type { RenderAnswer, RenderRequest } from '../../plugin/workbench/answer.ts';
import { importPhp } from '../../plugin/workbench/convert.ts';
import { standIn } from '../../plugin/workbench/stand-in.ts';
import { Folder, run } from '../cli/helpers.ts';
import { received } from '../helpers.ts';
import { benchOn, of } from './helpers.ts';

const mappings = join(packageRoot, 'mappings');
const everyFormat = [...formats.keys()]
  .map((format) => {
    const more = {
      cef: ', syslog: { format: rfc5424, hostname: gw1 }',
      csv: ', csv: { columns: [time, suser, act] }',
    };
    return `  ${format}: { format: ${format}${more[format as keyof typeof more] ?? ''}, mappings: ['${mappings}/filecloud/*.yaml', '${mappings}/filescom/*.yaml'] }`;
  })
  .join('\n');

/** `x` of a mapping for every record. */
const mapping = (x: string): string =>
  `mappings:\n  - id: '*'\n    map:\n      eventClass: c\n      eventName: n\n      severity: 1\n      extension:\n        x: ${x}\n`;

let folder: Folder;
beforeAll(() => {
  folder = new Folder({
    'every.yaml': `destinations:\n${everyFormat}\n`,
    'formats.yaml': `destinations:\n${everyFormat.replaceAll(/mappings: .*\]/g, 'mappings: [map.yaml]')}\n`,
    'one.yaml': 'destinations: { siem: { format: cef, mappings: [map.yaml] } }',
    'map.yaml': mapping('$a'),
    'two.yaml': `destinations:
  first: { format: cef, mappings: [map.yaml, other.yaml] }
  second: { format: json, unmapped: pass, mappings: [other.yaml] }
`,
    'other.yaml': 'mappings:\n  - id: other\n    map: { eventClass: o, eventName: o, severity: 1 }\n',
    'secret.yaml': `destinations:
  siem:
    format: cef
    device: { vendor: '\${BENCH_SECRET}', product: p, version: '1' }
    record_limit: '\${BENCH_LIMIT}'
    mappings: [hashed.yaml]
    deliver: { to: 'https://\${BENCH_HOST}/', headers: { Authorization: 'Splunk \${BENCH_SECRET}', X: '\${file:secret.txt}' } }
`,
    'hashed.yaml': mapping("{ call: hash, args: [$a, '${BENCH_SECRET}'] }"),
    'secret.txt': 'a-secret-in-a-file',
  });
});
afterAll(() => folder.remove());

describe('the same as /map', () => {
  test('every sample of every shipped file, in every format, and the pieces are the whole', async () => {
    const config = join(folder.path, 'every.yaml');
    const { loaded } = await load(config);
    const render = await benchOn(config);
    const samples = samplesOf(loaded!.destinations[0]!.sets);
    expect(samples.length).toBeGreaterThan(150);
    // Each file's first ones, and some of those that follow.
    const some = samples.filter(
      (sample, index) => index % 16 === 0 || samples[index - 1]!.from !== sample.from,
    );
    let events = 0;
    for (const { record, tag } of some) {
      const answer = render({ record, tag });
      expect(answer.diagnostics).toEqual([]);
      for (const { settings, map, render: renderEvent } of loaded!.destinations) {
        const outcome = map(parseJson(record) as Record<string, unknown>, tag, received, noProblems());
        const found = of(answer, settings.name);
        expect(found.outcome, record).toBe(outcome.kind);
        if (outcome.kind !== 'mapped') continue;
        const expected = outcome.events.map((event) => {
          const outgoing = renderEvent(event, noProblems());
          return formats.get(settings.format)!.isText ? outgoing.message : toJsonText(outgoing);
        });
        expect(found.events.map(({ text }) => text)).toEqual(expected);
        for (const { text, pieces } of found.events) {
          const whole = pieces.map((piece) => piece.text).join('');
          if (formats.get(settings.format)!.isText) expect(whole).toBe(text);
          else expect(parseJson(whole)).toEqual(parseJson(text));
          events++;
        }
      }
    }
    expect(events).toBeGreaterThan(100);
  });
});

describe('where a key comes from', () => {
  const text = `time: $at
mappings:
  - id: '*'
    map:
      eventClass: Class
      eventName: $deep.name > $operation
      severity: 3
      extension:
        suser: $user
        msg: { call: format, args: ['{0} {1}', $deep.a, $b] }
        cs1: $none
        cs1Label: Nothing
`;
  const record = { at: 1772438400, user: 'ann', operation: 'op', b: 2, deep: { a: 'x' } };
  let render: (request: RenderRequest) => RenderAnswer;
  beforeAll(async () => {
    render = await benchOn(join(folder.path, 'formats.yaml'));
  });
  const answers = (destination: string): ReturnType<typeof of> =>
    of(render({ record, mapping: { text }, destination }));

  test.each([
    ['cef', { eventClass: 'eventClass', eventName: 'eventName', suser: 'suser', msg: 'msg', rt: 'time' }],
    ['leef', { eventName: 'eventName', usrName: 'suser', msg: 'msg', cat: 'eventClass', devTime: 'time' }],
    [
      'splunk-hec',
      { time: 'time', 'event.suser': 'suser', 'event.msg': 'msg', 'event.severity': 'severity' },
    ],
    ['ecs', { '@timestamp': 'time', 'user.name': 'suser', message: 'msg', 'event.code': 'eventClass' }],
  ])('%s', (destination, expected) => {
    const { keys } = answers(destination).events[0]!;
    const found = keys.map(({ name, from }) => [name, from[0]?.part]);
    expect(Object.fromEntries(found)).toMatchObject(expected);
  });

  test('with the paths that gave the value, and its line and column in the file', () => {
    const { keys, leftOut, mapping: place } = answers('cef').events[0]!;
    const from = (name: string) => keys.find((key) => key.name === name)!.from[0]!;
    expect(from('suser')).toMatchObject({ at: { file: 'mapping.yaml', line: 9, column: 9, length: 5 } });
    expect(from('suser').paths).toEqual([{ text: '$user', segments: ['user'] }]);
    expect(from('msg').paths.map(({ segments }) => segments)).toEqual([['deep', 'a'], ['b']]);
    // Of a chain the one that was taken.
    expect(from('eventName')).toMatchObject({
      why: '<- $operation  ($deep.name is missing)',
      paths: [{ segments: ['operation'] }],
      at: { line: 6, column: 7 },
    });
    expect(from('rt')).toMatchObject({ paths: [{ segments: ['at'] }], at: { line: 1, column: 1 } });
    expect(leftOut.map(({ key, why, at }) => [key, why, at?.line])).toEqual([
      ['cs1', '$none is missing', 11],
      ['cs1Label', 'with cs1', 12],
    ]);
    expect(place).toEqual({ file: 'mapping.yaml', index: 0, line: 3, name: '*' });
  });

  test('a record that passes as it is: its own keys', async () => {
    const render = await benchOn(join(folder.path, 'two.yaml'));
    const { outcome, events } = of(render({ record: { user: 'ann' } }), 'second');
    expect(outcome).toBe('passed');
    const key = events[0]!.keys.find(({ name }) => name.endsWith('user'))!;
    expect(key.from[0]!.paths).toEqual([{ text: 'user', segments: ['user'] }]);
  });
});

describe('a mapping that is tried', () => {
  test('stands in the place of the file of its name, and the others stay', async () => {
    const render = await benchOn(join(folder.path, 'two.yaml'));
    const file = [...render({ record: {} }).destinations[0]!.steps].at(-1)!.file;
    const answer = render({ record: { b: 'v' }, mapping: { file, text: mapping('$b') } });
    expect(of(answer, 'first').events[0]!.text).toMatch(/ x=v$/);
    expect(of(answer, 'second').outcome).toBe('passed');
  });
  test('is tried alone, for every destination, where there is none', async () => {
    const render = await benchOn(join(folder.path, 'two.yaml'));
    const answer = render({ record: { b: 'v' }, mapping: { file: 'new.yaml', text: mapping('$b') } });
    expect(answer.destinations.map(({ outcome }) => outcome)).toEqual(['mapped', 'mapped']);
    expect(of(answer, 'first').steps.map((step) => step.file)).toEqual(['new.yaml']);
  });
  test('with mistakes gives what validate says, and no events', async () => {
    const render = await benchOn(join(folder.path, 'one.yaml'));
    const text = mapping('$b').replace('extension:', 'extention:').replace("id: '*'", 'id: $');
    const { diagnostics, destinations } = render({ record: {}, mapping: { text, file: 'm.yaml' } });
    expect(destinations).toEqual([]);
    expect(diagnostics.map(formatDiagnostic).join('\n')).toContain(
      "m.yaml:7:7: error M003: unknown key 'extention'",
    );
    expect(diagnostics[0]).toMatchObject({
      line: 7,
      column: 7,
      length: 9,
      hint: expect.stringContaining('extension'),
    });
  });
  test('its examples are rendered, too', async () => {
    const render = await benchOn(join(folder.path, 'one.yaml'));
    const text = `${mapping('$a')}    examples:\n      - record: { a: 1 }\n        cef: c|n|1|x=2\n`;
    const { diagnostics } = render({ record: {}, mapping: { text } });
    expect(diagnostics).toMatchObject([{ code: 'M026', line: 11, column: 14 }]);
  });
  test('why earlier ones were not taken', async () => {
    const render = await benchOn(join(folder.path, 'one.yaml'));
    const text = `mappings:
  - id: a
    prefilter: { r: 0 }
    map: { eventClass: c, eventName: first, severity: 1 }
  - id: a
    map: { eventClass: c, eventName: second, severity: 1 }
`;
    const { steps, events } = of(render({ record: { operation: 'a', r: 1 }, mapping: { text } }));
    expect(steps.map(({ verdict, why, mapping: place }) => [verdict, why, place?.line])).toEqual([
      ['passed', "r is 1, not '0'", 2],
      ['taken', '', 5],
    ]);
    expect(events[0]!.mapping).toMatchObject({ index: 1, line: 5, name: 'a' });
  });
});

describe('secrets', () => {
  const secret = 'a-secret-in-the-environment';
  const environment = { BENCH_SECRET: secret, BENCH_HOST: 'siem.example.com', BENCH_LIMIT: '8KB' };
  /** What must be nowhere: both secrets, and pseudonyms made with them. */
  const check = async (request: RenderRequest): Promise<RenderAnswer> => {
    const config = join(folder.path, 'secret.yaml');
    const render = await benchOn(config, environment);
    const { loaded } = await load(config, environment);
    const [destination] = loaded!.destinations;
    const real = destination!.map({ a: 'v' }, '', received, noProblems());
    const pseudonym = real.kind === 'mapped' ? String(real.events[0]!.extension[0]![1]) : '';
    expect(pseudonym).toMatch(/^[0-9a-f]{64}$/);
    const answer = render(request);
    const text = JSON.stringify(answer);
    for (const word of [secret, 'a-secret-in-a-file', pseudonym, 'siem.example.com'])
      expect(text).not.toContain(word);
    return answer;
  };

  test('of active maps and of destinations.yaml have a stand-in, and the answer says so', async () => {
    const answer = await check({ record: { a: 'v' } });
    expect(of(answer).events[0]!.text).toContain(`CEF:0|${standIn}|p|`);
    expect(of(answer).events[0]!.text).toMatch(/x=[0-9a-f]{64}$/);
    expect(answer.standIns).toEqual(['${BENCH_SECRET}']);
  });
  test.each(['${BENCH_SECRET}', '${file:secret.txt}', '${file:/etc/passwd}', '${PATH}'])(
    'that a tried map names are never read: %s',
    async (reference) => {
      process.env.BENCH_SECRET = secret;
      try {
        const text = mapping(`{ call: hash, args: [$a, '${reference}'] }`);
        const answer = await check({ record: { a: 'v' }, mapping: { text } });
        expect(answer.diagnostics).toEqual([]);
        expect(answer.standIns).toContain(reference);
        const plain = await check({
          record: { a: 'v' },
          mapping: { text: text.replace(reference, '${OTHER}') },
        });
        expect(of(answer).events[0]!.text).toBe(of(plain).events[0]!.text);
      } finally {
        delete process.env.BENCH_SECRET;
      }
    },
  );
});

describe('what is pasted', () => {
  let render: (request: RenderRequest) => RenderAnswer;
  beforeAll(async () => {
    render = await benchOn(join(folder.path, 'one.yaml'));
  });
  const line = (record: unknown): string | undefined =>
    of(render({ record }))?.events[0]?.text.split(' ').at(-1);

  test.each([
    ['an object', { a: 'v' }],
    ['its text', '{ "a": "v" }'],
    ['a line of NDJSON, with more behind it', '{"a":"v"}\n{"a":"w"}\n'],
    ['a list', '[{"a":"v"},{"a":"w"}]'],
    ['a line of tail without a parser', '{"log":"{\\"a\\":\\"v\\"}"}'],
    [
      'a dead letter',
      JSON.stringify({ time: 't', destination: 'd', reason: 'r', tag: 'x', record: '{"a":"v"}' }),
    ],
  ])('%s', (_what, record) => {
    expect(line(record)).toBe('x=v');
  });
  test('a dead letter brings its tag and is shown as the record it holds', () => {
    const letter = {
      time: 't',
      destination: 'd',
      reason: 'r',
      tag: 'x.y',
      record: '{"a":12345678901234567890}',
    };
    const { input } = render({ record: JSON.stringify(letter) });
    expect(input).toEqual({
      kind: 'dead-letter',
      count: 1,
      tag: 'x.y',
      text: '{\n  "a": 12345678901234567890\n}',
    });
  });
  test.each([
    ['{"a": 1,}', 8, /no JSON record/],
    ['no JSON', 0, /no JSON record/],
    ['[1]', 0, /no object/],
    ['   ', 0, /no record yet/],
    ['[{"a":1}, ', 10, /no JSON record/],
  ])('%s is told with its place', (record, offset, message) => {
    const { problem, destinations } = render({ record });
    expect(problem).toMatchObject({ offset, message: expect.stringMatching(message) });
    expect(destinations).toEqual([]);
  });
  test('all digits of a number stay', () =>
    expect(line('{"a":12345678901234567890}')).toBe('x=12345678901234567890'));
  test('a key __proto__ is a key, HTML is text', () => {
    const text = mapping("$['__proto__'].a");
    const answer = render({
      record: '{"__proto__":{"a":"<img src=x onerror=alert(1)>"}}',
      mapping: { text },
    });
    expect(of(answer).events[0]!.text).toContain('x=<img src\\=x onerror\\=alert(1)>');
    expect(answer.input!.text).toContain('"__proto__": {');
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
  test('what is nested deeply, or large, is no harm', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(render({ record: deep })).toMatchObject({
      problem: { message: expect.stringContaining('nested') },
    });
    const { events } = of(render({ record: { a: 'x'.repeat(900_000) } }));
    expect(events[0]).toMatchObject({ isUnlinked: true, keys: [] });
    expect(events[0]!.text.length).toBeGreaterThan(900_000);
  });
  test('an event that no message takes is a dead letter here, too', () => {
    const extension = Array.from({ length: 8 }, (_, index) => `        x${index}: $a`).join('\n');
    const text = mapping('$a').replace(/ {8}x:.*/, extension);
    const { outcome, reason } = of(render({ record: { a: 'x'.repeat(900_000) }, mapping: { text } }));
    expect(outcome).toBe('dead-letter');
    expect(reason).toMatch(/^the event has \d+ bytes/);
  });
});

test("FileCloud's PHP becomes the YAML that import writes", async () => {
  for (const name of ['auditmap.php', 'systemalertsmap.php']) {
    const path = join(packageRoot, 'test', 'data', 'filecloud', name);
    const { stdout, stderr } = await run(packageRoot, ['import', path]);
    const { yaml, diagnostics } = importPhp(readFileSync(path, 'utf8'), path);
    expect(yaml).toBe(stdout);
    for (const one of diagnostics) expect(stderr).toContain(`${path}:${one.line}:${one.column}`);
  }
});
