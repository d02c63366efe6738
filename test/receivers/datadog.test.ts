import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatadogReceiver } from './datadog.ts';

let receiver: DatadogReceiver;

const now = Date.parse('2026-03-02T08:00:00Z');

beforeEach(async () => {
  receiver = new DatadogReceiver({ apiKey: 'key-1', now: () => now });
  await receiver.listen();
});
afterEach(() => receiver.close());

interface Send {
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}

function send(body: string | Buffer, { path = '/api/v2/logs', headers = {}, method = 'POST' }: Send = {}) {
  return fetch(receiver.url + path, {
    method,
    headers: { 'dd-api-key': 'key-1', 'content-type': 'application/json', ...headers },
    body,
  });
}

const log = {
  message: 'ana logged in',
  ddsource: 'acme-audit',
  ddtags: 'env:prod,tenant:t1,url:http://a/b_c-d.e',
  service: 'console',
  hostname: 'gw1',
  status: 'info',
  timestamp: now,
  request: { path: '/' },
};

test('an array of logs is taken, or a single one', async () => {
  const answer = await send(JSON.stringify([log, { ...log, timestamp: '2026-03-02T08:00:00.125Z' }]));
  expect([answer.status, await answer.json()]).toEqual([202, {}]);
  expect((await send(JSON.stringify({ message: 'ana' }))).status).toBe(202);
  expect(receiver.records).toMatchObject([log, log, { message: 'ana' }].map(({ message }) => ({ message })));
  expect([receiver.violations, receiver.tooOld, receiver.tooNew]).toEqual([[], 0, 0]);
  expect(receiver.largestRequest).toBe(2);
});

test('gzip and deflate are unpacked', async () => {
  expect((await send(gzipSync('[{}]'), { headers: { 'content-encoding': 'gzip' } })).status).toBe(202);
  expect((await send(deflateSync('[{}]'), { headers: { 'content-encoding': 'deflate' } })).status).toBe(202);
});

test.each([
  ['no key', 401, 'Unauthorized', { headers: { 'dd-api-key': '' } }],
  ['a wrong key', 403, 'Forbidden', { headers: { 'dd-api-key': 'key-2' } }],
  ['another path', 404, 'Error', { path: '/v1/input' }],
  ['another method', 405, 'Error', { method: 'PUT' }],
  ['another content type', 415, 'Error', { headers: { 'content-type': 'application/x-ndjson' } }],
  ['another encoding', 415, 'Error', { headers: { 'content-encoding': 'br' } }],
  ['broken gzip', 400, 'Bad Request', { headers: { 'content-encoding': 'gzip' } }],
] as [string, number, string, Send][])('%s is refused', async (_what, status, title, options) => {
  const answer = await send('[{}]', options);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ errors: [{ status: String(status), title }] });
  expect([receiver.records, receiver.statuses]).toEqual([[], [status]]);
});

test.each([
  ['broken JSON', '[{]'],
  ['one object a line', '{}\n{}'],
  ['an array of texts', '["a"]'],
  ['an object and a text', '[{},"a"]'],
  ['a number', '1'],
  ['nothing', ''],
])('%s is refused', async (_what, body) => {
  expect((await send(body)).status).toBe(400);
  expect(receiver.records).toEqual([]);
});

test('1000 logs are taken, not one more', async () => {
  const logs = (count: number): string => JSON.stringify(Array.from({ length: count }, () => ({})));
  expect((await send(logs(1000))).status).toBe(202);
  expect((await send(logs(1001))).status).toBe(413);
  expect([receiver.records.length, receiver.largestRequest]).toEqual([1000, 1001]);
});

test('5 MB are taken once unpacked, not one byte more', async () => {
  const headers = { 'content-encoding': 'gzip' };
  const bodyOf = (bytes: number): Buffer => gzipSync(`[{}${' '.repeat(bytes - 4)}]`, { level: 1 });
  expect((await send(bodyOf(5_000_000), { headers })).status).toBe(202);
  expect((await send(bodyOf(5_000_001), { headers })).status).toBe(413);
});

test('a log of more than 1 MB is taken and cut', async () => {
  const logOf = (bytes: number): string => `[{"message":"${'x'.repeat(bytes - 14)}"}]`;
  expect((await send(logOf(1_000_000))).status).toBe(202);
  expect(receiver.violations).toEqual([]);
  expect((await send(logOf(1_000_001))).status).toBe(202);
  expect(receiver.violations).toEqual(['cut: more than 1000000 bytes']);
});

test.each([
  ['a message that is an object', { message: {} }, 'message: no string'],
  ['a host that is a number', { hostname: 1 }, 'hostname: no string'],
  ['a service that is null', { service: null }, 'service: no string'],
  ['tags in an array', { ddtags: ['env:prod'] }, 'ddtags: no string'],
  ['a tag without a value', { ddtags: 'env:prod,t1' }, 'ddtags: no key:value: t1'],
  ['a tag with a space', { ddtags: 'env:prod, tenant:t1' }, 'ddtags: no key:value:  tenant:t1'],
  ['an empty tag', { ddtags: '' }, 'ddtags: no key:value: '],
  ['a tag that begins with a digit', { ddtags: '1:a' }, 'ddtags: no key:value: 1:a'],
  ['a status that is a number', { status: 3 }, 'status: no string'],
  ['a status of its own', { status: 'Very-High' }, 'status: unknown word: Very-High'],
  [
    'a time in fractions',
    { timestamp: 1772438400.125 },
    'timestamp: neither integer nor ISO 8601 with a zone',
  ],
  ['a time that is none', { date: 'today' }, 'timestamp: neither integer nor ISO 8601 with a zone'],
  [
    'a time without a zone',
    { timestamp: '2026-03-02T08:00:00' },
    'timestamp: neither integer nor ISO 8601 with a zone',
  ],
])('%s is taken and a violation', async (_what, change, violation) => {
  const { timestamp: _, ...rest } = log;
  expect((await send(JSON.stringify([{ ...rest, ...change }]))).status).toBe(202);
  expect(receiver.violations).toEqual([violation]);
});

test('logs of more than 18 hours ago, and two hours ahead, are counted', async () => {
  const hour = 3_600_000;
  const send1 = (timestamp: unknown): Promise<Response> => send(JSON.stringify([{ timestamp }]));
  await send1(now - 18 * hour);
  await send1(now + 2 * hour);
  expect([receiver.tooOld, receiver.tooNew]).toEqual([0, 0]);
  await send1(now - 18 * hour - 1);
  await send1(new Date(now - 19 * hour).toISOString());
  await send1(Math.floor(now / 1000)); // seconds are read as milliseconds: January 1970
  await send1(now + 2 * hour + 1);
  expect([receiver.tooOld, receiver.tooNew, receiver.violations]).toEqual([3, 1, []]);
});
