import type { Socket } from 'node:net';
import { Unpackr } from 'msgpackr';
import { afterEach, expect, test, vi } from 'vitest';
import { packMessage } from '../../plugin/fluent/forward-message.ts';
import { logins } from '../delivery/helpers.ts';
import { Service } from '../http/helpers.ts';
import { flood, RawServer, type Script } from './raw-server.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 20 };
const unpackr = new Unpackr({ useRecords: false });

let service: Service | undefined;
let peer: RawServer | undefined;
afterEach(async () => {
  await service?.stop();
  await peer?.stop();
});

/** The service behind something that does this in Fluent Bit's place, an acknowledgement being due in 400 ms. */
async function behind(script: Script): Promise<Service> {
  peer = await RawServer.start(script);
  service = await Service.start({ peer: { host: '127.0.0.1', port: peer.port }, ackTimeout: 400 });
  return service;
}

/** Chunks of the messages that came, while the last one is whole. */
function chunksIn(received: Buffer): string[] {
  try {
    const messages = unpackr.unpackMultiple(received) as [string, Buffer, { chunk: string }][];
    return messages.map(([, , { chunk }]) => chunk);
  } catch {
    return [];
  }
}

const ack = (chunk: unknown): Buffer => packMessage({ ack: chunk });
const answering =
  (answer: (socket: Socket, chunk: string) => void): Script =>
  (socket, received) => {
    const chunk = chunksIn(received).at(-1);
    if (chunk !== undefined) answer(socket, chunk);
  };
const str32of4GB = Buffer.from('dbffffffff', 'hex');

test.each<[what: string, script: Script]>([
  ['another one', answering((socket, chunk) => socket.write(ack(`${chunk}0`)))],
  ['no text', answering((socket) => socket.write(ack({ toString: 1 })))],
  ['nothing', answering((socket) => socket.write(packMessage({})))],
  ['a list', answering((socket) => socket.write(packMessage(['ack'])))],
  ['a number', answering((socket) => socket.write(packMessage(7)))],
  ['half of it', answering((socket, chunk) => socket.end(ack(chunk).subarray(0, -1)))],
  ['too late', answering((socket, chunk) => setTimeout(() => socket.write(ack(chunk)), 700))],
  ['never', () => {}],
  ['what is no msgpack', answering((socket) => socket.write(Buffer.of(0xc1)))],
  ['what is nested without end', answering((socket) => socket.write(Buffer.alloc(300_000, 0x91)))],
  ['an ext type', answering((socket) => socket.write(Buffer.from('81a361636bd64700000000', 'hex')))],
  ['HTTP', answering((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ['numbers without end', (socket) => flood(socket, Buffer.alloc(65_536, 0x07))],
  ['one text without end', (socket) => flood(socket, Buffer.concat([str32of4GB, Buffer.alloc(65_536)]))],
  [
    'others without end',
    (socket) => flood(socket, Buffer.concat(Array.from({ length: 1000 }, (_, n) => ack(`${n}`)))),
  ],
  ['by hanging up', answering((socket) => socket.end())],
  ['by a reset', answering((socket) => socket.resetAndDestroy())],
])('acknowledged is %s: 503 in a bounded time, and nothing is lost', async (_, script) => {
  const one = await behind(script);
  const answers = one.map(logins('ana', 'ben'));
  expect((await one.fetch('/health')).status).toBe(200);
  expect(await answers).toMatchObject({ status: 503, json: { error: 'not_acknowledged' } });
  expect(await one.counters()).toMatchObject({ records: 0, events_acked: 0 });
  await vi.waitFor(() => expect(peer!.open).toBe(0), eventually);
  // What is there again is used again.
  peer!.script = answering((socket, chunk) => socket.write(ack(chunk)));
  await vi.waitFor(async () => expect((await one.map(logins('ana', 'ben'))).status).toBe(200), eventually);
  expect(await one.counters()).toMatchObject({ records: 2, events_acked: 2 });
});

test('acknowledged twice is acknowledged once, and the next message is not', async () => {
  const one = await behind(
    answering((socket, chunk) => {
      if (chunk.endsWith('-0')) socket.write(Buffer.concat([ack(chunk), ack(chunk), ack(chunk)]));
    }),
  );
  expect((await one.map(logins('ana'))).status).toBe(200);
  expect((await one.map(logins('ben'))).status).toBe(503);
  expect(await one.counters()).toMatchObject({ records: 1, events_acked: 1 });
});

test('a peer that reads nothing is given what may be in flight, and no more', async () => {
  peer = await RawServer.start(() => {});
  const silent = await RawServer.start((socket) => socket.pause());
  service = await Service.start({
    peer: { host: '127.0.0.1', port: silent.port },
    ackTimeout: 3000,
    inFlight: 2_000_000,
  });
  const text = 'x'.repeat(400_000);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => service!.map([{ operation: 'login', user: 'ana', text }])),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  const refused = answers.filter(({ json }) => json.error === 'too_much_in_flight');
  expect(refused.length).toBeGreaterThanOrEqual(15);
  expect((await service.fetch('/health')).status).toBe(200);
  await silent.stop();
});
