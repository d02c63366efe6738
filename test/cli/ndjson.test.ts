import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesOf } from '../../plugin/cli/ndjson.ts';

async function read(...parts: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = Readable.from(parts.map((part) => Buffer.from(part as string)));
  for await (const line of linesOf(stream)) lines.push(line);
  return lines;
}

test('lines end at LF, the last one also without', async () => {
  expect(await read('a\nb\n')).toEqual(['a', 'b']);
  expect(await read('a\nb')).toEqual(['a', 'b']);
  expect(await read('a\n\nb')).toEqual(['a', '', 'b']);
  expect(await read('')).toEqual([]);
});

test.each(['\u2028', '\u2029', '\u0085', '\r', '\v'])('%j ends no line', async (character) => {
  expect(await read(`a${character}b\nc`)).toEqual([`a${character}b`, 'c']);
});

test('lines and characters are put together wherever the parts end', async () => {
  const bytes = Buffer.from('é日😀\nü\n');
  const single = Array.from(bytes, (byte) => Buffer.of(byte));
  expect(await read(...single)).toEqual(['é日😀', 'ü']);
});
