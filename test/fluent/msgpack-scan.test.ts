import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test, vi } from 'vitest';
import { contentOf, elementsOf, endOfValue, MsgpackError } from '../../plugin/fluent/msgpack-scan.ts';
import { nestedLists } from './samples.ts';

// Properties are tried with hundreds of values: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const packr = new Packr({ useRecords: false, variableMapSize: true });
const pack = (value: unknown): Buffer => Buffer.from(packr.pack(value));

/** Anything msgpack can hold. */
const anything = fc.anything({
  withBigInt: false,
  withDate: true,
  withTypedArray: false,
  withNullPrototype: false,
  values: [
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  ],
});

/** The error of reading a value that is not whole. */
function failure(bytes: Buffer, start = 0): MsgpackError {
  try {
    endOfValue(bytes, start);
  } catch (error) {
    if (error instanceof MsgpackError) return error;
    throw error;
  }
  throw new Error('it was whole');
}

test('any value ends where msgpackr ends it, wherever it stands', () => {
  fc.assert(
    fc.property(anything, fc.nat(20), fc.nat(20), (value, before, behind) => {
      const packed = pack(value);
      const bytes = Buffer.concat([Buffer.alloc(before, 0xc1), packed, Buffer.alloc(behind, 0xc1)]);
      expect(endOfValue(bytes, before)).toBe(before + packed.length);
    }),
  );
});

test('any value that is cut anywhere is cut off, and more bytes could help', () => {
  fc.assert(
    fc.property(anything, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, where) => {
      const packed = pack(value);
      const error = failure(packed.subarray(0, Math.floor(packed.length * where)));
      expect(error).toMatchObject({ offset: 0, isCutOff: true });
    }),
  );
});

describe('every form of the specification has its length', () => {
  test.each([
    ['nil', 'c0', 1],
    ['false', 'c2', 1],
    ['true', 'c3', 1],
    ['positive fixint', '7f', 1],
    ['negative fixint', 'e0', 1],
    ['bin 8', 'c4 02 0000', 4],
    ['bin 16', 'c5 0002 0000', 5],
    ['bin 32', 'c6 00000002 0000', 7],
    ['ext 8', 'c7 02 01 0000', 5],
    ['ext 16', 'c8 0002 01 0000', 6],
    ['ext 32', 'c9 00000002 01 0000', 8],
    ['float 32', 'ca 00000000', 5],
    ['float 64', 'cb 0000000000000000', 9],
    ['uint 8', 'cc 00', 2],
    ['uint 16', 'cd 0000', 3],
    ['uint 32', 'ce 00000000', 5],
    ['uint 64', 'cf 0000000000000000', 9],
    ['int 8', 'd0 00', 2],
    ['int 16', 'd1 0000', 3],
    ['int 32', 'd2 00000000', 5],
    ['int 64', 'd3 0000000000000000', 9],
    ['fixext 1', 'd4 01 00', 3],
    ['fixext 2', 'd5 01 0000', 4],
    ['fixext 4', 'd6 01 00000000', 6],
    ['fixext 8', 'd7 01 0000000000000000', 10],
    ['fixext 16', 'd8 01 00000000000000000000000000000000', 18],
    ['fixstr', 'a2 6162', 3],
    ['str 8', 'd9 02 6162', 4],
    ['str 16', 'da 0002 6162', 5],
    ['str 32', 'db 00000002 6162', 7],
    ['fixarray', '92 c0 c0', 3],
    ['array 16', 'dc 0002 c0 c0', 5],
    ['array 32', 'dd 00000002 c0 c0', 7],
    ['fixmap', '81 c0 c0', 3],
    ['map 16', 'de 0001 c0 c0', 5],
    ['map 32', 'df 00000001 c0 c0', 7],
  ])('%s', (_form, hex, length) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(bytes).toHaveLength(length);
    expect(endOfValue(Buffer.concat([bytes, Buffer.of(0xc0)]), 0)).toBe(length);
    for (let cut = 0; cut < length; cut++) expect(failure(bytes.subarray(0, cut)).isCutOff).toBe(true);
  });
});

test('0xc1 is no msgpack, and no more bytes help', () => {
  expect(failure(Buffer.of(0x92, 0x01, 0xc1))).toMatchObject({ offset: 2, isCutOff: false });
});

test('nesting deeper than the stack is walked', () => {
  expect(endOfValue(nestedLists(1_000_000), 0)).toBe(1_000_001);
});

test('a list that says it has 4 billion elements is cut off at once', () => {
  expect(failure(Buffer.from('ddffffffffddffffffff', 'hex')).isCutOff).toBe(true);
});

test('elements and contents are found in lists and maps', () => {
  const bytes = Buffer.concat([Buffer.of(0x92), pack('HELO'), pack({ nonce: Buffer.of(1, 2), auth: '' })]);
  const [kind, options] = elementsOf(bytes, 0);
  expect(contentOf(bytes, kind!)?.toString()).toBe('HELO');
  const contents = elementsOf(bytes, options!).map((at) => contentOf(bytes, at));
  expect(contents).toEqual([Buffer.from('nonce'), Buffer.of(1, 2), Buffer.from('auth'), Buffer.alloc(0)]);
});

test('a number has no elements and no content', () => {
  expect(elementsOf(Buffer.of(5), 0)).toEqual([]);
  expect(contentOf(Buffer.of(5), 0)).toBeUndefined();
});
