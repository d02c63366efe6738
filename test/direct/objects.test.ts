import { describe, expect, test } from 'vitest';
import { lineEnd, lineStart } from '../../plugin/direct/assembly.ts';
import { entry5, entry18 } from '../fluent/samples.ts';
import { mappingSets } from '../helpers.ts';
import { alone, expectSame, leftOf, twins } from './twins.ts';

const mapping = `mappings:
  - id: upload
    map: { eventClass: Files, eventName: upload, severity: 2, extension: { suser: $who, fname: $name, size: $size } }
  - id: '*'
    map: { eventClass: Other, eventName: $operation, severity: 3, extension: { suser: $who, msg: $name } }
`;
const sets = mappingSets(mapping);
const shapes = ['json', 'splunk-hec', 'sumo', 'sentinel', 'datadog', 'newrelic', 'splunk-hec, event: cef'];

const names = ['upload', 'download', 'rename', 'delete'];
const records = (count: number, length: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ({
    operation: names[index % names.length]!,
    who: `user "${index}"`,
    name: `${'x'.repeat(length)}${index}`,
    size: index * 1000,
  }));

describe.each([...shapes, 'cef', 'leef, syslog: { format: rfc5424 }'])('%s', (format) => {
  test.each([
    ['as Fluent Bit 5 writes them', entry5],
    ['as Fluent Bit 1.8 writes them', entry18],
  ])('%s: over the ends of the window and of the memory for events', (_, entry) => {
    const body = Buffer.concat(records(12_000, 600).map((record) => entry(record)));
    expect(body.length).toBeGreaterThan(2 * (lineEnd - lineStart));
    const pair = twins(sets, format);
    expectSame(pair, body, 'audit');
    // One at each end of the window.
    expect(alone(pair, body, 'audit')).toBeLessThan(12);
  });

  test('more names than it keeps heads for, where another destination was before', () => {
    const body = Buffer.concat(
      Array.from({ length: 200 }, (_, index) =>
        entry5({ operation: `name ${index % 50}`, who: 'w', name: 'n' }),
      ),
    );
    // What they leave in the memory is no head of the next one's.
    for (const other of [...shapes, 'cef', format]) {
      const pair = twins(sets, other);
      expectSame(pair, body, 'audit');
      // One by one: what has no room among the heads.
      expect(alone(pair, body, 'audit')).toBeLessThan(120);
    }
  });

  test('values as long as there is room for, and longer', () => {
    const pair = twins(sets, `${format}, record_limit: 900000`);
    for (const length of [30, 255, 256, 65_535, 65_536, 300_000, 2_000_000]) {
      const body = Buffer.concat(
        records(20, 10).flatMap((record, index) =>
          index % 7 === 0
            ? [entry5({ ...record, name: 'é'.repeat(length / 2) }), entry5(record)]
            : [entry5(record)],
        ),
      );
      expectSame(pair, body, 'audit');
    }
  });

  test('what ends near the end of the memory leaves what stands behind it as it is', () => {
    const pair = twins(sets, format);
    const before = Buffer.concat(records(4, 3).map((record) => entry5(record)));
    const tag = '資'.repeat(500);
    const numbers = Array.from({ length: 60_000 }, (_, index) => index % 100);
    for (const rest of [0, 100, 400, 1000, 1500, 2500, 30_000, 60_000]) {
      const room = lineEnd - lineStart - rest;
      for (const more of [
        { operation: 'upload', size: numbers },
        { operation: 'rename', who: numbers },
      ]) {
        const body = Buffer.concat([before, entry5({ ...more, name: 'x'.repeat(room - 1500) }), before]);
        expectSame(pair, body, tag);
      }
    }
  });

  test.each(['', 'files', 'files.audit.eu', '.first', 'ä'.repeat(300), 'x'.repeat(600), '\ud800', '"\\\n'])(
    'tag %j',
    (tag) => {
      const pair = twins(sets, format);
      const body = Buffer.concat(records(3, 3).map((record) => entry5(record)));
      // Another one before and behind it.
      for (const one of [tag, 'other.tag', tag]) expectSame(pair, body, one);
    },
  );
});

describe('what takes decoded values', () => {
  const left = (format: string, extension: string, record = {}): number => {
    const text = `mappings: [{ id: '*', map: { eventClass: c, eventName: n, severity: 1, extension: ${extension} } }]`;
    const pair = twins(mappingSets(text), format);
    const body = entry5({ operation: 'x', user: 'u', ...record });
    expectSame(pair, body, 'audit');
    return leftOf(pair, [body], 'audit');
  };

  test.each([
    ['json', '{ time: $user }'],
    ['json', '{ eventName: $user }'],
    ['json', '{ 7: $user, a: $user }'],
    ['json', '{ __proto__: $user }'],
    ['sumo', '{ timestamp: $user }'],
    ['datadog', '{ status: $user }'],
    ['datadog', '{ date: $user }'],
    ['newrelic', '{ level: $user }'],
    ['newrelic, newrelic: { attributes: { who: x } }', '{ who: $user }'],
    ['newrelic', `{ ${'k'.repeat(256)}: $user }`],
    ['sentinel', '{ EventClass: $user }'],
    ['sentinel', `{ ${'k'.repeat(45)}a: $user, ${'k'.repeat(45)}b: $user }`],
  ])('%s, %s: a key that the shape sets, or JavaScript puts elsewhere', (format, extension) => {
    expect(left(format, extension)).toBe(1);
  });

  test.each([
    ['json', { user: Buffer.from('bytes') }],
    ['json', { user: new Date(0) }],
    ['json', { user: { b: 1, 7: 2 } }],
    ['newrelic', { user: ['a', 'b'] }],
  ])('%s, %j: a value that is not what it seems', (format, record) => {
    expect(left(format, '{ suser: $user }', record)).toBe(1);
  });

  test('a value that is not what its column holds', () => {
    expect(left('sentinel', '{ fsize: $user }')).toBe(1);
    expect(left('sentinel', '{ fsize: $user }', { user: 5_000_000_000 })).toBe(1);
    expect(left('sentinel', '{ fsize: $user }', { user: '5000000000' })).toBe(0);
  });

  test.each(['json', 'cef'])('%s: not a function of what lies in a list or in JSON text', (format) => {
    const extension =
      '{ suser: { call: upper, args: [$user.0] }, msg: { call: upper, args: [$text.a > $user] } }';
    for (const record of [{ user: ['name'] }, { user: 'u', text: '{"a":"b"}' }, { user: 'u', text: 'word' }])
      expect(left(format, extension, record)).toBe(0);
  });

  test.each(['json', 'cef', 'sentinel'])('%s: not where a function gives the time and the id', (format) => {
    const byFunctions = mappingSets(`time: { call: number, args: [$ts] }
externalId: { call: upper, args: [$id.0 > $id] }
${mapping}`);
    const pair = twins(byFunctions, format);
    const bodies = [
      { ts: '1772438474', id: 'a=b "c"' },
      { ts: 'x', id: '' },
      { id: ['in', 'a', 'list'] },
      { id: '\ud800' },
    ].map((record) => entry5({ operation: 'other', who: 'w', ...record }));
    for (const body of bodies) expectSame(pair, body, 'audit');
    expect(leftOf(pair, bodies.slice(0, 3), 'audit')).toBe(0);
  });

  test('an empty name, which is something else than none', () => {
    const pair = twins(mappingSets(mapping.replace('$operation', '$name')), 'json');
    for (const name of ['', null, undefined, [], 'there'])
      expectSame(pair, entry5({ operation: 'x', who: 'w', name }), 'audit');
  });

  test.each([
    ['datadog, event: record', 1],
    ['sentinel, event: record', 1],
    ['datadog, datadog: { tags: { user: $user } }', 1],
    ['splunk-hec, splunk: { fields: { 7: $user } }', 1],
    ['splunk-hec, splunk: { fields: { user: $user } }', 0],
    ['ecs', 1],
    ['ocsf', 1],
  ])('%s: settings and formats that need it for each event', (format, count) => {
    expect(left(format, '{ suser: $user }')).toBe(count);
  });
});
