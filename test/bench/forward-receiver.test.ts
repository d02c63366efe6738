import { connect } from 'node:net';
import { Unpackr } from 'msgpackr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packEvent, packForwardMessage, packMessage } from '../../plugin/fluent/forward-message.ts';
import { makeChunks } from './chunks.ts';
import { fileCloudMix } from './filecloud-mix.ts';
import { eventsIn, ForwardReceiver } from './forward-receiver.ts';
import { forwardLoad } from './load.ts';

let receiver: ForwardReceiver;
beforeEach(async () => {
  receiver = new ForwardReceiver();
  await receiver.start();
});
afterEach(() => receiver.stop());

const time = { seconds: 1772438400, nanoseconds: 0 };
const events = Array.from({ length: 30 }, (_, index) => packEvent(time, { message: `line ${index}` }));
const message = Buffer.concat(packForwardMessage('siem.bench.1', events, 'chunk-1'));

test('it counts and acknowledges the messages of the service, cut wherever they are', async () => {
  const socket = connect(receiver.port, '127.0.0.1');
  const acks: unknown[] = [];
  const unpackr = new Unpackr({ useRecords: false });
  socket.on('data', (bytes) => acks.push(...(unpackr.unpackMultiple(bytes) as unknown[])));
  const stream = Buffer.concat([message, ...packForwardMessage('t', events.slice(0, 1), 'chunk-2')]);
  socket.setNoDelay(true);
  for (let at = 0; at < stream.length; at += 97) {
    socket.write(stream.subarray(at, at + 97));
    await new Promise(setImmediate);
  }
  await expect.poll(() => acks).toEqual([{ ack: 'chunk-1' }, { ack: 'chunk-2' }]);
  expect([receiver.messages, receiver.events, receiver.bytes]).toEqual([2, 31, stream.length]);
  socket.destroy();
});

test('it takes lists of events too, as Fluent Bit sends them', () => {
  const list = Buffer.concat([
    Buffer.of(0x93),
    packMessage('tag'),
    Buffer.of(0xdc, 0, 30),
    ...events,
    packMessage({ chunk: 'chunk-1', size: 30 }),
  ]);
  expect(eventsIn(list).map(([, record]) => record)).toEqual(eventsIn(message).map(([, record]) => record));
  expect(() => eventsIn(list.subarray(0, -1))).toThrow(RangeError);
});

test("the load generator's chunks are acknowledged one by one", async () => {
  const chunks = makeChunks(fileCloudMix(1), 3, { records: 200 }, '5.x');
  const { send, close } = await forwardLoad(receiver.port, 'filecloud.audit');
  await Promise.all(chunks.map(send));
  close();
  expect([receiver.messages, receiver.events]).toEqual([3, 600]);
});
