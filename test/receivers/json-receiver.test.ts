import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonReceiver } from './json-receiver.ts';

let receiver: JsonReceiver;

beforeEach(async () => {
  receiver = new JsonReceiver('Bearer abc');
  await receiver.listen();
});
afterEach(() => receiver.close());

const good = { authorization: 'Bearer abc', 'content-type': 'application/json' };

test.each([
  ['no authorization', 401, { 'content-type': 'application/json' }, '[{}]'],
  ['another', 401, { ...good, authorization: 'Bearer abcd' }, '[{}]'],
  ['another content type', 415, { ...good, 'content-type': 'text/plain' }, '[{}]'],
  ['an object', 422, good, '{}'],
  ['an array of anything else', 422, good, '[{},1]'],
  ['what is no JSON', 422, good, '[{}'],
])('it refuses %s', async (_what, status, headers, body) => {
  const answer = await fetch(receiver.url, {
    method: 'POST',
    headers: headers as unknown as Record<string, string>,
    body,
  });
  expect(answer.status).toBe(status);
  expect(receiver.records).toEqual([]);
});

test('it refuses another method', async () => {
  expect((await fetch(receiver.url, { method: 'PUT', headers: good, body: '[{}]' })).status).toBe(405);
});

test('it takes an array of objects', async () => {
  const headers = { ...good, 'content-type': 'application/json; charset=utf-8' };
  expect((await fetch(receiver.url, { method: 'POST', headers, body: '[{"a":1},{}]' })).status).toBe(200);
  expect(receiver.records).toEqual([{ a: 1 }, {}]);
});
