import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { type Answer, Service, type ServiceOptions } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

const token = 'Bearer http-5f2e81';
let siem: JsonReceiver;
let service: Service;
let folder: string;
let batches = 0;

async function use(more = '', options: ServiceOptions = {}): Promise<void> {
  await service?.stop();
  service = await Service.start({
    deliver: `{ to: '${siem.url}/in', headers: { Authorization: '${token}' }, retry: { every: 200ms, for: 1s, then: 3s }, ${more} }`,
    stateFile: join(folder, 'state.json'),
    ...options,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  siem = new JsonReceiver(token);
  await siem.listen();
  await use();
});
afterEach(async () => {
  await service.stop();
  await siem.close();
  rmSync(folder, { recursive: true, force: true });
});

const newTag = (at = Date.now()): string => `siem.splunk.${at}-0a1b2c3d4e-${batches++}`;
const lines = (...ids: number[]): string => ids.map((id) => `{"id":${id}}\n`).join('');

/** Posts a batch as Fluent Bit's http output does. */
function deliver(
  body: string | Buffer,
  tag = newTag(),
  headers: Record<string, string> = {},
): Promise<Answer> {
  return service.fetch('/deliver/splunk', {
    method: 'POST',
    body,
    headers: { 'fluent-tag': tag, ...headers },
  });
}

describe('a batch', () => {
  test('reaches the SIEM in the shape its provider takes, and is answered in a few bytes', async () => {
    const { status, text } = await deliver(lines(1, 2));
    expect([status, text]).toEqual([200, '{"delivered":true}']);
    expect(siem.records).toEqual([{ id: 1 }, { id: 2 }]);
    expect(siem.requests[0]!.headers['content-encoding']).toBe('gzip');
  });
  test('may come packed', async () => {
    await deliver(gzipSync(lines(1)), newTag(), { 'content-encoding': 'gzip' });
    expect(siem.records).toEqual([{ id: 1 }]);
  });
  test('that the SIEM does not take stays with Fluent Bit, and the answer is short and has no secret', async () => {
    siem.refuseWith = 503;
    const { status, json, headers } = await deliver(lines(1));
    expect([status, json.error, headers.get('retry-after')]).toEqual([503, 'held', '5']);
    expect(json.message).toMatch(/^'splunk' is failing: 503/);
    siem.refuseWith = undefined;
    await vi.waitFor(async () => expect((await deliver(lines(1))).status).toBe(200), { timeout: 30_000 });
    expect(await service.counters()).toMatchObject({ delivered: 1, held: expect.any(Number) });
  });
  test('for a wrong token holds everything, too', async () => {
    const wrong = secret('wrong');
    await use(
      "headers: { Authorization: 'Bearer wrong' }".replace('headers', 'timeout: 5s, body: lines, tls'),
      {
        deliver: `{ to: '${siem.url}/in', headers: { Authorization: 'Bearer ${wrong}' } }`,
      },
    );
    const { status, text } = await deliver(lines(1));
    expect(status).toBe(503);
    expect(text).not.toContain(wrong);
  });
  test('with a record that the SIEM refuses: the others are taken, that one is a dead letter at Fluent Bit', async () => {
    await deliver(lines(1));
    const tag = newTag();
    const { status } = await deliver(`${lines(2)}"no object"\n${lines(3)}`, tag);
    expect(status).toBe(200);
    expect(siem.records).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    const [letter] = service.delivery.records;
    expect(letter).toMatchObject({
      destination: 'splunk',
      tag,
      event: '"no object"',
      reason: expect.stringMatching(/^the SIEM refused it: 422/),
    });
    expect(service.delivery.messages[0]!.tag).toMatch(/^siem\.dead\.splunk\.\d+-/);
  });
  test('whose dead letters Fluent Bit can not take is not done', async () => {
    await deliver(lines(1));
    await service.delivery.stop();
    const { status, json } = await deliver(`${lines(2)}"no object"\n`);
    expect([status, json.error]).toEqual([503, 'not_acknowledged']);
  });
  test('that expired is a dead letter', async () => {
    await use('retention: 1d');
    const { status } = await deliver(lines(1), newTag(Date.now() - 86_500_000));
    expect(status).toBe(200);
    expect(siem.records).toEqual([]);
    expect(service.delivery.records).toMatchObject([
      { event: '{"id":1}', reason: expect.stringContaining('expired') },
    ]);
  });
});

describe('what can not be delivered by configuration is kept', () => {
  test('a destination without a gate', async () => {
    await service.stop();
    service = await Service.start();
    const { status, json } = await deliver(lines(1));
    expect([status, json.error]).toEqual([503, 'no_gate']);
  });
  test('a destination that does not exist', async () => {
    const { status, json } = await service.fetch('/deliver/splnk', { method: 'POST', body: lines(1) });
    expect([status, json.error]).toEqual([503, 'unknown_destination']);
    expect(json.message).toContain("did you mean 'splunk'?");
  });
});

describe('paused', () => {
  const post = (path: string, init: RequestInit = {}) => service.fetch(path, { method: 'POST', ...init });

  test('a destination holds its batches, over a restart too, until it is resumed', async () => {
    const paused = await post('/destinations/splunk/pause?by=ana');
    expect(paused.json).toMatchObject({ state: 'paused', paused: { by: 'ana', since: expect.any(String) } });
    expect((await deliver(lines(1))).json.message).toBe("'splunk' is paused");
    await use();
    expect((await deliver(lines(1))).status).toBe(503);
    expect((await service.fetch('/destinations')).json.destinations).toMatchObject([
      { name: 'splunk', state: 'paused' },
    ]);
    // Mapping goes on.
    expect((await service.map([{ operation: 'login', user: 'ana' }])).status).toBe(200);
    expect((await post('/destinations/splunk/resume')).json).toMatchObject({ state: 'delivering' });
    expect((await deliver(lines(1))).status).toBe(200);
    await use();
    expect((await deliver(lines(2))).status).toBe(200);
  });
  test('it is answered before its body has come', async () => {
    await post('/destinations/splunk/pause');
    const socket = createConnection(service.port, '127.0.0.1');
    socket.write('POST /deliver/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{"id":');
    const first = await new Promise<string>((resolve) =>
      socket.once('data', (bytes) => resolve(bytes.toString())),
    );
    socket.destroy();
    expect(first).toMatch(/^HTTP\/1\.1 503 /);
  });
  test('its body is passed over, whatever stands in it, and the connection goes on', async () => {
    await post('/destinations/splunk/pause');
    const socket = createConnection(service.port, '127.0.0.1');
    let answers = '';
    socket.on('data', (bytes) => {
      answers += bytes.toString();
    });
    const inside = 'POST /destinations/splunk/resume HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const head = 'POST /deliver/splunk HTTP/1.1\r\nHost: x\r\n';
    socket.write(`${head}Content-Length: ${inside.length}\r\n\r\n${inside}`);
    socket.write(
      `${head}Transfer-Encoding: chunked\r\n\r\n${inside.length.toString(16)}\r\n${inside}\r\n0\r\n\r\n`,
    );
    socket.write('GET /destinations/splunk HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(answers).toContain('"state":"paused"'), 30_000);
    socket.destroy();
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 503', 'HTTP/1.1 200']);
    expect(await service.counters()).toMatchObject({ held: 2 });
  });
  test('a pause that can not be kept is refused, and none', async () => {
    await service.stop();
    service = await Service.start({
      deliver: `{ to: '${siem.url}/in', headers: { Authorization: '${token}' } }`,
    });
    const { status, json } = await post('/destinations/splunk/pause');
    expect([status, json.error]).toEqual([500, 'state_not_kept']);
    expect((await deliver(lines(1))).status).toBe(200);
  });
  test('another site can not do it, from a browser on this machine', async () => {
    for (const path of ['pause', 'resume', 'test']) {
      const { status } = await post(`/destinations/splunk/${path}`, {
        headers: { origin: 'https://evil.example' },
      });
      expect(status).toBe(403);
    }
    const own = await post('/destinations/splunk/pause', {
      headers: { origin: `http://127.0.0.1:${service.port}` },
    });
    expect(own.status).toBe(200);
  });

  test('another site can not write records, either; the collector that seems to be one keeps them', async () => {
    const foreign = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of foreign) {
      for (const path of ['/map/splunk', '/deliver/splunk'])
        expect(await post(path, { body: '{"id":1}\n', headers })).toMatchObject({
          status: 503,
          json: { error: 'other_site' },
        });
    }
    expect(siem.records).toEqual([]);
    expect(service.delivery.records).toEqual([]);
  });

  test('a destination without a gate can not be, and one that is not there', async () => {
    expect((await post('/destinations/splnk/pause')).status).toBe(404);
    await service.stop();
    service = await Service.start();
    expect((await post('/destinations/splunk/pause')).json.error).toBe('no_gate');
    expect((await service.fetch('/destinations/splunk')).json).toMatchObject({ state: 'direct' });
  });
});

test('the state says since when and why it fails, and when it is tried next', async () => {
  siem.refuseWith = 401;
  await deliver(lines(1));
  const { json } = await service.fetch('/destinations/splunk');
  expect(json).toMatchObject({
    state: 'failing',
    failure: { reason: expect.stringMatching(/^401/), attempts: 1 },
  });
  expect(Date.parse(json.failure.nextAttempt)).toBeGreaterThan(Date.parse(json.failure.since));
});

test('a test event goes the same way and tells what the SIEM said', async () => {
  const { json } = await service.fetch('/destinations/splunk/test', { method: 'POST' });
  expect(json).toMatchObject({ taken: true, status: 200 });
  expect(siem.records).toMatchObject([
    { eventClass: 'fluent-bit-siem.test', msg: expect.stringContaining('Test event') },
  ]);
  siem.refuseWith = 403;
  expect((await service.fetch('/destinations/splunk/test', { method: 'POST' })).json).toMatchObject({
    taken: false,
    status: 403,
  });
  await siem.close();
  expect((await service.fetch('/destinations/splunk/test', { method: 'POST' })).json).toMatchObject({
    taken: false,
    answer: expect.stringContaining('ECONNREFUSED'),
  });
});

test('events that were made before are taken back by /map?as=events, as they are', async () => {
  const { status, json } = await service.map([{ any: 1, time: 'x' }], {}, '?as=events');
  expect([status, json.events]).toEqual([200, 1]);
  expect(service.delivery.records).toEqual([{ any: 1, time: 'x' }]);
});
