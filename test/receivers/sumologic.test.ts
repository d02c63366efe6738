import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SumoLogicReceiver } from './sumologic.ts';

let receiver: SumoLogicReceiver;

const now = Date.parse('2026-03-02T08:00:00Z');
const timestamp = '2026-03-02T08:00:00.125Z';

beforeEach(async () => {
  receiver = new SumoLogicReceiver({ code: 'c0de==', now: () => now });
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
  { path = '/receiver/v1/http/c0de==', headers = {}, method = 'POST' }: Send = {},
) {
  return fetch(receiver.url + path, { method, headers, body });
}

test('each line is a message', async () => {
  const lines = [`{"timestamp":"${timestamp}","id":12345678901234567890}`, `{"timestamp": "${timestamp}"}`];
  expect((await send(`${lines.join('\n')}\n`)).status).toBe(200);
  expect(receiver.lines).toEqual(lines);
  expect(receiver.records).toEqual([{ timestamp, id: 12345678901234567890n }, { timestamp }]);
  expect([receiver.violations, receiver.restamped, receiver.largestRequest]).toEqual([[], 0, 2]);
});

test('gzip and deflate are unpacked', async () => {
  const line = `{"timestamp":"${timestamp}"}`;
  expect((await send(gzipSync(line), { headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
  expect((await send(deflateSync(line), { headers: { 'content-encoding': 'deflate' } })).status).toBe(200);
  expect(receiver.lines).toEqual([line, line]);
});

test.each([
  ['a wrong code', 401, { path: '/receiver/v1/http/c0de=' }],
  ['no code', 401, { path: '/receiver/v1/http/' }],
  ['another path', 404, { path: '/receiver/v2/http/c0de==' }],
  ['another method', 405, { method: 'DELETE' }],
  ['another encoding', 415, { headers: { 'content-encoding': 'br' } }],
  ['broken gzip', 400, { headers: { 'content-encoding': 'gzip' } }],
] as [string, number, Send][])('%s is refused', async (_what, status, options) => {
  expect((await send(`{"timestamp":"${timestamp}"}`, options)).status).toBe(status);
  expect([receiver.lines, receiver.records, receiver.statuses]).toEqual([[], [], [status]]);
});

test('more than 1 MB is refused, packed or not', async () => {
  const bodyOf = (bytes: number): string => '\n'.repeat(bytes);
  expect((await send(bodyOf(1_000_000))).status).toBe(200);
  expect((await send(bodyOf(1_000_001))).status).toBe(413);
  const headers = { 'content-encoding': 'gzip' };
  expect((await send(gzipSync(bodyOf(1_000_001)), { headers })).status).toBe(413);
});

test('the quota has words of its own', async () => {
  receiver.refuseWith = 429;
  const answer = await send(`{"timestamp":"${timestamp}"}`);
  expect(answer.status).toBe(429);
  expect(await answer.text()).toMatch(/^You have temporarily exceeded your Sumo Logic quota/);
});

test.each([
  ['text', 'ana logged in', 'no JSON object: '],
  ['an array', '[1]', 'no JSON object: '],
  ['an object without a time', '{"user":"ana"}', 'timestamp is not the first key: '],
  [
    'a time that is not first',
    `{"user":"ana","timestamp":"${timestamp}"}`,
    'timestamp is not the first key: ',
  ],
  ['a number before the time', `{"1":"a","timestamp":"${timestamp}"}`, 'timestamp is not the first key: '],
  ['a time that is a number', '{"timestamp":1772438400125}', 'timestamp is not the first key: '],
  ['a time without a zone', '{"timestamp":"2026-03-02T08:00:00"}', 'timestamp is no ISO 8601 with a zone: '],
  ['a time that is none', '{"timestamp":"today"}', 'timestamp is no ISO 8601 with a zone: '],
])('%s is taken and a violation', async (_what, line, violation) => {
  expect((await send(line)).status).toBe(200);
  expect([receiver.lines, receiver.violations]).toEqual([[line], [violation + line]]);
});

test('a key that is a number after the time is none', async () => {
  await send(`{"timestamp":"${timestamp}","1":"a"}`);
  expect(receiver.violations).toEqual([]);
});

test('a line of more than 65,536 bytes is sliced', async () => {
  const lineOf = (bytes: number): string => {
    const line = `{"timestamp":"${timestamp}","text":"é"}`;
    return line.replace('é', `é${'x'.repeat(bytes - Buffer.byteLength(line))}`);
  };
  await send(lineOf(65_536));
  expect(receiver.violations).toEqual([]);
  await send(lineOf(65_537));
  expect(receiver.violations).toEqual([expect.stringMatching(/^sliced: \{"timestamp"/)]);
});

test('a time of long ago or far ahead is restamped', async () => {
  const year = 365 * 86_400_000;
  const lineAt = (time: number): string => `{"timestamp":"${new Date(time).toISOString()}"}\n`;
  await send(lineAt(now - year) + lineAt(now + 2 * 86_400_000));
  expect(receiver.restamped).toBe(0);
  await send(lineAt(now - year - 1) + lineAt(now + 2 * 86_400_000 + 1));
  expect([receiver.restamped, receiver.violations]).toEqual([2, []]);
});

test('fields in the header are key-value pairs', async () => {
  await send('', { headers: { 'x-sumo-fields': 'tenant=t1,env=prod' } });
  expect(receiver.violations).toEqual([]);
  await send('', { headers: { 'x-sumo-fields': 'tenant' } });
  expect(receiver.violations).toEqual(['X-Sumo-Fields: no key-value pairs: tenant']);
});

test('any text will do where no JSON is asked for', async () => {
  const plain = new SumoLogicReceiver({ code: 'c', json: false });
  await plain.listen();
  try {
    await fetch(`${plain.url}/receiver/v1/http/c`, { method: 'POST', body: 'CEF:0|a\nCEF:0|b' });
    expect([plain.lines, plain.records, plain.violations]).toEqual([['CEF:0|a', 'CEF:0|b'], [], []]);
  } finally {
    await plain.close();
  }
});
