import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NewRelicReceiver } from './newrelic.ts';

let receiver: NewRelicReceiver;

const now = Date.parse('2026-03-02T08:00:00Z');

beforeEach(async () => {
  receiver = new NewRelicReceiver({ apiKey: 'key-1', now: () => now });
  await receiver.listen();
});
afterEach(() => receiver.close());

interface Send {
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}

function send(body: string | Buffer, { path = '/log/v1', headers = {}, method = 'POST' }: Send = {}) {
  return fetch(receiver.url + path, {
    method,
    headers: { 'api-key': 'key-1', 'content-type': 'application/json', ...headers },
    body,
  });
}

test('simple logs are taken', async () => {
  const answer = await send(
    `[{"timestamp":${now},"message":"a","id":12345678901234567890},{"message":"b","ok":true}]`,
  );
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ requestId: expect.stringMatching(/^[\da-f-]{36}$/) });
  expect((await send('{"message":"c"}')).status).toBe(202);
  expect(receiver.records).toEqual([
    { timestamp: now, message: 'a', id: 12345678901234567890n },
    { message: 'b', ok: true },
    { message: 'c' },
  ]);
  expect([receiver.integrationErrors, receiver.tooOld, receiver.largestRequest]).toEqual([[], 0, 2]);
});

test('detailed logs are taken, on one level with what they have in common', async () => {
  const body = [
    {
      common: { timestamp: now, attributes: { service: 'console', user: 'nobody', plugin: { type: 'x' } } },
      logs: [{ message: 'a', attributes: { user: 'ana' } }, { message: 'b' }],
    },
    { logs: [{ message: 'c' }] },
  ];
  expect((await send(JSON.stringify(body))).status).toBe(202);
  expect(receiver.records).toEqual([
    { timestamp: now, service: 'console', user: 'ana', 'plugin.type': 'x', message: 'a' },
    { timestamp: now, service: 'console', user: 'nobody', 'plugin.type': 'x', message: 'b' },
    { message: 'c' },
  ]);
  expect([receiver.integrationErrors, receiver.largestRequest]).toEqual([[], 3]);
});

test('the key has many headers', async () => {
  for (const name of ['x-license-key', 'license-key', 'x-insert-key']) {
    expect((await send('[{}]', { headers: { 'api-key': '', [name]: 'key-1' } })).status).toBe(202);
  }
  expect((await send('[{}]', { headers: { 'api-key': '' }, path: '/log/v1?Api-Key=key-1' })).status).toBe(
    202,
  );
});

test('gzip is unpacked, by encoding or by type', async () => {
  const packed = gzipSync('[{"message":"a"}]');
  expect((await send(packed, { headers: { 'content-encoding': 'gzip' } })).status).toBe(202);
  for (const type of ['application/gzip', 'gzip']) {
    expect((await send(packed, { headers: { 'content-type': type } })).status).toBe(202);
  }
  expect(receiver.records).toHaveLength(3);
});

test.each([
  ['a wrong key', 403, { headers: { 'api-key': 'key-2' } }],
  ['no key', 403, { headers: { 'api-key': '' } }],
  ['another path', 404, { path: '/log/v2' }],
  ['another method', 405, { method: 'PUT' }],
  ['another content type', 415, { headers: { 'content-type': 'application/x-ndjson' } }],
  ['another encoding', 415, { headers: { 'content-encoding': 'deflate' } }],
  ['broken gzip', 400, { headers: { 'content-encoding': 'gzip' } }],
  ['a type of gzip that is none', 400, { headers: { 'content-type': 'application/gzip' } }],
] as [string, number, Send][])('%s is refused', async (_what, status, options) => {
  expect((await send('[{}]', options)).status).toBe(status);
  expect([receiver.records, receiver.statuses]).toEqual([[], [status]]);
});

test.each([
  ['broken JSON', '[{]'],
  ['one object a line', '{}\n{}'],
  ['a text', '"a"'],
  ['an array of texts', '["a"]'],
  ['detailed logs of texts', '[{"logs":["a"]}]'],
])('%s is refused', async (_what, body) => {
  expect((await send(body)).status).toBe(400);
  expect(receiver.records).toEqual([]);
});

test('a body without its length is refused', async () => {
  const headers = { 'api-key': 'key-1', 'content-type': 'application/json' };
  const status = await new Promise((resolve, reject) => {
    const options = { port: receiver.port, host: '127.0.0.1', method: 'POST', path: '/log/v1', headers };
    const request = httpRequest(options, (answer) => resolve(answer.statusCode)).on('error', reject);
    request.write('[{}');
    request.end(']');
  });
  expect(status).toBe(411);
});

test('1,000,000 bytes as sent are taken, not one more', async () => {
  const bodyOf = (bytes: number): string => `[{}${' '.repeat(bytes - 4)}]`;
  expect((await send(bodyOf(1_000_000))).status).toBe(202);
  expect((await send(bodyOf(1_000_001))).status).toBe(413);
  const headers = { 'content-encoding': 'gzip' };
  expect((await send(gzipSync(bodyOf(3_000_000)), { headers })).status).toBe(202);
  const noise = JSON.stringify([{ message: randomBytes(800_000).toString('base64') }]);
  expect((await send(gzipSync(noise, { level: 0 }), { headers })).status).toBe(413);
});

const named = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, index]));

test.each([
  ['an array', { a: ['b'] }, 'a: neither string, number nor boolean: ["b"]'],
  ['an object', { a: { b: 1 } }, 'a: neither string, number nor boolean: {"b":1}'],
  ['a null', { a: null }, 'a: neither string, number nor boolean: null'],
  ['attributes that are no object', { attributes: 'a', b: [] }, 'b: neither string, number nor boolean: []'],
  ['a name of 256 characters', { ['n'.repeat(256)]: 1 }, `a name longer than 255: ${'n'.repeat(80)}`],
  ['256 attributes', named(256), 'more than 255 attributes: 256'],
  ['a name that is dropped', { eventType: 'login' }, 'eventType: a name that is dropped'],
  ['a value that is cut', { a: 'x'.repeat(131_073) }, 'a: longer than 131072'],
  ['a time that is a text', { timestamp: '2026-03-02T08:00:00Z' }, 'timestamp: no integer of s or ms'],
  ['a time in fractions', { timestamp: 1772438400.125 }, 'timestamp: no integer of s or ms'],
])('%s is taken and an integration error', async (_what, log, error) => {
  expect((await send(JSON.stringify([log]))).status).toBe(202);
  expect(receiver.integrationErrors).toEqual([error]);
});

test('as much as may be is none', async () => {
  const log = { ...named(254), ['n'.repeat(255)]: 'x'.repeat(131_072) };
  expect((await send(JSON.stringify([log]))).status).toBe(202);
  expect(receiver.integrationErrors).toEqual([]);
});

test('logs of more than 48 hours ago are counted, in seconds or milliseconds', async () => {
  const limit = now - 48 * 3_600_000;
  await send(JSON.stringify([{ timestamp: limit }, { timestamp: limit / 1000 }]));
  expect(receiver.tooOld).toBe(0);
  await send(JSON.stringify([{ timestamp: limit - 1 }, { timestamp: limit / 1000 - 1 }]));
  expect([receiver.tooOld, receiver.integrationErrors]).toEqual([2, []]);
});
