import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import { findingsIn, firstLines, mappingSets } from '../helpers.ts';

const login = `
mappings:
  - id: login
    map: { eventClass: auth, eventName: Login, severity: 2 }
`;

describe('a mapping file becomes the model', () => {
  test('with everything that may be left out left out', () => {
    expect(mappingSets(login)).toMatchObject([
      {
        file: 'map1.yaml',
        match: '*',
        mode: 'first',
        idFields: [
          { kind: 'path', segments: ['operation'], text: '$operation' },
          { kind: 'path', segments: ['siemArea'], text: '$siemArea' },
        ],
        time: undefined,
        mappings: [
          {
            file: 'map1.yaml',
            line: 3,
            ids: ['login'],
            prefilter: { exclude: false, conditions: [] },
            eventClass: { kind: 'literal', value: 'auth' },
            eventName: { kind: 'literal', value: 'Login' },
            severity: { kind: 'literal', value: 2 },
            extension: [],
          },
        ],
      },
    ]);
  });

  test('with its own tag pattern, time, mode and id', () => {
    const [set] = mappingSets(`match: app.*\ntime: $when\nmode: all\nidField: event.type${login}`);
    expect(set).toMatchObject({
      match: 'app.*',
      mode: 'all',
      time: { kind: 'path', segments: ['when'] },
      idFields: [{ kind: 'path', segments: ['event', 'type'] }],
    });
  });

  test('what destinations.yaml says about the file wins over its own words', () => {
    const options = { match: 'b.*', time: '$b', mode: 'all', idField: 'b' } as const;
    const text = `match: a.*\ntime: $a\nmode: first\nidField: a${login}`;
    expect(readMappingFile('map.yaml', text, new Diagnostics(), options)).toMatchObject({
      match: 'b.*',
      mode: 'all',
      time: { segments: ['b'] },
      idFields: [{ segments: ['b'] }],
    });
  });

  test.each([
    ['login', ['login']],
    ['7', ['7']],
    ['[login, logout]', ['login', 'logout']],
    ["'*'", '*'],
    ["[login, '*']", '*'],
    ['SiemArea::INFECTED_FILE', ['INFECTED_FILE']],
  ])('id: %s', (text, ids) => {
    const [set] = mappingSets(login.replace('id: login', `id: ${text}`));
    expect(set!.mappings[0]!.ids).toEqual(ids);
  });

  test.each([
    ["{ resultCode: '0' }", false, [['resultCode', ['0']]]],
    ['{ resultCode: 0 }', false, [['resultCode', ['0']]]],
    ['{ request.op: [share, 1, true, null] }', false, [['request.op', ['share', '1', 'true', '']]]],
    ['{ level: SysAlert::SYSALERT_LEVEL_MELTDOWN }', false, [['level', ['MELTDOWN']]]],
    ['{ a: 1, exclude: true }', true, [['a', ['1']]]],
    ['{ a: 1, exclude: false }', false, [['a', ['1']]]],
    ['{ $exclude: 1 }', false, [['exclude', ['1']]]],
    ['{ a: [] }', false, [['a', []]]],
    ['{}', false, []],
    ['[]', false, []],
    ['', false, []],
  ])('prefilter: %s', (text, exclude, conditions) => {
    const [set] = mappingSets(login.replace('    map', `    prefilter: ${text}\n    map`));
    const { prefilter } = set!.mappings[0]!;
    expect(prefilter.exclude).toBe(exclude);
    expect(prefilter.conditions.map(({ path, anyOf }) => [path.segments.join('.'), anyOf])).toEqual(
      conditions,
    );
  });

  test('the extension keeps its order; a key with nothing behind it is left out', () => {
    const [set] = mappingSets(login.replace(' }', ', extension: { b: $b, empty: , a: 1, __proto__: $p } }'));
    expect(set!.mappings[0]!.extension.map(({ key }) => key)).toEqual(['b', 'a', '__proto__']);
  });

  test.each(['[]', '{}', ''])('extension: %s is empty', (text) => {
    const [set] = mappingSets(login.replace(' }', `, extension: ${text} }`));
    expect(set!.mappings[0]!.extension).toEqual([]);
  });

  test('JSON is read as it is, with tabs, escapes and a byte-order mark', () => {
    const text =
      '\ufeff{\n\t"mappings": [\n\t\t{ "id": "a\\/b", "map": { "eventClass": "\\ud83d\\ude00", "eventName": "n", "severity": 2 } }\n\t]\n}\n';
    expect(mappingSets(text)[0]!.mappings[0]).toMatchObject({
      line: 3,
      ids: ['a/b'],
      eventClass: { value: '😀' },
    });
  });

  test('a number stands as it was written, also beyond 2^53', () => {
    const [set] = mappingSets(
      login
        .replace(' }\n', ', extension: { cn1: 1234567890123456789 } }\n')
        .replace('    map', '    prefilter: { shareid: 1234567890123456789 }\n    map'),
    );
    const { prefilter, extension } = set!.mappings[0]!;
    expect(prefilter.conditions[0]!.anyOf).toEqual(['1234567890123456789']);
    expect(String((extension[0]!.value as { value: unknown }).value)).toBe('1234567890123456789');
  });
});

/** One mapping whose `map:` starts in line 3, column 5. */
const withMap = (map: string) => `mappings:\n  - id: a\n    map: ${map}\n`;
const good = '{ eventClass: c, eventName: n, severity: 2 }';
const withExtension = (extension: string) =>
  withMap(`{ eventClass: c, eventName: n, severity: 2, extension: ${extension} }`);
const withPrefilter = (prefilter: string) =>
  `mappings:\n  - id: a\n    prefilter: ${prefilter}\n    map: ${good}\n`;

describe('a broken file has its findings, each with its place', () => {
  test.each<[name: string, text: string, findings: string[]]>([
    ['nothing at all', '', ['map.yaml:1:1: error M005: this file is empty']],
    ['only a comment', '# later\n', ['map.yaml:1:1: error M005: this file is empty']],
    ['a text', 'login', ["map.yaml:1:1: error M005: this file must be object, not 'login'"]],
    ['a list', '- id: a', ['map.yaml:1:1: error M005: this file must be object, not a list']],
    ['no mappings', 'match: a.*', ["map.yaml:1:1: error M004: this file has no 'mappings'"]],
    ['mappings: nothing', 'mappings:', ["map.yaml:1:10: error M005: 'mappings' must be array, not null"]],
    ['mappings: an empty list', 'mappings: []', ["map.yaml:1:11: error M005: 'mappings' is empty"]],
    ['a bracket that is never closed', 'mappings: [', ["map.yaml:1:12: error M002: a ']' is missing"]],
    [
      'a tab as indentation',
      'mappings:\n\t- id: a',
      ['map.yaml:2:1: error M002: tabs are not allowed as indentation'],
    ],
    ['the same key twice', 'match: a\nmatch: b', ['map.yaml:2:1: error M002: this key stands here twice']],
    [
      'a star without quotes',
      `mappings:\n  - id: *\n    map: ${good}`,
      ["map.yaml:2:9: error M002: '*' alone names something else in the file"],
    ],
    [
      'an alias without its anchor',
      `match: *.audit\n${withMap(good)}`,
      ["map.yaml:1:8: error M002: nothing is named '.audit'"],
    ],
    ['a dollar in double quotes', 'match: "\\$a"', ['map.yaml:1:9: error M002: invalid escape sequence \\$']],
    ['an unknown key', `${withMap(good)}macth: x`, ["map.yaml:4:1: error M003: unknown key 'macth'"]],
    [
      'an unknown key after Windows line ends',
      `${withMap(good)}macth: x`.replaceAll('\n', '\r\n'),
      ["map.yaml:4:1: error M003: unknown key 'macth'"],
    ],
    [
      '__proto__ as a key',
      withMap('{ eventClass: c, eventName: n, severity: 2, __proto__: 1 }'),
      ["map.yaml:3:54: error M003: unknown key '__proto__'"],
    ],
    [
      'a mapping without id and with half a map',
      'mappings:\n  - map: { eventClass: c }',
      [
        "map.yaml:2:5: error M004: entry 1 of 'mappings' has no 'id'",
        "map.yaml:2:5: error M004: 'map' has no 'eventName'",
        "map.yaml:2:5: error M004: 'map' has no 'severity'",
      ],
    ],
    ['an unknown mode', `mode: frist\n${withMap(good)}`, ["map.yaml:1:7: error M005: 'mode' is 'frist'"]],
    [
      'an id that is a truth value',
      `mappings:\n  - id: true\n    map: ${good}`,
      ["map.yaml:2:9: error M005: 'id' must be string, number or array, not true"],
    ],
    ['an empty id', `mappings:\n  - id: ''\n    map: ${good}`, ["map.yaml:2:9: error M005: 'id' is empty"]],
    [
      'an empty list of ids',
      `mappings:\n  - id: []\n    map: ${good}`,
      ["map.yaml:2:9: error M005: 'id' is empty"],
    ],
    [
      'an idField that is no property',
      `idField: a > $b\n${withMap(good)}`,
      ["map.yaml:1:1: error M010: 'a > $b' is not one property"],
    ],
    [
      'a time that is no path',
      `time: $\n${withMap(good)}`,
      ["map.yaml:1:7: error M010: '$' is not a path: a key is missing"],
    ],
    [
      'a prefilter that is a list',
      withPrefilter('[a]'),
      ["map.yaml:3:16: error M005: 'prefilter' must be a map, not a list"],
    ],
    [
      'an exclude that is a word',
      withPrefilter('{ exclude: yes }'),
      ["map.yaml:3:27: error M005: 'exclude' must be boolean, not 'yes'"],
    ],
    [
      'a condition that is an object',
      withPrefilter('{ a: { b: 1 } }'),
      ["map.yaml:3:21: error M005: 'a' must be string, number, boolean, null or array, not an object"],
    ],
    [
      'a condition on what is no property',
      withPrefilter('{ odd key: 1 }'),
      ["map.yaml:3:18: error M010: '$odd key' is not a path: unexpected 'k'"],
    ],
    [
      'an extension that is a list',
      withExtension('[suser]'),
      ["map.yaml:3:65: error M005: 'extension' must be a map, not a list"],
    ],
    [
      'an eventName with nothing behind it',
      withMap('{ eventClass: c, eventName: , severity: 2 }'),
      ["map.yaml:3:38: error M005: 'eventName' must be string, number, boolean, object or array, not null"],
    ],
    [
      'several wrong values in one extension',
      withExtension('{ a: { b: 1 }, c: $x y, d: { call: nope } }'),
      [
        'map.yaml:3:70: error M005: this is no value',
        "map.yaml:3:83: error M010: '$x y' is not a path: unexpected 'y'",
        "map.yaml:3:100: error M011: there is no function 'nope'",
      ],
    ],
    [
      'aliases that explode',
      'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c]',
      ['map.yaml:1:1: error M002: excessive alias count indicates a resource exhaustion attack'],
    ],
  ])('%s', (_, text, findings) => {
    expect(findingsIn(text)).toEqual(findings);
  });
});

describe('all findings are told at once', () => {
  test('from every line, in every mapping', () => {
    const text = `idField: a b
time: $a >
mappings:
  - id: a
    prefilter: { $: 1 }
    map: { eventClass: $.x, eventName: n, severity: 11 }
  - id: b
    map: { eventClass: '$[', eventName: { call: nope }, severity: 2 }
`;
    const places = findingsIn(text).map((line) => line.split(': ')[0]);
    expect(places.sort()).toEqual([
      'map.yaml:1:1',
      'map.yaml:2:7',
      'map.yaml:5:18',
      'map.yaml:6:24',
      'map.yaml:6:53',
      'map.yaml:8:24',
      'map.yaml:8:49',
    ]);
  });

  test.each([
    [
      '{ eventClass: c, eventName: n, severity: $ }',
      "map.yaml:3:51: error M010: '$' is not a path: a key is missing",
    ],
    [
      '{ eventClass: c, eventName: n, severity: { call: nope } }',
      "map.yaml:3:59: error M011: there is no function 'nope'",
    ],
  ])('and each mistake is told once: %s', (map, finding) => {
    expect(findingsIn(withMap(map))).toEqual([finding]);
  });

  test('no finding about the second file stops the first', () => {
    const diagnostics = new Diagnostics();
    const first = readMappingFile('broken.yaml', 'mappings: []', diagnostics);
    const second = readMappingFile('good.yaml', withMap(good), diagnostics);
    expect(first).toBeUndefined();
    expect(second).toBeDefined();
    expect(firstLines(diagnostics)).toHaveLength(1);
  });

  test('none is a stack trace', () => {
    for (const text of [
      '',
      '[',
      '{',
      '\0',
      '%YAML 9',
      'a: !!binary x',
      '&a *a',
      '- - -',
      '"',
      "'",
      '|9',
      '\ud800',
    ]) {
      expect(findingsIn(text).join('\n')).not.toMatch(/\n\s+at |Error:/);
    }
  });
});

describe('a severity that stands in the file is checked there', () => {
  test.each(['0', '10', "'7'", 'High', 'very-high', 'unknown', '$level', "$level > 'High'"])(
    '%s fits',
    (severity) => {
      expect(findingsIn(withMap(`{ eventClass: c, eventName: n, severity: ${severity} }`))).toEqual([]);
    },
  );
  test.each([
    ['11', '11'],
    ['-1', '-1'],
    ['2.5', '2.5'],
    ['Hgh', 'Hgh'],
    ["''", ''],
    ["'-1'", '-1'],
    ['true', 'true'],
  ])('%s does not', (severity, shown) => {
    expect(findingsIn(withMap(`{ eventClass: c, eventName: n, severity: ${severity} }`))).toEqual([
      `map.yaml:3:51: error M013: severity must be 0-10, or one of Unknown, Low, Medium, High, Very-High; got '${shown}'`,
    ]);
  });
});
