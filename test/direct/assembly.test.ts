import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { bodyWindow, Image, lineEnd, lineStart, memory, unlessFull } from '../../plugin/direct/assembly.ts';
import { compileDirect } from '../../plugin/direct/direct-mapper.ts';
import { KeyTable } from '../../plugin/direct/key-table.ts';
import { RecordScan } from '../../plugin/direct/record-scan.ts';
import { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { compileSyslogHeader } from '../../plugin/format/syslog-header.ts';
import { entry5, entry18 } from '../fluent/samples.ts';
import { destination, mappingSets } from '../helpers.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** A scan of a body with one record, and where that ends. */
function scanned(keys: readonly string[], body: Buffer): { scan: RecordScan; end: number } {
  const image = new Image();
  const wanted = keys.map((key, slot) => ({ key, slot, below: [] }));
  const scan = new RecordScan(new KeyTable(wanted, keys.length, image));
  image.load();
  const start = bodyWindow.open(body, 0);
  return { scan, end: scan.read(start, bodyWindow.end) };
}

test('each key of a record is found by its bytes, and no other', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), maxLength: 8 });
  const keys = fc.uniqueArray(key, { maxLength: 60 });
  fc.assert(
    fc.property(keys, keys, (wanted, there) => {
      const body = packr.pack(new Map(there.map((name, index) => [name, index])));
      const { scan, end } = scanned(wanted, body);
      expect(end).toBe(bodyWindow.end);
      expect(scan.length).toBe(there.length);
      for (const [slot, name] of wanted.entries()) {
        const at = scan.at(slot);
        expect(at === 0 ? -1 : memory[at]).toBe(there.indexOf(name));
      }
    }),
  );
});

test('a record that breaks off anywhere ends behind the end, or is unclear', () => {
  const record = { a: 'text', b: [1, { c: 'x'.repeat(300) }], d: { e: null, f: 1.5 }, g: 'y'.repeat(70_000) };
  const whole = packr.pack(record);
  for (let length = 1; length < whole.length; length += length < 400 ? 1 : 997) {
    const { end } = scanned(['a', 'g'], whole.subarray(0, length));
    expect(end === 0 || end > bodyWindow.end, `${length} bytes`).toBe(true);
  }
  expect(scanned(['a', 'g'], whole).end).toBe(bodyWindow.end);
});

test('lengths that are beyond any address break off', () => {
  for (const type of [0xdb, 0xc6, 0xdd, 0xdf]) {
    const { end } = scanned(['a'], Buffer.from([0x81, 0xa1, 0x61, type, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4]));
    expect(end === 0 || end > bodyWindow.end).toBe(true);
  }
});

test('an image that is full says so', () => {
  const image = new Image();
  expect(unlessFull(() => image.put(Buffer.alloc(2 ** 19)))).toBeGreaterThan(0);
  expect(image.hasRoom).toBe(true);
  expect(unlessFull(() => image.put(Buffer.alloc(2 ** 18)))).toBeGreaterThan(0);
  expect(image.hasRoom).toBe(false);
  expect(unlessFull(() => image.put(Buffer.alloc(2 ** 18)))).toBeUndefined();
});

const mapping = `mappings:
  - id: upload
    map: { eventClass: Files, eventName: upload, severity: 2, extension: { suser: $who, fname: $name } }
  - id: '*'
    map: { eventClass: Other, eventName: $operation, severity: 3, extension: { suser: $who } }
`;

/** The lines that come of a body, and how many records were mapped one by one. */
function mapped(
  body: Buffer,
  direct = compileDirect(mappingSets(mapping), destination('cef'))!,
): { lines: string[]; alone: number } {
  const out = new EventBuffer();
  let alone = 0;
  for (let at = 0; at < body.length; ) {
    at = direct.run(body, at, 'audit', out, 0);
    if (at === body.length) break;
    alone++;
    expect(direct.map(body, at, 'audit', out)).toBe('mapped');
    at = direct.end;
  }
  return {
    lines: Array.from({ length: out.count }, (_, index) => out.slice(index).subarray(25).toString()),
    alone,
  };
}

const line = (name: string, who: string, fname: string): string =>
  name === 'upload'
    ? `CEF:0|FileCloud|FileCloud|23.1|Files|upload|2|rt=1700000000000 suser=${who} fname=${fname}`
    : `CEF:0|FileCloud|FileCloud|23.1|Other|${name}|3|rt=1700000000000 suser=${who}`;

describe('many records at once', () => {
  const names = ['upload', 'download', 'rename', 'delete'];
  const records = (count: number, size: number): { operation: string; who: string; name: string }[] =>
    Array.from({ length: count }, (_, index) => ({
      operation: names[index % names.length]!,
      who: `user=${index}`,
      name: `${'x'.repeat(size)}${index}`,
    }));

  test.each([
    ['as Fluent Bit 5 writes them', entry5],
    ['as Fluent Bit 1.8 writes them', entry18],
  ])('%s: in their order, over the ends of the window and of the memory for lines', (_, entry) => {
    const all = records(30_000, 300);
    const body = Buffer.concat(all.map((record) => entry(record)));
    expect(body.length).toBeGreaterThan(2 * (lineEnd - lineStart));
    const { lines, alone } = mapped(body);
    const made = lines.map((one) => one.replace(/rt=\d+/, 'rt=1700000000000'));
    const expected = all.map(({ operation, who, name }) => line(operation, who.replace('=', '\\='), name));
    // Not all of them in a message.
    expect(made.findIndex((one, index) => one !== expected[index])).toBe(-1);
    expect(made).toHaveLength(expected.length);
    // One at each end of the window.
    expect(alone).toBeLessThan(12);
  });

  test('a value longer than the window is no hindrance', () => {
    const long = { operation: 'upload', who: 'w', name: 'short', more: 'z'.repeat(5_000_000) };
    const some = records(8, 3);
    const body = Buffer.concat([...some, long, ...some].map((record) => entry5(record)));
    const direct = compileDirect(mappingSets(mapping), destination('cef'))!;
    let at = 0;
    const out = new EventBuffer();
    const outcomes: string[] = [];
    while (at < body.length) {
      at = direct.run(body, at, 'audit', out, 0);
      if (at === body.length) break;
      const outcome = direct.map(body, at, 'audit', out);
      outcomes.push(outcome);
      at = outcome === 'unfit' ? at + entry5(long).length : direct.end;
    }
    expect(outcomes.filter((one) => one === 'unfit')).toHaveLength(1);
    expect(out.count).toBe(16);
  });

  test('another destination in between changes nothing', () => {
    const body = Buffer.concat(records(50, 20).map((record) => entry5(record)));
    const one = compileDirect(mappingSets(mapping), destination('cef'))!;
    const other = compileDirect(mappingSets(mapping.replaceAll('suser', 'duser')), destination('cef'))!;
    const [first] = [mapped(body, one), mapped(body, other)];
    expect(mapped(body, one).lines).toEqual(first!.lines);
    expect(mapped(body, other).lines[0]).toContain('duser=');
    const outs = [new EventBuffer(), new EventBuffer()] as const;
    expect(one.run(body, 0, 'audit', outs[0], 0)).toBe(body.length);
    expect(other.run(body, 0, 'audit', outs[1], 0)).toBe(body.length);
    expect(outs[0].slice(0, 50).toString()).not.toContain('duser=');
    expect(outs[1].slice(0, 50).toString()).not.toContain('suser=');
  });

  test('another body in the memory of the last is read anew', () => {
    const direct = compileDirect(mappingSets(mapping), destination('cef'))!;
    const body = entry5({ operation: 'upload', who: 'first', name: 'n' });
    expect(mapped(body, direct).lines[0]).toContain('suser=first');
    entry5({ operation: 'upload', who: 'other', name: 'n' }).copy(body);
    expect(mapped(body, direct).lines[0]).toContain('suser=other');
  });
});

describe('lists and maps as values', () => {
  const known = { operation: 'upload', who: 'w', name: 'n' };
  const fileNameOf = (name: unknown): { text: string; alone: number } => {
    const bodies = [known, { ...known, name }].map((record) => entry5(record as Record<string, unknown>));
    const { lines, alone } = mapped(Buffer.concat(bodies));
    return { text: lines[1]!.replace(/^.* fname=/, ''), alone };
  };
  const inCef = (json: string): string => json.replaceAll('\\', '\\\\').replaceAll('=', '\\=');

  test.each([
    [[1, [2, [3]], {}]],
    [{ a: 'text', b: null, c: true, d: false, e: 4_294_967_295, f: [] }],
    [{ 'quo"te': 'a "b" \\ c', ähnlich: '資料=1' }],
    [{ a: { a: { a: 'the same key, at other levels' } }, toJSON: 'x' }],
    [Array.from({ length: 15 }, () => 'x'.repeat(60))],
  ])('%j is written at once', (value) => {
    expect(fileNameOf(value)).toEqual({ text: inCef(JSON.stringify(value)), alone: 0 });
  });

  test.each([
    ['a number as key comes first', { b: 1, '7': 2 }],
    ['other numbers', { a: -1, b: 1.5, c: 2 ** 40 }],
    ['controls', { a: '\n\u001f' }],
    ['many levels', [[[[[[[[['deep']]]]]]]]]],
    ['many pairs', Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, index]))],
    ['no Unicode', { a: '\ud800' }],
  ])('%s: rendered by the code outside, and the same', (_, value) => {
    expect(fileNameOf(value)).toEqual({
      text: inCef(JSON.stringify(value).replace('\\ud800', '\ufffd'.repeat(3))),
      alone: 0,
    });
  });

  test('of a key that comes twice the last value counts', () => {
    const twice = Buffer.from([0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2]);
    const body = entry5({ ...known, name: 'here' });
    const at = body.indexOf('here') - 1;
    const changed = Buffer.concat([body.subarray(0, at), twice, body.subarray(at + 5)]);
    expect(mapped(Buffer.concat([entry5(known), changed])).lines[1]).toMatch(/ fname=\{"a":2\}$/);
  });

  test.each([1, 2, 3, 4, 5, 40])('%i thousand characters, for which there is room or not', (size) => {
    const value = Array.from({ length: size }, () => ({ a: 'x"'.repeat(200), b: ['y'.repeat(390)] }));
    const anyLength = mapping.replace('fname', 'whole');
    const direct = compileDirect(mappingSets(anyLength), destination('cef'))!;
    const { lines } = mapped(Buffer.concat([entry5(known), entry5({ ...known, name: value })]), direct);
    expect(lines[1]!.replace(/^.* whole=/, '')).toBe(inCef(JSON.stringify(value)));
  });
});

test.each(['rfc5424', 'rfc3164'] as const)(
  '%s: each time of a syslog header is as the format has it',
  (format) => {
    const settings = destination(`cef, syslog: { format: ${format}, hostname: files-1, appname: app }`);
    const direct = compileDirect(mappingSets(`time: $ts\n${mapping}`), settings)!;
    const header = compileSyslogHeader(settings.syslog!);
    const day = 24 * 3600;
    // Each day of the first 60 years, with the ends of some, and any second up to the last that fits.
    const ofDays = Array.from({ length: 60 * 366 }, (_, index) => index * day + (index % 3) * (day / 2 - 1));
    const seconds = [...ofDays, ...fc.sample(fc.nat(0xffffffff), 5000), 0xffffffff];
    const body = Buffer.concat(seconds.map((ts) => entry5({ operation: 'upload', who: 'w', name: 'n', ts })));
    const { lines, alone } = mapped(body, direct);
    const starts = seconds.map((ts) => `${header({ time: ts * 1000, severity: 2 })}CEF:0|`);
    expect(lines.findIndex((one, index) => !one.startsWith(starts[index]!))).toBe(-1);
    expect(lines).toHaveLength(seconds.length);
    expect(alone).toBeLessThan(10);
  },
);
