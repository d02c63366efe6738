import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogScaleReceiver } from './logscale.ts';

let receiver: LogScaleReceiver;

beforeEach(async () => {
  receiver = new LogScaleReceiver({ token: 'token-1', maxBody: 2_000_000 });
  await receiver.listen();
});
afterEach(() => receiver.close());

interface Send {
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}

function send(
  body: string | Buffer,
  { path = '/api/v1/ingest/hec', headers = {}, method = 'POST' }: Send = {},
) {
  return fetch(receiver.url + path, {
    method,
    headers: { authorization: 'Bearer token-1', ...headers },
    body,
  });
}

const envelope = {
  time: 1772438400.125,
  host: 'gw1',
  source: 'filecloud.audit',
  sourcetype: 'json',
  event: { text: 'a } " { b', nested: { a: [1, {}] } },
  fields: { tenant: 't1' },
};

test('objects one after another are taken, whatever stands between them', async () => {
  const text = JSON.stringify(envelope);
  const answer = await send(`${text}${text}\n${text} \r\n${text}\n`);
  expect([answer.status, await answer.json()]).toEqual([200, { text: 'Success', code: 0 }]);
  expect(receiver.records).toEqual([envelope, envelope, envelope, envelope]);
  expect([receiver.violations, receiver.largestRequest]).toEqual([[], 4]);
});

test('gzip, the paths of Splunk and Basic will do', async () => {
  const body = '{"event":"a","time":"1772438400"}';
  expect((await send(gzipSync(body), { headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
  expect((await send(body, { path: '/services/collector' })).status).toBe(200);
  const authorization = `Basic ${Buffer.from('anybody:token-1').toString('base64')}`;
  expect((await send(body, { headers: { authorization } })).status).toBe(200);
  expect([receiver.records.length, receiver.violations]).toEqual([3, []]);
});

test.each([
  ['no token', 401, { headers: { authorization: '' } }],
  ['a wrong token', 401, { headers: { authorization: 'Bearer token-2' } }],
  ["Splunk's scheme", 401, { headers: { authorization: 'Splunk token-1' } }],
  ['a wrong password', 401, { headers: { authorization: `Basic ${btoa('token-1:token-2')}` } }],
  ['another path', 404, { path: '/api/v1/ingest' }],
  ['another method', 405, { method: 'PUT' }],
  ['another encoding', 415, { headers: { 'content-encoding': 'deflate' } }],
  ['broken gzip', 400, { headers: { 'content-encoding': 'gzip' } }],
] as [string, number, Send][])('%s is refused', async (_what, status, options) => {
  expect((await send(JSON.stringify(envelope), options)).status).toBe(status);
  expect([receiver.records, receiver.statuses]).toEqual([[], [status]]);
});

test.each([
  ['nothing', ' '],
  ['text', 'ana logged in'],
  ['a text after an object', '{"event":"a"}b'],
  ['an array', '[{"event":"a"}]'],
  ['an object that breaks off', '{"event":"a"}{"event":'],
  ['too many braces', '{"event":"a"}}'],
])('%s is refused, and nothing taken', async (_what, body) => {
  expect((await send(body)).status).toBe(400);
  expect(receiver.records).toEqual([]);
});

test('more than the server takes is refused', async () => {
  expect((await send(`{"event":"${'x'.repeat(2_000_000)}"}`)).status).toBe(413);
});

test.each([
  ['no event', { time: 1 }, 'event: missing or empty'],
  ['a null event', { event: null }, 'event: missing or empty'],
  ['an empty event', { event: '' }, 'event: missing or empty'],
  ['an unknown key', { event: 'a', user: 'ana' }, 'user: no key of an envelope'],
  ['milliseconds', { event: 'a', time: 1772438400125 }, 'time: no epoch seconds: 1772438400125'],
  ['a time that is none', { event: 'a', time: 'today' }, 'time: no epoch seconds: "today"'],
  ['fields that are no object', { event: 'a', fields: ['b'] }, 'fields: no object'],
  ['an event that is cut', { event: 'x'.repeat(999_999) }, 'event: more than 1000000 bytes'],
  ['8001 fields', { event: Array.from({ length: 8001 }, () => 1) }, 'more than 8000 fields: 8001'],
])('%s is taken and a violation', async (_what, body, violation) => {
  expect((await send(JSON.stringify(body))).status).toBe(200);
  expect([receiver.violations, receiver.records.length]).toEqual([[violation], 1]);
});

test('an event as large as may be is none', async () => {
  await send(JSON.stringify({ event: 'x'.repeat(999_998) }));
  await send(JSON.stringify({ event: Array.from({ length: 8000 }, () => 1) }));
  expect(receiver.violations).toEqual([]);
});
