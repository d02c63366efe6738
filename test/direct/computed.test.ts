import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { builtInFunctions } from '../../plugin/mapping/functions/index.ts';
import type { MappingFunction } from '../../plugin/mapping/functions/types.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { parseTime } from '../../plugin/mapping/time.ts';
import { entry5 } from '../fluent/samples.ts';
import { mappingSets, secretsOf } from '../helpers.ts';
import { alone, expectSame, leftOf, twins } from './twins.ts';

const mapping = (map: string): string => `time: $ts > $when\nmappings:\n  - id: '*'\n    map: ${map}\n`;

describe.each(['cef', 'leef', 'splunk-hec', 'splunk-hec, event: cef', 'sentinel'])('%s', (format) => {
  const map = `
      eventClass: { call: lower, args: [$class] }
      eventName: { call: lookup, args: [$name, { a: first, '1': second }, other] }
      severity: { call: number, args: [$level] }
      extension:
        suser: { call: upper, args: [$user] }
        outcome: { call: bool, args: [$ok, good, bad] }
        msg: { call: format, args: ['{0} of {1}', $name, { call: lower, args: [$user > $class] }] }
        fname: { call: basename, args: [$path] }`;

  test('what a function gave is what it gives again, for values that are alike but not the same', () => {
    const pair = twins(mappingSets(mapping(map)), format);
    const value = fc.constantFrom(
      1,
      '1',
      true,
      'true',
      'a',
      'A',
      '',
      null,
      undefined,
      0,
      '0',
      [],
      ['a'],
      'ä',
    );
    const record = fc.record({
      ...{ operation: fc.constant('x'), class: value, name: value, level: value, user: value, ok: value },
      path: fc.oneof(
        value,
        fc.nat().map((id) => `/f/${id}`),
      ),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) =>
        expectSame(pair, Buffer.concat(records.map((one) => entry5(one)))),
      ),
      { numRuns: 300 },
    );
  });

  test('values that seldom come again, and then do', () => {
    const pair = twins(mappingSets(mapping(map)), format);
    const of = (path: string): Buffer => entry5({ operation: 'x', class: 'c', name: 'a', level: 3, path });
    const many = Array.from({ length: 3000 }, (_, index) => of(`/folder/file ${index}`));
    const same = Array.from({ length: 3000 }, () => of('/folder/one'));
    for (const body of [many, same, many, same]) expectSame(pair, Buffer.concat(body));
    expect(alone(pair, Buffer.concat([...many, ...same]))).toBe(0);
    expect(leftOf(pair, same, '')).toBe(0);
  });
});

test('a long result, and results that have no room together', () => {
  const pair = twins(
    mappingSets(
      mapping(
        '{ eventClass: c, eventName: n, severity: 1, extension: { msg: { call: upper, args: [$text] }, cs1: { call: upper, args: [$text] } } }',
      ),
    ),
    'cef',
  );
  for (const length of [31, 32, 47, 48, 300, 5000, 16_000, 17_000, 40_000]) {
    const body = entry5({ operation: 'x', text: 'x'.repeat(length) });
    expectSame(pair, Buffer.concat([body, body]));
  }
});

test("an administrator's own function is called for each record", () => {
  let calls = 0;
  const own: MappingFunction = {
    name: 'serial',
    description: '',
    parameters: [{ name: 'value' }],
    example: { args: [''], result: '' },
    call: (value) => `${value} ${++calls}`,
  };
  const functions = new Map([['serial', own], ...builtInFunctions]);
  const diagnostics = new Diagnostics();
  const set = readMappingFile(
    'map.yaml',
    mapping(
      '{ eventClass: c, eventName: n, severity: 1, extension: { msg: { call: serial, args: [{ call: lower, args: [$user] }] } } }',
    ),
    diagnostics,
    {},
    { functions, secrets: secretsOf() },
  ) as MappingSet;
  const out = new EventBuffer();
  const body = Buffer.concat([1, 2, 3].map(() => entry5({ operation: 'x', user: 'U' })));
  expect(twins([set], 'cef').direct.direct!.run(body, 0, '', out, 0)).toBe(body.length);
  const lines = [0, 1, 2].map((index) => out.slice(index).toString().split('msg=')[1]);
  expect(lines).toEqual(['u 1', 'u 2', 'u 3']);
});

test('a function that fails is counted for each record', () => {
  const failing: MappingFunction = {
    ...builtInFunctions.get('lower')!,
    name: 'failing',
    call: () => {
      throw new Error('no');
    },
  };
  const text = mapping(
    '{ eventClass: c, eventName: n, severity: 1, extension: { suser: $user, msg: { call: failing, args: [$user] } } }',
  );
  const context = { functions: new Map([['failing', failing]]), secrets: secretsOf() };
  const set = readMappingFile('map.yaml', text, new Diagnostics(), {}, context) as MappingSet;
  const pair = twins([set], 'cef');
  const body = Buffer.concat([1, 2, 3].map(() => entry5({ operation: 'x', user: 'U' })));
  expectSame(pair, body);
  expect(pair.direct.direct!.problems).toEqual({
    ...noProblems(),
    failedValues: 1,
    failedFunction: 'failing',
  });
});

describe('times that are texts', () => {
  const sets = mappingSets(
    mapping('{ eventClass: c, eventName: n, severity: 1, extension: { suser: $user } }'),
  );
  const bodyOf = (times: readonly string[]): Buffer =>
    Buffer.concat(times.map((ts) => entry5({ operation: 'x', ts, user: 'u' })));

  test('ISO 8601 as most write it is read in WebAssembly', () => {
    const day = 86_400_000;
    const days = Array.from({ length: 80 * 366 }, (_, index) => index * day + (index % 5) * 17_654_321);
    const all = [...days, Date.parse('9999-12-28T23:59:59.999Z'), Date.parse('2100-02-28T00:00:00Z')]
      .map((time) => new Date(time).toISOString())
      .filter((text) => Number(text.slice(8, 10)) <= 28)
      .map((text, index) => (index % 2 === 0 ? text : text.replace(/\.\d+/, '')));
    const body = bodyOf(all);
    const pair = twins(sets, 'cef');
    expect(alone(pair, body)).toBeLessThan(3);
    const out = new EventBuffer();
    for (let at = 0; at < body.length; ) {
      at = pair.direct.direct!.run(body, at, '', out, 0);
      if (at === body.length) break;
      pair.direct.direct!.map(body, at, '', out);
      at = pair.direct.direct!.end;
    }
    const wrong = all.findIndex((text, index) => !out.slice(index).includes(`rt=${parseTime(text)} suser=u`));
    expect(wrong).toBe(-1);
  });

  test('what is nearly such a time is what it is on the other path', () => {
    const pair = twins(sets, 'cef');
    const usual = ['2026-03-02T08:01:14.123Z', '2026-03-02T08:01:14Z', '1970-01-01T00:00:00Z'];
    const change = fc.tuple(
      fc.constantFrom(...usual),
      fc.nat(23),
      fc.constantFrom(...'0123456789-:.TZ zt/äx'),
    );
    const near = change.map(([text, at, character]) => text.slice(0, at) + character + text.slice(at + 1));
    fc.assert(
      fc.property(fc.array(near, { maxLength: 5 }), (times) =>
        expectSame(pair, bodyOf([...times, ...usual])),
      ),
      { numRuns: 2000 },
    );
  });
});
