import { request as httpsRequest } from 'node:https';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';
import { JsonReceiver } from './json-receiver.ts';

// What all stand-ins share, shown by the plainest of them.

let receiver: JsonReceiver;

beforeEach(async () => {
  receiver = new JsonReceiver('Bearer abc', { maxBody: 1000, now: () => 1772438400000 });
  await receiver.listen();
});
afterEach(() => receiver.close());

function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${receiver.url}/in?a=1`, {
    method: 'POST',
    headers: { authorization: 'Bearer abc', 'content-type': 'application/json', ...headers },
    body,
  });
}

test('it takes what is good and writes down every request', async () => {
  expect((await post('[{"user":"ana"},{"id":12345678901234567890}]')).status).toBe(200);
  expect((await post('[{}]', { authorization: 'Bearer abd' })).status).toBe(401);
  expect(receiver.records).toEqual([{ user: 'ana' }, { id: 12345678901234567890n }]);
  expect(receiver.requests).toMatchObject([
    { at: 1772438400000, method: 'POST', path: '/in', status: 200, records: 2, bytes: 44 },
    { status: 401, records: 1, bytes: 4, headers: { authorization: 'Bearer abd' } },
  ]);
  expect(receiver.statuses).toEqual([200, 401]);
  expect(receiver.largestRequest).toBe(2);
});

test('it unpacks gzip, and counts the bytes that were sent', async () => {
  const packed = gzipSync('[{"user":"ana"}]');
  expect((await post(packed, { 'content-encoding': 'gzip' })).status).toBe(200);
  expect(receiver.records).toEqual([{ user: 'ana' }]);
  expect(receiver.requests[0]!.bytes).toBe(packed.length);
});

test.each([
  ['broken gzip', Buffer.from('[{}]'), { 'content-encoding': 'gzip' }, 400],
  ['cut gzip', gzipSync('[{"user":"ana"}]').subarray(0, -9), { 'content-encoding': 'gzip' }, 400],
  ['an encoding it does not know', '[{}]', { 'content-encoding': 'br' }, 415],
  ['what is not UTF-8', Buffer.from('[{"a":"\xff"}]', 'latin1'), {}, 400],
  ['more than it takes', `[{"a":"${'x'.repeat(991)}"}]`, {}, 413],
  [
    'more than it takes once unpacked',
    gzipSync(`[{"a":"${'x'.repeat(991)}"}]`),
    { 'content-encoding': 'gzip' },
    413,
  ],
])('it refuses %s', async (_what, body, headers, status) => {
  expect((await post(body, headers as unknown as Record<string, string>)).status).toBe(status);
  expect(receiver.records).toEqual([]);
  expect(receiver.statuses).toEqual([status]);
});

test('it takes as much as its limit', async () => {
  const body = `[{"a":"${'x'.repeat(990)}"}]`;
  expect(body).toHaveLength(1000);
  expect((await post(body)).status).toBe(200);
});

test('it refuses everything while it is told to', async () => {
  receiver.refuseWith = 429;
  receiver.retryAfter = 7;
  const answer = await post('[{},{},{}]');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
  expect([receiver.records.length, receiver.largestRequest]).toEqual([0, 3]);
  receiver.refuseWith = undefined;
  const next = await post('[{}]');
  expect([next.status, next.headers.get('retry-after')]).toEqual([200, null]);
});

test('it comes back on the same port', async () => {
  const { port } = receiver;
  await receiver.close();
  await expect(post('[{}]')).rejects.toThrow();
  await receiver.listen();
  expect(receiver.port).toBe(port);
  expect((await post('[{}]')).status).toBe(200);
});

test('it never answers while it is silent', async () => {
  receiver.isSilent = true;
  const answer = post('[{}]').then(
    () => 'answered',
    () => 'closed',
  );
  const soon = new Promise((resolve) => setTimeout(resolve, 200, 'nothing'));
  expect(await Promise.race([answer, soon])).toBe('nothing');
  expect(receiver.requests).toEqual([]);
  await receiver.close();
  expect(await answer).toBe('closed');
});

test('it speaks HTTPS to those who trust its certificate', async () => {
  const certificate = makeCertificate();
  const secure = new JsonReceiver('Bearer abc', { tls: certificate });
  await secure.listen();
  const ask = (host: string, ca?: string): Promise<number | string> =>
    new Promise((resolve) => {
      const headers = { authorization: 'Bearer abc', 'content-type': 'application/json' };
      const options = { host, port: secure.port, method: 'POST', headers, ...(ca ? { ca } : {}) };
      const request = httpsRequest(options, ({ statusCode }) => resolve(statusCode ?? 0));
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      request.end('[{}]');
    });
  try {
    expect(secure.url).toBe(`https://127.0.0.1:${secure.port}`);
    expect(await ask('127.0.0.1', certificate.cert)).toBe(200);
    expect(await ask('localhost', certificate.cert)).toBe(200);
    expect(await ask('127.0.0.1')).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(secure.statuses).toEqual([200, 200]);
  } finally {
    await secure.close();
  }
});
