import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ndjson, Service } from '../http/helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { post, RawClient } from './raw-client.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 20 };

let service: Service;
const clients: RawClient[] = [];
beforeEach(async () => {
  service = await Service.start({ bodyLimit: 100_000, patience: { headers: 300, request: 900 } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await service.stop();
});

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(service.port);
  clients.push(client);
  return client;
}

const login = ndjson([{ operation: 'login', user: 'ana' }]).toString();
const request = post('/map/splunk', `Content-Length: ${login.length}`) + login;
const isHealthy = async (): Promise<void> => expect((await service.fetch('/health')).status).toBe(200);

/** Writes a piece again and again, until the connection is closed. */
async function drip(client: RawClient, piece: string): Promise<void> {
  const timer = setInterval(() => client.write(piece), 30);
  await client.closed();
  clearInterval(timer);
}

describe('a slow sender', () => {
  test.each<[what: string, start: string, piece: string]>([
    ['that says nothing', '', ''],
    ['whose head never ends', 'POST /map/splunk HTTP/1.1\r\n', 'X: y\r\n'],
    ['whose body never ends', post('/map/splunk', 'Content-Length: 90000'), 'x'],
    ['whose chunks never end', post('/map/splunk', 'Transfer-Encoding: chunked'), '1\r\nx\r\n'],
    ['that stops in the middle of its body', post('/map/splunk', 'Content-Length: 90000'), ''],
  ])('%s is let go, with 503', async (_, start, piece) => {
    const client = await connect();
    client.write(start);
    await Promise.all([drip(client, piece), isHealthy()]);
    expect(client.statuses.filter((status) => status !== 503)).toEqual([]);
    await isHealthy();
  });

  test('that goes away in the middle leaves nothing in flight', async () => {
    for (let count = 0; count < 20; count++) {
      const client = await connect();
      client.write(`${post('/map/splunk', 'Content-Length: 90000')}${'x'.repeat(count * 1000)}`);
      if (count % 2) client.socket.end();
      else client.socket.resetAndDestroy();
    }
    await vi.waitFor(async () => expect(await service.connections()).toBeLessThanOrEqual(1), eventually);
    expect((await service.map(Buffer.from(' '.repeat(90_000) + login))).status).toBe(200);
  });

  test('who reads no answer holds up nobody else', async () => {
    await service.stop();
    service = await Service.start();
    const silent = await connect();
    silent.socket.pause();
    for (let count = 0; count < 2000; count++) silent.write('GET /metrics HTTP/1.1\r\nHost: s\r\n\r\n');
    for (let count = 0; count < 5; count++) await isHealthy();
    expect((await service.map(Buffer.from(login))).status).toBe(200);
  });
});

describe('an answer that takes longer than a request may', () => {
  test('still comes', async () => {
    service.delivery.acks = 'withheld';
    const answer = service.map(Buffer.from(login));
    await vi.waitFor(() => expect(service.delivery.messages).toHaveLength(1), eventually);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    service.delivery.release();
    expect((await answer).status).toBe(200);
  });
});

describe('what is no request', () => {
  const chunked = post('/map/splunk', 'Transfer-Encoding: chunked');
  test.each<[what: string, bytes: string | Buffer]>([
    ['junk', 'junk junk junk\r\n\r\n'],
    ['zeros', Buffer.alloc(1000)],
    ['a TLS hello', Buffer.from(`160301020001000001fc0303${'ab'.repeat(500)}`, 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a head of 100 KB', post('/map/splunk', `X: ${'x'.repeat(100_000)}`)],
    ['a URL of 100 KB', post(`/map/${'x'.repeat(100_000)}`, 'Content-Length: 0')],
    ['10,000 header lines', post('/map/splunk', ...Array.from({ length: 10_000 }, (_, n) => `X${n}: 1`))],
    ['a length that is no number', post('/map/splunk', 'Content-Length: 1x') + login],
    ['a length below zero', post('/map/splunk', 'Content-Length: -1') + login],
    ['two lengths', post('/map/splunk', 'Content-Length: 3', 'Content-Length: 4') + login],
    ['a length and chunks', post('/map/splunk', 'Content-Length: 3', 'Transfer-Encoding: chunked') + login],
    ['a coding that is unknown', post('/map/splunk', 'Transfer-Encoding: junk') + login],
    ['chunks that are none', `${chunked}zz\r\n`],
    ['a chunk of 2^64 bytes', `${chunked}ffffffffffffffffff\r\n`],
    ['a chunk that is longer than it says', `${chunked}1\r\nxx\r\n0\r\n\r\n`],
    ['a line feed in a header', post('/map/splunk', 'X: a\nb: c\n d')],
  ])('%s: never a 4xx that costs a chunk, and the connection is closed', async (_, bytes) => {
    const client = await connect();
    client.write(bytes);
    await Promise.all([client.closed(), isHealthy()]);
    expect(client.statuses.filter((status) => status !== 503)).toEqual([]);
    expect(service.delivery.messages).toEqual([]);
    await isHealthy();
  });

  test.each<[what: string, bytes: string]>([
    ['no host', `POST /map/splunk HTTP/1.1\r\nContent-Length: ${login.length}\r\n\r\n${login}`],
    ['an odd expectation', post('/map/splunk', `Content-Length: ${login.length}`, 'Expect: wonders') + login],
    ['100-continue', post('/map/splunk', `Content-Length: ${login.length}`, 'Expect: 100-continue') + login],
    [
      'an upgrade',
      post('/map/splunk', `Content-Length: ${login.length}`, 'Connection: upgrade', 'Upgrade: h2c') + login,
    ],
  ])('%s does not keep a record out', async (_, bytes) => {
    const client = await connect();
    client.write(bytes);
    await vi.waitFor(() => expect(client.statuses.at(-1)).toBe(200), eventually);
    expect(service.delivery.records).toHaveLength(1);
  });

  test.each([
    ['with a length', `Content-Length: 100001`, 'x'.repeat(100_001)],
    ['in chunks', 'Transfer-Encoding: chunked', `186a1\r\n${'x'.repeat(100_001)}\r\n0\r\n\r\n`],
  ])('a body over body_limit %s is 413, which no repeat can change', async (_, header, body) => {
    const client = await connect();
    client.write(post('/map/splunk', header) + body);
    await vi.waitFor(() => expect(client.statuses).toEqual([413]), eventually);
  });
});

describe('pipelined requests', () => {
  test('are answered in their order, and each is mapped', async () => {
    const client = await connect();
    client.write(request + request + post('/map/nobody', 'Content-Length: 0') + request);
    await vi.waitFor(() => expect(client.statuses).toEqual([200, 200, 503, 200]), eventually);
    expect(service.delivery.records).toHaveLength(3);
  });

  test('junk behind a request is not taken for its answer', async () => {
    service.delivery.acks = 'withheld';
    const client = await connect();
    client.write(`${request}junk junk\r\n\r\n`);
    await client.closed();
    expect(client.statuses).toEqual([]);
    service.delivery.release();
  });

  test('at a gate that is shut are turned away in their order, bodies and all', async () => {
    await service.stop();
    const deliver = '{ to: "http://127.0.0.1:9/", retry: { every: 60s } }';
    service = await Service.start({ deliver, patience: { headers: 300, request: 900 } });
    service.destination.gate!.isPaused = true;
    const batch =
      post('/deliver/splunk', `Content-Length: ${login.length}`, 'FLUENT-TAG: siem.splunk.1-a') + login;
    const client = await connect();
    client.write(batch + batch + request + batch);
    await vi.waitFor(() => expect(client.statuses).toEqual([503, 503, 200, 503]), eventually);
    expect(client.text.match(/paused/g)).toHaveLength(3);
  });
});

describe('a thousand connections', () => {
  test('that say nothing keep nobody out, and are closed', async () => {
    await service.stop();
    service = await Service.start({ patience: { headers: 3000, request: 6000 } });
    const idle = await Promise.all(Array.from({ length: 1000 }, connect));
    await vi.waitFor(async () => expect(await service.connections()).toBe(1000), eventually);
    await isHealthy();
    expect((await service.map(Buffer.from(login))).status).toBe(200);
    await Promise.all(idle.map((client) => client.closed()));
  });
});

describe('on the https port', () => {
  test.each<[what: string, bytes: string | Buffer]>([
    ['plain HTTP', request],
    ['zeros', Buffer.alloc(5000)],
    ['half a hello', Buffer.from('16030102000100', 'hex')],
    ['nothing', ''],
  ])('%s ends with the connection', async (_, bytes) => {
    await service.stop();
    service = await Service.start({ tls: makeCertificate(), patience: { headers: 300, request: 900 } });
    const client = await connect();
    client.write(bytes);
    await client.closed();
    expect(client.statuses).toEqual([]);
    expect(service.delivery.messages).toEqual([]);
    expect(service.log.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  });
});
