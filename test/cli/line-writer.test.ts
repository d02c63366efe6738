import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LineWriter } from '../../plugin/cli/line-writer.ts';

/** A stream that is slow: what was written to it, and how to let it go on. */
function slow(highWaterMark: number): { stream: Writable; written: string[]; go: () => void } {
  const written: string[] = [];
  let done: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark,
    write: (part, _encoding, callback) => {
      written.push(String(part));
      done = callback;
    },
  });
  return { stream, written, go: () => done?.() };
}

test('lines are written together, when it is time', async () => {
  const { stream, written } = slow(1000);
  const output = new LineWriter(stream);
  output.add('a');
  output.add('b');
  expect(written).toEqual([]);
  await output.flush();
  expect(written).toEqual(['a\nb\n']);
  await output.flush();
  expect(written).toHaveLength(1);
});

test.each(['push', 'flush'] as const)('after a %s that was too much it waits for the reader', async (how) => {
  const { stream, go } = slow(4);
  const output = new LineWriter(stream);
  output.add('abcdef');
  if (how === 'push') output.push();
  let isOver = false;
  const flushed = output.flush().then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  go();
  await flushed;
});
