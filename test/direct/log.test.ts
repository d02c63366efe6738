import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entry5, entry18 } from '../fluent/samples.ts';
import { mappingSets } from '../helpers.ts';
import { alone, expectSame, leftOf, twins } from './twins.ts';

const sets = mappingSets(`time: $ts
mappings:
  - id: upload
    map: { eventClass: Files, eventName: upload, severity: 2, extension: { suser: $who, fname: $request.name, fsize: $size, cs1: $more, msg: { call: upper, args: [$text] } } }
  - id: '*'
    map: { eventClass: Other, eventName: $operation, severity: 3, extension: { suser: $who, msg: $text, reason: $more.a, log: $log } }
`);

const usual = {
  ts: 1772438437,
  operation: 'upload',
  who: 'john "jd" doe',
  request: { name: 'a=b.pdf', path: 'C:\\docs' },
  size: 48211,
  more: { a: [1, -1, true, null, 'x'], b: {} },
  text: 'Größe\n資料 😀',
};

describe.each([
  'cef',
  'leef',
  'json, event: record',
  'splunk-hec',
  'splunk-hec, event: cef',
  'sentinel',
  'newrelic',
  'csv, csv: { columns: [time, suser] }',
])('%s', (format) => {
  test('lines of JSON as most write them are opened in WebAssembly', () => {
    const pair = twins(sets, format);
    const texts = [
      JSON.stringify(usual),
      JSON.stringify({ ...usual, operation: 'other' }),
      ` \t${JSON.stringify(usual, null, 2)}\r\n`,
      JSON.stringify(usual).replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
      JSON.stringify({
        ...usual,
        ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])),
      }),
    ];
    const body = Buffer.concat(texts.flatMap((log) => [entry5({ log }), entry18({ log })]));
    expectSame(pair, body);
    // The others take decoded values for lists, or for so many keys.
    if (!['cef', 'leef', 'splunk-hec', 'splunk-hec, event: cef'].includes(format)) return;
    expect(alone(pair, body)).toBe(0);
    expect(leftOf(pair, [entry5({ log: texts[0]! })], '')).toBe(0);
  });

  const json = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }).map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '-0',
      '1.0',
      '1e3',
      '123456789012345',
      '1234567890123456',
      '-32',
      '-33',
      '-129',
      '5000000000',
      '-5000000000',
      '01',
      '-',
      '"\\ud800"',
      '"\\u0000"',
      '"\\/"',
      '"\\x"',
      '[1,]',
      '{"a":1,"a":2}',
      '{"__proto__":1}',
      '{"7":1,"b":2}',
      'nul',
      'true',
    ),
  );
  const line = fc
    .array(
      fc.tuple(
        fc.constantFrom('who', 'text', 'more', 'size', 'ts', 'operation', 'request', 'log', '__proto__', 'x'),
        json,
      ),
      { maxLength: 8 },
    )
    .chain((pairs) =>
      fc
        .constantFrom('', ' ', '\n', '\t\r ')
        .map(
          (space) =>
            `${space}{${space}"operation"${space}:${space}"upload"${pairs.map(([key, value]) => `,${space}"${key}":${space}${value}`).join('')}${space}}${space}`,
        ),
    );

  test('any JSON gives the same as over objects', () => {
    const pair = twins(sets, format);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) =>
        expectSame(pair, Buffer.concat(lines.map((log) => entry5({ log })))),
      ),
      { numRuns: 400 },
    );
  });

  test('so does what is nearly JSON, and any bytes', () => {
    const pair = twins(sets, format);
    const change = fc.tuple(
      fc.nat(200),
      fc.constantFrom(...Buffer.from('{}[]",:\\u0e-.tn \n\x00\x0b\x7f\xc3\xff', 'latin1')),
    );
    fc.assert(
      fc.property(
        fc.oneof(line, fc.constant(JSON.stringify(usual))),
        fc.array(change, { maxLength: 3 }),
        (log, changes) => {
          const text = Buffer.from(log);
          const entry = entry5({ log: 'z'.repeat(text.length) });
          for (const [at, byte] of changes) if (at < text.length) text[at] = byte;
          text.copy(entry, entry.length - text.length);
          expectSame(pair, Buffer.concat([entry5({ log: JSON.stringify(usual) }), entry]));
        },
      ),
      { numRuns: 600 },
    );
  });

  test('lines that are no JSON, and lines within lines', () => {
    const pair = twins(sets, format);
    const logs = [
      '',
      ' ',
      'plain text',
      '[1]',
      '"{}"',
      '{}',
      '{',
      '\ufeff{"a":1}',
      '\u00a0{"operation":"upload"}',
      '{"log":"{\\"operation\\":\\"upload\\"}"}',
      '{"operation":"upload"} x',
      '{"operation":"upload"}{"operation":"upload"}',
    ];
    for (const log of [...logs, 7, null, { operation: 'upload' }, ['{}']])
      expectSame(pair, Buffer.concat([entry5({ log }), entry5({ log, more: 1 })]));
  });
});

test('a line of any length and depth', () => {
  const pair = twins(sets, 'cef');
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  for (const depth of [1, 10, 22, 23, 24, 25, 40, 2000])
    expectSame(pair, entry5({ log: `{"operation":"x","more":${nested(depth)}}` }));
  for (const length of [15, 16, 17, 31, 32, 255, 256, 1023, 65_535, 65_536, 262_000, 262_144, 400_000]) {
    const text = `${'x'.repeat(length - 3)}"\\ü`;
    expectSame(
      pair,
      entry5({ log: JSON.stringify({ operation: 'upload', who: text, text: 'z'.repeat(length) }) }),
    );
  }
  const wide = (count: number): string =>
    JSON.stringify({ operation: 'x', more: { a: new Array(count).fill([new Array(16).fill(0)]) } });
  for (const count of [15, 16, 17, 255, 5000, 70_000]) expectSame(pair, entry5({ log: wide(count) }));
});
