import { describe, expect, test } from 'vitest';
import { type Event, noProblems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import type { OutgoingRecord } from '../../plugin/format/render.ts';
import { destination, eventOf, received } from '../helpers.ts';
import { packAndUnpack } from './unpack-event.ts';

/** What a destination of these settings makes of an event. */
function render(settings: string, more: Partial<Event> = {}, problems = noProblems()): OutgoingRecord {
  const one = destination(settings);
  return formats.get(one.format)!.compile(one)(eventOf(more), problems);
}

const at = '2026-03-02T08:00:00.000Z';
const extension: Event['extension'] = [
  ['suser', 'ana'],
  ['src', '192.0.2.1'],
  ['cs1', { pii: true }],
];

describe('sumo', () => {
  test('is a flat object with the time first', () => {
    expect(Object.entries(render('sumo', { extension }))).toEqual([
      ['timestamp', at],
      ['eventClass', 'c'],
      ['eventName', 'n'],
      ['severity', 2],
      ['suser', 'ana'],
      ['src', '192.0.2.1'],
      ['cs1', { pii: true }],
    ]);
  });
  test("a record's own timestamp stays, under another name", () => {
    const record = { timestamp: 'noon', timestamp_: 'x', user: 'ana' };
    expect(render('sumo, event: record', { record })).toEqual({
      timestamp: at,
      timestamp__: 'noon',
      timestamp_: 'x',
      user: 'ana',
    });
  });
  test('may hold the CEF line', () => {
    expect(render('sumo, event: cef')).toEqual({
      timestamp: at,
      message: `CEF:0|FileCloud|FileCloud|23.1|c|n|2|rt=${received}`,
    });
  });
  test('has at most 64,000 bytes', () => {
    const problems = noProblems();
    const { long } = render('sumo', { extension: [['long', 'x'.repeat(70_000)]] }, problems) as {
      long: string;
    };
    expect(long).toMatch(/^x{63000,64000}\.\.\.$/);
    expect(problems.shortenedValues).toBe(1);
  });
});

describe('datadog', () => {
  test('has the reserved attributes and what the event holds', () => {
    const settings =
      "datadog, datadog: { service: files, hostname: $host, tags: { env: prod, 'a b': $user } }";
    const record = { host: 'h1', user: 'ana,b c' };
    expect(render(settings, { extension, record, tag: 'filecloud.audit' })).toEqual({
      timestamp: BigInt(received),
      message: 'n',
      status: 'info',
      ddsource: 'filecloud',
      service: 'files',
      hostname: 'h1',
      ddtags: 'env:prod,a_b:ana_b_c',
      eventClass: 'c',
      eventName: 'n',
      severity: 2,
      suser: 'ana',
      src: '192.0.2.1',
      cs1: { pii: true },
    });
  });
  test.each([
    [undefined, 'info'],
    [0, 'info'],
    [3, 'info'],
    [4, 'warning'],
    ['Medium', 'warning'],
    [7, 'error'],
    ['Very-High', 'critical'],
    [10, 'critical'],
  ])('severity %s has the status %s', (severity, status) => {
    expect(render('datadog', { severity }).status).toBe(status);
  });
  test("a mapping's msg is the message, and it may set the reserved texts", () => {
    const own: Event['extension'] = [
      ['msg', 'Ana logged in'],
      ['service', 7],
      ['status', 'alert'],
    ];
    expect(render('datadog', { extension: own })).toMatchObject({
      message: 'Ana logged in',
      service: '7',
      status: 'alert',
    });
  });
  test("a record's own words are not Datadog's", () => {
    const record = { status: 'FAILURE', message: { a: 1 }, date: 'today', user: 'ana' };
    expect(render('datadog, event: record', { record })).toMatchObject({
      message: 'n',
      status: 'info',
      status_: 'FAILURE',
      message_: { a: 1 },
      date_: 'today',
      user: 'ana',
    });
  });
  test('the time reaches Fluent Bit as a whole number', () => {
    expect(packAndUnpack(render('datadog')).get('timestamp')).toBe(BigInt(received));
  });
  test('the source of a record without a tag is this service', () => {
    expect(render('datadog').ddsource).toBe('fluent-bit-siem');
    expect(render('datadog, datadog: { source: mine }').ddsource).toBe('mine');
  });
});

describe('newrelic', () => {
  test('has flat attributes: lists joined, objects as JSON text, null left out', () => {
    const own: Event['extension'] = [
      ...extension,
      ['list', ['a', 1, true]],
      ['objects', [{ a: 1 }]],
      ['ok', false],
    ];
    expect(
      render('newrelic, newrelic: { attributes: { logtype: audit, who: $user } }', {
        extension: own,
        record: { user: 'u' },
      }),
    ).toEqual({
      timestamp: BigInt(received),
      message: 'n',
      level: 'info',
      logtype: 'audit',
      who: 'u',
      eventClass: 'c',
      eventName: 'n',
      severity: 2,
      suser: 'ana',
      src: '192.0.2.1',
      cs1: '{"pii":true}',
      list: 'a, 1, true',
      objects: '[{"a":1}]',
      ok: false,
    });
  });
  test('a record sent as it is has its objects opened', () => {
    const record = { request: { path: '/a', meta: { n: null, size: 5 } }, level: 'MELTDOWN', timestamp: 1 };
    expect(render('newrelic, event: record', { record })).toEqual({
      timestamp: BigInt(received),
      message: 'n',
      level: 'info',
      'request.path': '/a',
      'request.meta.size': 5,
      level_: 'MELTDOWN',
      timestamp_: 1,
    });
  });
  test('has at most 255 attributes; the rest is JSON text in one', () => {
    const keys = (count: number): [string, unknown][] =>
      Array.from({ length: count }, (_, n) => [`k${n}`, n]);
    // timestamp, message, level, eventClass, eventName and severity are six.
    const full = render('newrelic', { extension: keys(249) });
    expect(Object.keys(full)).toHaveLength(255);
    expect(full).not.toHaveProperty('moreAttributes');
    const over = render('newrelic', { extension: keys(250) });
    expect(Object.keys(over)).toHaveLength(255);
    expect(over.moreAttributes).toBe('{"k248":248,"k249":249}');
  });
  test('a name New Relic does not take is among the rest', () => {
    const long = 'x'.repeat(256);
    const { moreAttributes } = render('newrelic', {
      extension: [
        [long, 1],
        ['', 2],
        ['moreAttributes', 3],
      ],
    });
    expect(JSON.parse(String(moreAttributes))).toEqual({ [long]: 1, '': 2 });
  });
  test('a long value stays whole', () => {
    expect(render('newrelic', { extension: [['long', 'x'.repeat(10_000)]] }).long).toHaveLength(10_000);
  });
});

describe('json', () => {
  test('may be the record as it came, and nothing else', () => {
    const record = { time: 'noon', list: [1, { a: 2n ** 60n }], nothing: null };
    expect(render('json, event: record', { record })).toEqual(record);
  });
  test('may hold the CEF line', () => {
    expect(render('json, event: cef')).toMatchObject({
      time: at,
      message: expect.stringMatching(/^CEF:0\|/),
    });
  });
  test('keeps its record_limit', () => {
    const { a } = render('json, record_limit: 1024', { extension: [['a', 'x'.repeat(5000)]] });
    expect(String(a).length).toBeLessThan(1024);
    expect(a).toMatch(/x\.\.\.$/);
  });
});
