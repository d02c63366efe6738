import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { globSync } from 'tinyglobby';
import { describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { entry5, entry18 } from '../fluent/samples.ts';
import { anyText } from '../format/arbitraries.ts';
import { mappingSets } from '../helpers.ts';
import { expectSame, leftOf, outcomesOf, resultOf, twins } from './twins.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 });

const text = [
  'cef',
  'leef',
  'cef, cef: { mistyped: move }',
  'cef, cef: { version: 1 }, record_limit: 1024',
  'cef, syslog: { format: rfc5424 }',
  'cef, syslog: { format: rfc3164, hostname: files-1 }, record_limit: 2000',
  "leef, leef: { version: '1.0' }",
  "leef, leef: { version: '2.0', delimiter: '^', keys: as-is }",
  'leef, syslog: { format: rfc5424 }, record_limit: 1024',
  'csv, csv: { columns: [time, name, suser, cs1, externalId] }',
];

const objects = [
  'json',
  'json, event: record',
  'json, event: cef, record_limit: 1024',
  'splunk-hec',
  "splunk-hec, event: cef, splunk: { host: $name, source: $user > 'files', sourcetype: audit, index: main }",
  'splunk-hec, event: record, splunk: { host: gw1, source: $text, fields: { user: $user, ip: $ip } }',
  'splunk-hec, record_limit: 2000, splunk: { index: $list, fields: { user: $user, ip: $ip, site: berlin } }',
  'sumo',
  'sumo, event: cef',
  'sumo, event: record',
  'sentinel',
  'sentinel, sentinel: { table: CommonSecurityLog }',
  'datadog',
  'datadog, event: cef, datadog: { source: files, service: $user, hostname: $name, tags: { env: prod, team: a b } }',
  'newrelic, record_limit: 1024',
  "newrelic, newrelic: { attributes: { site: berlin, who: $user > 'nobody' } }",
  'newrelic, event: cef, newrelic: { attributes: { site: $text } }',
  // Of these all events take decoded values.
  'ecs',
  'ocsf, record_limit: 2000',
  'datadog, event: record, datadog: { tags: { user: $user } }',
  'sentinel, event: record',
];

/** Everything a mapping may say that the direct path reads, and some that it does not. */
const mappings = `
match: some.*
shape: [kind]
time: $ts > $when
mappings:
  - id: excluded
    prefilter: { state: ['', gone], exclude: true }
    map: { eventClass: c, eventName: n, severity: 1 }
  - id: [plain, MELTDOWN]
    prefilter: { state: [1, 'true', open, '[]'] }
    map:
      eventClass: Class|one
      eventName: $name
      severity: "$level > 'low'"
      extension: { suser: $user, cs1: $text, cs1Label: A label, msg: $a.b.c > $a.b > $text, cn1: 7, src: $ip, spt: $port, dmac: $mac, end: $when, fsize: $size, cfp1: $size, app: $user }
  - id: plain
    map:
      eventClass: $kind
      eventName: $name > $text > 'none'
      severity: $level
      extension: { custom key: $text, cs2Label: $user, cs2: $list.0, cs3: $list, cs4: $a, flag: true, odd: 'a=b\\c', externalTo: $text, dvchost: $text, shost: $user }
  - id: function
    map:
      eventClass: { call: lower, args: [$kind] }
      eventName: { call: format, args: ['{} of {}', $name, $user] }
      severity: { call: number, args: [$level] }
      extension:
        msg: { call: upper, args: [$text] }
        outcome: { call: bool, args: [$state, good, bad] }
        fname: { call: basename, args: [$a.b > $text] }
        cs1: { call: join, args: [$list, ', '] }
        cs1Label: The list
        end: { call: epochMilliseconds, args: [$when] }
        cn2: { call: number, args: [$size] }
        externalId: $size
        cs2: { call: truncate, args: [$user, $level] }
        cs2Label: Cut
  - id: usual
    prefilter: { catch: ['yes', 'no', ''] }
    map:
      eventClass: Class
      eventName: $operation
      severity: 3
      extension: { suser: $user, cs1: $text, cs1Label: A label, msg: $a.b.c > $text, filePath: $name, reason: $list, cs2: $size > '7', listed: $list, odd "key": 'a"b', dvchost: $user, externalId: $recordId }
  - id: typed
    map:
      eventClass: $operation
      eventName: $kind
      severity: $port
      extension: { spt: $port, end: $ts, fsize: $size, cn1: $size, cfp1: $size, msg: $name, message: $text, rt: 7 }
  - id: twice
    map: { eventClass: c, eventName: n, severity: 1, extension: { Suser: $user, suser: $text } }
  - id: own
    map: { eventClass: c, eventName: n, severity: 1, extension: { rt: $when, externalId: $text, devTime: $ts, cat: $kind } }
  - id: '*'
    prefilter: { catch: 'yes' }
    map: { eventClass: Any, eventName: $kind, severity: $level, extension: { request: $text, start: $ts, deep: $a.b.c.d.e } }
`;
const second = `
match: '*'
mappings:
  - id: left
    map: { eventClass: Left, eventName: left, severity: very-high, extension: { suser: $user, msg: $text } }
`;
const all = `mode: all${mappings}`;
const byFunctions = mappings.replace(
  'time: $ts > $when',
  `time: { call: number, args: [{ call: lower, args: [$ts] }] }
externalId: { call: truncate, args: [$recordId > $text, { call: number, args: [$level] }] }`,
);

/** Lists and maps in each other, with keys and texts that JSON and JavaScript's objects treat in their own way. */
const { nested } = fc.letrec((tie) => {
  const key = fc.oneof(fc.constantFrom('a', 'b', '0', '12', '', '__proto__', 'toJSON', 'ä"\\'), anyText());
  const leaf = fc.oneof(
    anyText(),
    fc.constantFrom('x'.repeat(900), 'a"b\\c', '\u001f', '\ud800', '=', null, true, false),
    fc.nat(),
    fc.integer(),
    fc.double(),
  );
  const item = fc.oneof({ maxDepth: 12 }, leaf, tie('list'), tie('map'));
  const list = fc.array(item, { maxLength: 17 });
  const map = fc.array(fc.tuple(key, item), { maxLength: 17 }).map((pairs) => new Map(pairs as never));
  return { list, map, nested: fc.oneof(list, map) };
});

const value = fc.oneof(
  anyText(),
  nested,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    'x'.repeat(70),
    'ä'.repeat(600),
    '=\\|^\t',
    'a\u2028b',
    'a\x85b',
    '{"b":{"c":"in text"}}',
    ' [1,2]',
  ),
  fc.constantFrom(
    '203.0.113.7',
    '999.1.1.1',
    '2001:db8::1',
    '443',
    '70000',
    '00-1b-77-49-54-fd',
    '1772438474',
    '12x',
  ),
  fc.constantFrom('2026-03-02T08:01:14Z', '2026-03-02 08:01:14.123+01', '1772438474123', 'yesterday'),
  fc.integer(),
  fc.integer({ min: 1_000_000_000, max: 2_000_000_000 }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.boolean(),
  fc.constantFrom(null, [], {}, new Date(1772438474000), Buffer.from('bytes'), Buffer.alloc(0)),
  fc.array(anyText(), { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom('b', 'c', '0', 'length', 'x'),
    fc.oneof(anyText(), fc.constant({ c: 'deep' })),
    {
      maxKeys: 3,
    },
  ),
);
/** What most records hold. */
const plain = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abc ="\\;,ä資\n\t\u0001\u007f😀'), maxLength: 40 }),
  fc.constantFrom(
    'x'.repeat(33),
    'ä'.repeat(140),
    'y'.repeat(300),
    '203.0.113.7',
    '443',
    '007',
    '1772438474',
  ),
  fc.nat(),
  fc.constantFrom(
    0,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    -1,
    -32,
    -33,
  ),
  fc.constantFrom(-128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, 0.5, -1.25, 1e300, true, false),
  fc.constantFrom({ a: 1, b: ['x', null] }, [], {}, ['one', 'two'], [{ c: 'd"' }], { b: { c: 'deep' } }),
  fc.constantFrom(new Map([['k'.repeat(40), Array.from({ length: 20 }, (_, index) => index)]])),
  fc.constant(new Map(Array.from({ length: 20 }, (_, index) => [`k${index}`, index]))),
  fc.constant(''),
);
const recordOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    {
      kind: fc.constantFrom(
        'excluded',
        'plain',
        'SysAlert::SYSALERT_LEVEL_MELTDOWN',
        'function',
        'twice',
        'own',
        'left',
        'plain',
        7,
      ),
      operation: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('plain', 'function', 'usual', 'usual', 'typed') },
        fc.constantFrom('excluded', 'left', 'own', 'twice', 'function', 'unknown'),
      ),
      state: fc.oneof(fc.constantFrom(1, '1', true, 'open', 'gone', '', null), value),
      catch: fc.constantFrom('yes', 'no'),
      ts: value,
      when: value,
      name: value,
      level: fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constantFrom('High', '9', 'none'), value),
      user: value,
      text: value,
      a: value,
      list: value,
      ip: value,
      port: value,
      mac: value,
      size: value,
      recordId: value,
      log: value,
      more: fc.oneof({ weight: 9, arbitrary: value }, fc.constant({ ['x'.repeat(300)]: 1 })),
    } as Record<string, fc.Arbitrary<unknown>>,
    { requiredKeys: ['operation'] },
  );
const entryOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  fc.tuple(recordOf(value), fc.boolean()).map(([one, isNew]) => (isNew ? entry5(one) : entry18(one)));
const entry = fc.oneof(entryOf(value), entryOf(plain));
const tag = fc.constantFrom('', 'some.tag', 'other');

// What is true of a format's objects is true of all of them: each is tried less often.
describe.each([...text.map((one) => [one, 250]), ...objects.map((one) => [one, 100])] as [string, number][])(
  '%s',
  (format, numRuns) => {
    test('any record gives the same line, the same outcome and the same counts', () => {
      for (const sets of [
        mappingSets(mappings),
        mappingSets(mappings, second),
        mappingSets(byFunctions),
        mappingSets(all),
      ]) {
        const pair = twins(sets, format);
        fc.assert(
          fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), tag, (entries, one) =>
            expectSame(pair, Buffer.concat(entries), one),
          ),
          { numRuns },
        );
      }
    });
    test('many records go the direct way', () => {
      const outcomes = outcomesOf(
        twins(mappingSets(mappings, second), format),
        fc.sample(entry, 500),
        'some.tag',
      );
      expect(outcomes.get('mapped')).toBeGreaterThan(10);
      expect(outcomes.get('filtered')).toBeGreaterThan(0);
      expect(outcomes.get('unfit')).toBeGreaterThan(5);
    });
    test('any bytes give the same', () => {
      const pairs = [mappingSets(mappings), mappingSets(mappings, second)].map((sets) => twins(sets, format));
      const change = fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(
          entry,
          entry,
          fc.array(change, { minLength: 1, maxLength: 3 }),
          fc.nat(50),
          (one, two, changes, cut) => {
            const body = Buffer.concat([one, two]);
            for (const [at, byte] of changes) if (at > 0 && at < body.length) body[at] = byte;
            for (const pair of pairs)
              expectSame(pair, body.subarray(0, body.length - Math.max(0, cut - 40)), 'some.tag');
          },
        ),
        { numRuns },
      );
    });
  },
);

test('of a key that comes twice the last one counts, and what is below it', () => {
  const usual = { operation: 'plain', kind: 'k', state: 1, name: 'n', level: 3, text: 'else' };
  const both = entry5({ ...usual, a: { b: { c: 'first' } }, A: { x: 1 } });
  const twice = Buffer.from(both);
  twice[twice.lastIndexOf('\xa1A', undefined, 'latin1') + 1] = 'a'.charCodeAt(0);
  const body = Buffer.concat([both, both, twice, both]);
  const lines = (
    resultOf(twins(mappingSets(mappings), 'cef').objects, body, 'some.x') as {
      events: string[];
    }
  ).events;
  expect(lines.map((line) => / msg=(\w+)/.exec(line)?.[1])).toEqual(['first', 'first', 'else', 'first']);
  expectSame(twins(mappingSets(mappings), 'cef'), body, 'some.x');
});

const shipped = [
  ...['cef', 'leef', 'json', 'splunk-hec', 'splunk-hec, event: cef', 'splunk-hec, event: record', 'sumo'],
  ...['sentinel', 'sentinel, sentinel: { table: CommonSecurityLog }', 'datadog', 'newrelic'],
];

/** A value that does not fit its column, or needs more than a backslash in an object's line, takes decoded ones. */
const decoded = (format: string): number =>
  format.startsWith('sentinel') || format.includes('event: cef') ? 1 : 0;

describe('the shipped mappings', () => {
  const files = globSync('mappings/{filecloud,filescom}/**/*.yaml', { cwd: packageRoot });
  test.each(files)('%s', (file) => {
    const sets = mappingSets(readFileSync(join(packageRoot, file), 'utf8'));
    const examples = sets.flatMap((set) =>
      set.mappings.flatMap((mapping) => mapping.examples.map((example) => example.record)),
    );
    expect(examples.length).toBeGreaterThan(0);
    const keys = [...new Set(examples.flatMap((one) => Object.keys(one)))];
    const changed = fc
      .tuple(fc.constantFrom(...examples), fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 }))
      .map(([example, change]) => entry5({ ...example, ...change }));
    for (const format of shipped) {
      const pair = twins(sets, format);
      const bodies = examples.map((example) => entry5(example));
      const tagged = sets[0]!.match.replace('*', 'x');
      for (const body of bodies) expectSame(pair, body, tagged);
      fc.assert(
        fc.property(changed, (body) => expectSame(pair, body, tagged)),
        { numRuns: 60 },
      );
      // It takes their records by itself: they are why it is there.
      expect(leftOf(pair, bodies, tagged), format).toBeLessThanOrEqual(decoded(format));
    }
  });
});
