import { describe, expect, test } from 'vitest';
import { decodeBody } from '../../plugin/fluent/decode.ts';
import { BodyError } from '../../plugin/fluent/entry.ts';
import { entry5, now } from './samples.ts';

const recordsOf = (body: Buffer | string): unknown[] =>
  decodeBody(Buffer.from(body as string), now).entries.map(({ record }) => record);

const ana = { user: 'ana' };

describe('the bytes tell what a body is', () => {
  test('msgpack', () => {
    expect(recordsOf(entry5(ana))).toEqual([ana]);
  });

  test('JSON', () => {
    expect(recordsOf('{"user":"ana"}')).toEqual([ana]);
  });

  test('an array in the longer form is msgpack as well', () => {
    const entry = entry5(ana);
    expect(recordsOf(Buffer.concat([Buffer.from('dc0002', 'hex'), entry.subarray(1)]))).toEqual([ana]);
  });
});

test('an empty body is an error', () => {
  expect(() => decodeBody(Buffer.alloc(0), now)).toThrow(BodyError);
});

describe('{"log": "<line>"}, as tail without a parser gives it', () => {
  test('becomes the record that the line is, with all digits, in both encodings', () => {
    const log = '{"user":"ana","id":12345678901234567890}';
    const record = { user: 'ana', id: 12345678901234567890n };
    expect(recordsOf(entry5({ log }))).toEqual([record]);
    expect(recordsOf(JSON.stringify({ log }))).toEqual([record]);
  });

  test('keeps the time of the entry', () => {
    const [entry] = decodeBody(entry5({ log: '{"a":1}' }), now).entries;
    expect(entry!.time).toEqual({ seconds: 1772438437, nanoseconds: 123456789 });
  });

  test.each([
    ['the line is no JSON', { log: '{"a":' }],
    ['the line is a text', { log: 'Accepted password for ana' }],
    ['the line is a list', { log: '[{"a":1}]' }],
    ['there is more than the line', { log: '{"a":1}', file: 'audit.log' }],
    ['it is no text', { log: { a: 1 } }],
  ])('stays as it is when %s', (_why, record) => {
    expect(recordsOf(entry5(record))).toEqual([record]);
  });

  test('is opened once, not again and again', () => {
    expect(recordsOf(entry5({ log: '{"log":"{\\"a\\":1}"}' }))).toEqual([{ log: '{"a":1}' }]);
  });
});
