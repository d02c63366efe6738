import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type Event, noProblems, type Problems } from '../../plugin/compile/event.ts';
import { formats } from '../../plugin/format/index.ts';
import { jsonBytes } from '../../plugin/format/json-limit.ts';
import { columnName } from '../../plugin/mapping/cef-columns.ts';
import type { DestinationSettings } from '../../plugin/mapping/settings.ts';
import { destination, eventOf } from '../helpers.ts';
import { parseCef } from './parse-cef.ts';
import { parseCsv } from './parse-csv.ts';
import { parseLeef } from './parse-leef.ts';

/** The rows of the table of limits in docs/formats.md: `format: what`, and the limit. */
const rows = new Map(
  [
    ...readFileSync(join(packageRoot, 'docs', 'formats.md'), 'utf8')
      .split('## Limits')[1]!
      .split('\n\n')[2]!
      .matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm),
  ]
    .slice(2)
    .map(([, format, what, limit]) => [`${format}: ${what}`, limit!] as const),
);

interface Rendered {
  readonly record: Record<string, unknown>;
  readonly problems: Problems;
}

function render(settings: string, event: Partial<Event>, more: Partial<DestinationSettings> = {}): Rendered {
  const one = destination(settings, more);
  const problems = noProblems();
  return { record: formats.get(one.format)!.compile(one)(eventOf(event), problems), problems };
}

const line = (settings: string, event: Partial<Event>, more: Partial<DestinationSettings> = {}) => {
  const { record, problems } = render(settings, event, more);
  return { text: String(record.message), problems };
};

/** The one number in a limit: `1023 bytes`, `64,000 bytes`. */
const numberIn = (limit: string): number => Number(/[\d,]+/.exec(limit)![0].replaceAll(',', ''));

/** A value just within the limit is left alone; one beyond it is cut, and counted so often. */
function cutAt(
  limit: string,
  counted: number,
  of: (text: string) => { value: string; problems: Problems },
): void {
  const most = numberIn(limit);
  const fits = of('x'.repeat(most));
  expect(fits.value).toBe('x'.repeat(most));
  expect(fits.problems).toEqual(noProblems());
  const cut = of('x'.repeat(most + 1));
  expect(cut.value).toBe('x'.repeat(most));
  expect(cut.problems.shortenedValues).toBe(counted);
  // Cut at a whole character: of two-byte ones half as many where bytes are counted.
  const wide = of('é'.repeat(most + 1)).value;
  expect(wide).toMatch(/^é+$/);
  expect(limit.includes('bytes') ? Buffer.byteLength(wide) : wide.length).toBeLessThanOrEqual(most);
}

/** A CEF header field or pair. */
function cefPart(event: Partial<Event>, part: string): { value: string; problems: Problems } {
  const { text, problems } = line('cef', event);
  const { extension, ...header } = parseCef(text);
  return { value: new Map([...Object.entries(header), ...extension]).get(part) as string, problems };
}

const device = (part: 'vendor' | 'product' | 'version') => (text: string) => {
  const whole = { vendor: 'v', product: 'p', version: '1', [part]: text };
  const parsed = parseCef(line('cef', {}, { device: whole }).text);
  return { value: parsed[part === 'version' ? 'deviceVersion' : part], problems: noProblems() };
};

const pair = (key: string) => (text: string) => cefPart({ extension: [[key, text]] }, key);

/** The limit of a whole record: what fits is the same, what does not is within it and counted. */
function wholeRecord(format: string, limit: number | undefined, settings = format): void {
  const most = limit ?? 2000;
  const limited = destination(settings, limit === undefined ? { recordLimit: most } : {});
  expect(limited.recordLimit).toBe(most);
  const size = (record: Record<string, unknown>): number =>
    typeof record.message === 'string' && formats.get(format)!.isText
      ? Buffer.byteLength(record.message)
      : jsonBytes(record);
  const compiled = formats.get(format)!.compile(limited);
  const problems = noProblems();
  const extension: Event['extension'] = [
    ['note', 'x'.repeat(most)],
    ['other', 'y'.repeat(most)],
    ['suser', 'ana'],
  ];
  const record = compiled(eventOf({ extension }), problems);
  expect(size(record)).toBeLessThanOrEqual(most);
  expect(size(record)).toBeGreaterThan(most * 0.7);
  expect(JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? String(value) : value))).toMatch(
    /x\.\.\.[\s\S]*y\.\.\.|y\.\.\.[\s\S]*x\.\.\./,
  );
  expect(problems.shortenedValues).toBeGreaterThanOrEqual(2);
  // Too many keys, of whatever length.
  const count = Math.min(most, 5000);
  const name = 'k'.repeat(Math.min(250, Math.ceil((most * 1.5) / count)));
  const many = Array.from({ length: count }, (_, index): [string, unknown] => [`${name}${index}`, 1]);
  const dropped = noProblems();
  expect(size(compiled(eventOf({ extension: many }), dropped))).toBeLessThanOrEqual(most);
}

/** Beyond the limit a value is not in its column. */
function columnLimit(key: string, fits: bigint, beyond: bigint): void {
  const inside = render('sentinel', { extension: [[key, fits]] });
  expect(BigInt(inside.record[key] as bigint)).toBe(fits);
  const outside = render('sentinel', { extension: [[key, beyond]] });
  expect(outside.record).not.toHaveProperty(key);
  expect(outside.record.AdditionalFields).toEqual({ [key]: beyond });
  expect(outside.problems.mistypedValues).toBe(1);
}

const checks: Readonly<Record<string, (limit: string) => void>> = {
  'cef: device vendor, product': (limit) => {
    cutAt(limit, 0, device('vendor'));
    cutAt(limit, 0, device('product'));
  },
  'cef: device version': (limit) => cutAt(limit, 0, device('version')),
  'cef: event class': (limit) => cutAt(limit, 1, (eventClass) => cefPart({ eventClass }, 'eventClass')),
  'cef: event name': (limit) => cutAt(limit, 1, (eventName) => cefPart({ eventName }, 'eventName')),
  'cef: severity': (limit) => {
    expect(limit).toBe('0-10');
    expect(cefPart({ severity: 10 }, 'severity').problems.clampedSeverities).toBe(0);
    expect(cefPart({ severity: 11 }, 'severity')).toMatchObject({
      value: '10',
      problems: { clampedSeverities: 1 },
    });
    expect(cefPart({ severity: -1 }, 'severity')).toMatchObject({
      value: '0',
      problems: { clampedSeverities: 1 },
    });
  },
  'cef: `act`, `outcome`': (limit) => {
    cutAt(limit, 1, pair('act'));
    cutAt(limit, 1, pair('outcome'));
  },
  'cef: `externalId`': (limit) => {
    cutAt(limit, 1, pair('externalId'));
    cutAt(limit, 1, (externalId) => cefPart({ externalId }, 'externalId'));
  },
  'cef: `msg`, `fname`, `suser`, ...': (limit) => {
    for (const key of ['msg', 'fname', 'suser']) cutAt(limit, 1, pair(key));
  },
  'cef: `cs1` to `cs6`': (limit) => {
    for (const number of [1, 2, 3, 4, 5, 6]) cutAt(limit, 1, pair(`cs${number}`));
  },
  'cef: `cn1`, `fsize`, ...': () => {
    expect(pair('cn1')(String(2n ** 63n - 1n)).problems).toEqual(noProblems());
    expect(pair('cn1')(String(2n ** 63n))).toMatchObject({
      value: String(2n ** 63n),
      problems: { mistypedValues: 1 },
    });
    const moved = line(
      'cef',
      { extension: [['fsize', 2n ** 64n]] },
      { cef: { version: 0, mistyped: 'move' } },
    );
    expect(moved.text).toContain(` fsizeText=${2n ** 64n}`);
  },
  'cef: `spt`, `dpt`': (limit) => {
    expect(limit).toBe('0-65535');
    for (const key of ['spt', 'dpt']) {
      expect(pair(key)('65535').problems.mistypedValues).toBe(0);
      expect(pair(key)('65536').problems.mistypedValues).toBe(1);
    }
  },
  'leef: EventID': (limit) =>
    cutAt(limit, 1, (eventName) => {
      const { text, problems } = line('leef', { eventName });
      return { value: parseLeef(text).eventId, problems };
    }),
  'leef: `sev`': (limit) => {
    expect(limit).toBe('1-10');
    for (const [severity, sev, clamped] of [
      [10, '10', 0],
      [11, '10', 1],
      [-1, '1', 1],
    ] as const) {
      const { text, problems } = line('leef', { severity });
      expect(new Map(parseLeef(text).attributes).get('sev')).toBe(sev);
      expect(problems.clampedSeverities).toBe(clamped);
    }
  },
  'cef, leef, csv: the line': () => {
    wholeRecord('cef', undefined);
    wholeRecord('cef', undefined, 'cef, syslog: { format: rfc5424 }');
    wholeRecord('leef', undefined);
    // One column must not be cut for another's sake only.
    const { text, problems } = line(
      'csv, csv: { columns: [note, other] }',
      {
        extension: [
          ['note', 'x'.repeat(3000)],
          ['other', 'short'],
        ],
      },
      { recordLimit: 2000 },
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2000);
    expect(parseCsv(text)[0]).toMatch(/^x+\.\.\.$/);
    expect(parseCsv(text)[1]).toBe('short');
    expect(problems.shortenedValues).toBe(1);
  },
  'syslog: host name': (limit) => {
    const hostname = 'h'.repeat(300);
    const { text } = line('cef', {}, { syslog: { format: 'rfc5424', facility: 13, hostname, appname: 'a' } });
    expect(text.split(' ')[2]).toBe('h'.repeat(numberIn(limit)));
  },
  'syslog: app name': (limit) => {
    const appname = 'a'.repeat(60);
    const { text } = line('cef', {}, { syslog: { format: 'rfc5424', facility: 13, hostname: 'h', appname } });
    expect(text.split(' ')[3]).toBe('a'.repeat(numberIn(limit)));
  },
  'sentinel: text column': (limit) => {
    const most = numberIn(limit);
    const of = (text: string) => render('sentinel', { extension: [['msg', text]] });
    expect(of('x'.repeat(most)).record.msg).toBe('x'.repeat(most));
    const { record, problems } = of('x'.repeat(most + 1));
    expect(record.msg).toBe(`${'x'.repeat(most - 3)}...`);
    expect(problems.shortenedValues).toBe(1);
  },
  'sentinel: int column': () => {
    // CommonSecurityLog has most of them: there the rest is AdditionalExtensions.
    const table = 'sentinel, sentinel: { table: CommonSecurityLog }';
    expect(render(table, { extension: [['fsize', 2 ** 31 - 1]] }).record.FileSize).toBe(2 ** 31 - 1);
    const { record, problems } = render(table, { extension: [['fsize', 2 ** 31]] });
    expect(record).toMatchObject({ AdditionalExtensions: `fsize=${2 ** 31}` });
    expect(problems.mistypedValues).toBe(1);
    columnLimit('spt', 2n ** 31n - 1n, 2n ** 31n);
  },
  'sentinel: long column': () => columnLimit('fsize', 2n ** 63n - 1n, 2n ** 63n),
  'sentinel: column name': (limit) => {
    expect(columnName('x'.repeat(100))).toBe('x'.repeat(numberIn(limit)));
  },
  'sentinel: the row': (limit) => {
    const { recordLimit } = destination('sentinel');
    expect(recordLimit).toBe(numberIn(limit));
    const extension = Array.from({ length: 20 }, (_, index): [string, unknown] => [
      `k${index}`,
      'x'.repeat(63_000),
    ]);
    const { record, problems } = render('sentinel', { extension });
    expect(jsonBytes(record)).toBeLessThanOrEqual(recordLimit!);
    expect(problems.shortenedValues).toBe(20);
  },
  'sumo: the message': (limit) => wholeRecord('sumo', numberIn(limit)),
  'datadog: the log': (limit) => wholeRecord('datadog', numberIn(limit)),
  'datadog: a tag': (limit) => {
    const { record } = render(`datadog, datadog: { tags: { k: ${'v'.repeat(300)} } }`, {});
    expect(String(record.ddtags)).toHaveLength(numberIn(limit));
  },
  'newrelic: attributes': (limit) => {
    const extension = Array.from({ length: 300 }, (_, index): [string, unknown] => [`k${index}`, index]);
    const { record } = render('newrelic', { extension });
    expect(Object.keys(record)).toHaveLength(numberIn(limit));
    const all = { ...record, ...JSON.parse(String(record.moreAttributes)) };
    for (const [key, value] of extension) expect(all[key]).toBe(value);
  },
  'newrelic: name of an attribute': (limit) => {
    const most = numberIn(limit);
    const of = (length: number) => render('newrelic', { extension: [['n'.repeat(length), 1]] }).record;
    expect(of(most)).toHaveProperty('n'.repeat(most), 1);
    expect(of(most + 1)).toMatchObject({ moreAttributes: `{"${'n'.repeat(most + 1)}":1}` });
  },
  'newrelic: the log': (limit) => wholeRecord('newrelic', numberIn(limit)),
  'every JSON shape: nesting': (limit) => {
    const nested = (depth: number): unknown => (depth === 0 ? 'end' : { a: nested(depth - 1) });
    const of = (depth: number) =>
      render('json', {
        extension: [
          ['cs1', nested(depth)],
          ['cs1Label', 'Deep'],
        ],
      });
    expect(of(numberIn(limit)).record).toHaveProperty('cs1');
    const { record, problems } = of(numberIn(limit) + 1);
    expect(record).not.toHaveProperty('cs1');
    expect(record).not.toHaveProperty('cs1Label');
    expect(problems.failedValues).toBe(1);
  },
  'every JSON shape: the event': () => {
    for (const format of ['json', 'splunk-hec', 'ecs', 'ocsf']) wholeRecord(format, undefined);
  },
};

test('the table of limits in docs/formats.md and the checks are of the same rows', () => {
  expect(rows.size).toBeGreaterThan(25);
  expect([...rows.keys()]).toEqual(Object.keys(checks));
});

test.each([...rows])('%s: %s', (row, limit) => {
  checks[row]!(limit);
});
