import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BodyError, type DecodedBody } from '../../plugin/fluent/entry.ts';
import { decodeJsonBody } from '../../plugin/fluent/json-body.ts';
import { now } from './samples.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const decode = (text: string | Buffer): DecodedBody => decodeJsonBody(Buffer.from(text as string), now);

/** The records alone, where nothing is bad. */
function recordsOf(text: string | Buffer): unknown[] {
  const { entries, bad } = decode(text);
  expect(bad).toEqual([]);
  return entries.map(({ record }) => record);
}

/** Records, and the bad parts as `offset: text`. */
function partsOf(text: string): { records: unknown[]; bad: string[] } {
  const { entries, bad } = decode(text);
  return {
    records: entries.map(({ record }) => record),
    bad: bad.map(({ offset, raw }) => `${offset}: ${raw}`),
  };
}

describe('records come as', () => {
  test.each([
    ['an array', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['an array over several lines', '[\n  {"a":1},\n  {"a":2}\n]\n', [{ a: 1 }, { a: 2 }]],
    ['an empty array', '[]', []],
    ['one object', '{"a":1}', [{ a: 1 }]],
    ['one object over several lines', '{\n  "a": 1\n}\n', [{ a: 1 }]],
    ['an empty object', '{}', [{}]],
    ['NDJSON', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['NDJSON whose last line has no LF', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['NDJSON with CRLF', '{"a":1}\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
    ['NDJSON with blank lines', '\n{"a":1}\n\n  \n\r\n{"a":2}\n\n', [{ a: 1 }, { a: 2 }]],
    ['NDJSON behind a byte-order mark', '\ufeff{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'NDJSON files one after another, each with its mark',
      '\ufeff{"a":1}\n\ufeff{"a":2}\n',
      [{ a: 1 }, { a: 2 }],
    ],
    ['an array behind a byte-order mark', '\ufeff[{"a":1}]', [{ a: 1 }]],
  ])('%s', (_form, text, expected) => {
    expect(recordsOf(text)).toEqual(expected);
  });
});

test('every record has the time of receipt', () => {
  expect(decode('{"a":1}\n{"a":2}').entries.map(({ time }) => time)).toEqual([now, now]);
});

test.each(['\u2028', '\u2029', '\u0085', '\\n', '\\u000a'])('%j inside a text ends no line', (character) => {
  const line = `{"a":"x${character}y"}`;
  expect(recordsOf(`${line}\n${line}\n`)).toEqual([JSON.parse(line), JSON.parse(line)]);
});

test('integers keep all their digits, in every form', () => {
  const record = { big: 12345678901234567890n, safe: 9007199254740991 };
  const text = '{"big":12345678901234567890,"safe":9007199254740991}';
  for (const body of [text, `[${text}]`, `${text}\n`, `${text}\n{}`])
    expect(recordsOf(body)[0]).toEqual(record);
});

describe('among good ones', () => {
  test('a line that is no JSON is bad, with its byte offset and bytes', () => {
    expect(partsOf('{"a":"é"}\n{"a":\n{"a":"日本"}\nnot json\n{"a":3}')).toEqual({
      records: [{ a: 'é' }, { a: '日本' }, { a: 3 }],
      bad: ['11: {"a":', '32: not json'],
    });
  });

  test.each(['[1]', '"text"', '5', 'null', 'true'])('a line that is %s is bad', (line) => {
    expect(partsOf(`{"a":1}\n${line}\n{"a":2}`)).toEqual({
      records: [{ a: 1 }, { a: 2 }],
      bad: [`8: ${line}`],
    });
  });

  test.each(['[1]', '"text"', '5', 'null', 'true', '12345678901234567890', '[12345678901234567890]'])(
    'an element that is %s is bad',
    (element) => {
      const { records, bad } = partsOf(`[{"a":1},${element},{"a":2}]`);
      expect(records).toEqual([{ a: 1 }, { a: 2 }]);
      expect(bad).toEqual([`0: ${element}`]);
      expect(decode(`[{"a":1},${element}]`).bad[0]!.reason).toBe('element 1 is no object');
    },
  );

  test('an element nested deeper than the stack is bad', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const { entries, bad } = decode(`[{"a":1},${deep}]`);
    expect([entries.length, bad.length]).toEqual([1, 1]);
  });

  test('a line of broken UTF-8 spoils no other, and its bytes are kept', () => {
    const broken = Buffer.from([0xff, 0xfe, 0x7b]);
    const { entries, bad } = decode(
      Buffer.concat([Buffer.from('{"a":1}\n'), broken, Buffer.from('\n{"a":2}')]),
    );
    expect(entries).toHaveLength(2);
    expect(bad).toMatchObject([{ offset: 8, raw: broken }]);
  });
});

describe('when nothing is a record, the error has the byte where JSON stops', () => {
  test.each([
    ['', 0],
    ['   ', 3],
    ['hello', 0],
    ['{"a":1', 6],
    ['{"é":x}', 6],
    ['\ufeff{"é":x}', 9],
    ['[{"a":"日本"},]', 16],
    ['5', 0],
    ['"text"', 0],
    ['null', 0],
  ])('%j', (text, offset) => {
    expect(() => decode(text)).toThrow(BodyError);
    expect(() => decode(text)).toThrow(
      expect.objectContaining({ offset, message: expect.stringContaining(`at byte ${offset}`) }),
    );
  });
});

test('a body nested deeper than the stack is an error, not a crash', () => {
  expect(() => decode('{"a":'.repeat(100_000))).toThrow(BodyError);
});

test('what JSON.stringify writes is read, whole or in lines', () => {
  // An unsafe integer is read as a bigint, which JSON.parse can't tell.
  const withoutUnsafe = (_key: string, value: unknown): unknown =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value;
  const record = fc
    .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
    .map((one) => JSON.parse(JSON.stringify(one), withoutUnsafe) as Record<string, unknown>);
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), (records) => {
      expect(recordsOf(JSON.stringify(records))).toEqual(records);
      expect(recordsOf(records.map((one) => `${JSON.stringify(one)}\n`).join(''))).toEqual(records);
    }),
  );
});

test('any bytes give records, bad parts or an error, and come to an end', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{"a":1}',
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      '\n',
      '\\',
      ':',
      '1',
      '12345678901234567890',
      'é',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(texts, bytes), (body) => {
      try {
        decodeJsonBody(body, now);
      } catch (error) {
        if (!(error instanceof BodyError)) throw error;
        expect(error.offset).toBeGreaterThanOrEqual(0);
        expect(error.offset).toBeLessThanOrEqual(body.length);
      }
    }),
    { numRuns: 3000 },
  );
});
