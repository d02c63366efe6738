import { expect, test } from 'vitest';
import { decodeBody } from '../../plugin/fluent/decode.ts';
import { makeChunks } from './chunks.ts';
import { fileCloudMix, oneOperation, operationNames } from './filecloud-mix.ts';
import { seededRandom } from './random.ts';

const now = { seconds: 0, nanoseconds: 0 };

test('the same seed gives the same chunks, another seed others', () => {
  const bytes = (seed: number): Buffer[] =>
    makeChunks(fileCloudMix(seed), 3, { records: 50 }, '5.x').map((chunk) => chunk.bytes);
  expect(bytes(1)).toEqual(bytes(1));
  expect(bytes(1)).not.toEqual(bytes(2));
});

test('random numbers lie from 0 to below 1 and fill the range', () => {
  const dice = seededRandom(7);
  const numbers = Array.from({ length: 10_000 }, dice);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
});

test.each(['1.8', '5.x'] as const)('the service reads what is written as Fluent Bit %s does', (form) => {
  const [chunk] = makeChunks(fileCloudMix(1), 1, { records: 100 }, form);
  const source = fileCloudMix(1);
  const { entries, bad } = decodeBody(chunk!.bytes, now);
  expect(bad).toEqual([]);
  expect(entries.map(({ record }) => record)).toEqual(Array.from({ length: 100 }, source));
  expect(entries[42]!.time).toEqual({ seconds: 1772438400, nanoseconds: 42_000_000 });
});

test('a chunk ends at so many records, or bytes', () => {
  const [byRecords] = makeChunks(fileCloudMix(1), 1, { records: 1000 }, '5.x');
  expect(decodeBody(byRecords!.bytes, now).entries).toHaveLength(1000);
  const [byBytes] = makeChunks(fileCloudMix(1), 1, { bytes: 100_000 }, '5.x');
  expect(byBytes!.bytes.length).toBeGreaterThanOrEqual(100_000);
  expect(byBytes!.bytes.length).toBeLessThan(102_000);
});

test('the mix has every operation, and no two records with the same id', () => {
  const source = fileCloudMix(1);
  const records = Array.from({ length: 5000 }, source);
  expect(new Set(records.map(({ operation }) => operation))).toEqual(new Set(operationNames));
  expect(new Set(records.map(({ recordId }) => recordId)).size).toBe(records.length);
});

test('one operation is only that one', () => {
  const source = oneOperation('upload', 1);
  expect(Array.from({ length: 20 }, source).every(({ operation }) => operation === 'upload')).toBe(true);
});
