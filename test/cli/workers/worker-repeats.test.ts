import { expect, test } from 'vitest';
import type { FromWorker } from '../../../plugin/cli/workers/messages.ts';
import { WorkerRepeats } from '../../../plugin/cli/workers/worker-repeats.ts';

/** A worker's view, and what it told the primary. */
function worker(): { repeats: WorkerRepeats; sent: FromWorker[] } {
  const sent: FromWorker[] = [];
  return { repeats: new WorkerRepeats((message) => sent.push(message)), sent };
}

test('what is not known to be remembered is asked of nobody', () => {
  const { repeats, sent } = worker();
  expect(repeats.take('a')).toBeUndefined();
  expect(sent).toEqual([]);
});

test('what is known is asked for, once', async () => {
  const { repeats, sent } = worker();
  repeats.isRemembered('a');
  const taken = repeats.take('a');
  expect(repeats.take('a')).toBeUndefined();
  expect(sent).toEqual([{ kind: 'take', key: 'a' }]);
  repeats.isTaken('a', [0, 2]);
  expect(await taken).toEqual(new Set([0, 2]));
});

test('another worker may have been faster', async () => {
  const { repeats } = worker();
  repeats.isRemembered('a');
  const taken = repeats.take('a');
  repeats.isTaken('a', undefined);
  expect(await taken).toBeUndefined();
});

test('each one that asks gets its own answer, in order', async () => {
  const { repeats } = worker();
  repeats.isRemembered('a');
  const first = repeats.take('a');
  repeats.isRemembered('a');
  const second = repeats.take('a');
  repeats.isTaken('a', [1]);
  repeats.isTaken('a', undefined);
  expect([await first, await second]).toEqual([new Set([1]), undefined]);
});

test('what was acknowledged goes to the primary; nothing does not', () => {
  const { repeats, sent } = worker();
  repeats.remember('a', new Set());
  repeats.remember('b', new Set([3, 4]));
  expect(sent).toEqual([{ kind: 'remember', key: 'b', acked: [3, 4] }]);
  // It is known when the primary says so, to this worker as to all others.
  expect(repeats.take('b')).toBeUndefined();
});

test('the keys it knows do not grow for ever', async () => {
  const { repeats } = worker();
  for (let n = 0; n <= 2000; n++) repeats.isRemembered(`key ${n}`);
  expect(repeats.take('key 0')).toBeUndefined();
  expect(repeats.take('key 2000')).toBeInstanceOf(Promise);
});
