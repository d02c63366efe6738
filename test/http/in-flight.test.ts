import { createConnection, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { logins } from '../delivery/helpers.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { type Answer, ndjson, Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 5 };

let service: Service;
const sockets: Socket[] = [];
beforeEach(async () => {
  service = await Service.start({ bodyLimit: 8000, inFlight: 10_000 });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.stop();
});

/** One login in so many bytes. */
const body = (bytes: number): Buffer => Buffer.from(ndjson(logins('ana')).toString().trim().padEnd(bytes));

/** Waits until so many requests wait for their acknowledgement. */
async function waiting(count: number): Promise<void> {
  await vi.waitFor(() => expect(service.delivery.messages).toHaveLength(count), eventually);
}

const refused: Partial<Answer> = {
  status: 503,
  json: { error: 'too_much_in_flight', message: expect.stringContaining('service.in_flight') },
};

test('what is in flight is bounded; what is more is refused, counted, and taken later', async () => {
  service.delivery.acks = 'withheld';
  const first = [service.map(body(4000)), service.map(body(5000))];
  await waiting(2);
  const third = await service.map(body(4000));
  expect(third).toMatchObject(refused);
  expect(third.headers.get('retry-after')).toBe('5');
  const last = service.map(body(900));
  await waiting(3);
  service.delivery.release();
  expect((await Promise.all([...first, last])).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await service.map(body(4000))).status).toBe(200);
  expect(await service.counters()).toMatchObject({
    requests: 5,
    requests_refused: 1,
    requests_over_limit: 1,
  });
});

test('that requests are refused is said once in the log', async () => {
  service.delivery.acks = 'withheld';
  const first = service.map(body(8000));
  await waiting(1);
  for (let n = 0; n < 5; n++) await service.map(body(8000));
  expect(service.log.filter(({ msg }) => String(msg).includes('service.in_flight'))).toHaveLength(1);
  service.delivery.release();
  await first;
});

test('one alone is let in, though it becomes larger than what may be in flight', async () => {
  await service.stop();
  service = await Service.start({ bodyLimit: 8000, inFlight: 8000 });
  expect((await service.map(gzipSync(body(8000)), { 'content-encoding': 'gzip' })).status).toBe(200);
});

test('a body counts once more when it is unpacked', async () => {
  service.delivery.acks = 'withheld';
  const first = service.map(body(4000));
  await waiting(1);
  const packed = gzipSync(body(7000));
  expect(packed.length).toBeLessThan(200);
  expect(await service.map(packed, { 'content-encoding': 'gzip' })).toMatchObject(refused);
  const smaller = service.map(gzipSync(body(5000)), { 'content-encoding': 'gzip' });
  await waiting(2);
  service.delivery.release();
  expect((await Promise.all([first, smaller])).map(({ status }) => status)).toEqual([200, 200]);
});

test('it is refused before its body is there', async () => {
  service.delivery.acks = 'withheld';
  const first = service.map(body(8000));
  await waiting(1);
  const { text } = open('POST /map/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n');
  await vi.waitFor(() => expect(text()).toMatch(/^HTTP\/1\.1 503 .*too_much_in_flight/s), eventually);
  service.delivery.release();
  await first;
});

test('a body of unknown length counts as it arrives', async () => {
  service.delivery.acks = 'withheld';
  const first = service.map(body(4000));
  await waiting(1);
  const { socket, text } = open('POST /map/splunk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `${(3500).toString(16)}\r\n${'x'.repeat(3500)}\r\n`;
  socket.write(chunk);
  await settle();
  expect(text()).toBe('');
  socket.write(chunk);
  await vi.waitFor(() => expect(text()).toMatch(/^HTTP\/1\.1 503 .*too_much_in_flight/s), eventually);
  service.delivery.release();
  await first;
});

describe('room is free again', () => {
  async function expectRoom(): Promise<void> {
    await vi.waitFor(async () => {
      const answers = [service.map(body(8000)), service.map(body(2000))];
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    }, eventually);
  }

  test('when a sender goes away before its body is there', async () => {
    const { socket } = open('POST /map/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\nxxx');
    await vi.waitFor(async () => expect(await service.map(body(4000))).toMatchObject(refused), eventually);
    socket.destroy();
    await expectRoom();
  });

  test('after bodies that were refused for what they are', async () => {
    for (const bytes of [8001, 100_000]) expect((await service.map(body(bytes))).status).toBe(413);
    expect((await service.map(Buffer.alloc(8000, 'x'))).status).toBe(400);
    expect((await service.map(body(8000), { 'content-encoding': 'br' })).status).toBe(503);
    expect((await service.map(gzipSync(body(8001)), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await service.fetch('/map/nobody', { method: 'POST', body: body(8000) })).status).toBe(503);
    await expectRoom();
  });

  test('but not while a request waits whose sender is gone: its bytes are still there', async () => {
    service.delivery.acks = 'withheld';
    const { socket } = open(
      `POST /map/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n${body(8000)}`,
    );
    await waiting(1);
    socket.destroy();
    await settle();
    expect(await service.map(body(4000))).toMatchObject(refused);
    service.delivery.release();
    await expectRoom();
  });
});

test('/deliver is bounded in the same way', async () => {
  const siem = new JsonReceiver('Bearer t');
  await siem.listen();
  await service.stop();
  service = await Service.start({
    bodyLimit: 8000,
    inFlight: 10_000,
    deliver: `{ to: '${siem.url}', headers: { Authorization: Bearer t } }`,
  });
  const deliver = (bytes: number): Promise<Answer> =>
    service.fetch('/deliver/splunk', {
      method: 'POST',
      body: `{"id":1}`.padEnd(bytes),
      headers: { 'fluent-tag': `siem.splunk.${Date.now()}-0a1b2c3d4e-${bytes}` },
    });
  const { socket } = open(
    'POST /deliver/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\nFluent-Tag: siem.splunk.1\r\n\r\nx',
  );
  await vi.waitFor(async () => expect(await deliver(4000)).toMatchObject(refused), eventually);
  expect((await deliver(1000)).status).toBe(200);
  socket.destroy();
  await vi.waitFor(async () => expect((await deliver(4000)).status).toBe(200), eventually);
  await siem.close();
});

/** A connection on which this is said. */
function open(text: string): { socket: Socket; text: () => string } {
  const socket = createConnection({ host: '127.0.0.1', port: service.port });
  sockets.push(socket);
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.write(text);
  return { socket, text: () => answer };
}

/** Time for what is not to happen. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
}
