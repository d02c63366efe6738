import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packEvent, packForwardMessage, packMessage } from '../../plugin/fluent/forward-message.ts';
import { bufferMaxSize, ForwardServer } from './forward-server.ts';

// The stand-in is only worth something when it refuses what Fluent Bit would.

let server: ForwardServer;

beforeEach(async () => {
  server = await ForwardServer.start();
});
afterEach(() => server.stop());

const time = { seconds: 1772438437, nanoseconds: 5 };
const event = packEvent(time, { user: 'ana' });

/** What the server answers before it closes; it is asked to close once it answered. */
async function answerTo(message: Buffer): Promise<Buffer> {
  const socket = createConnection(server.address as { host: string; port: number });
  const parts: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (part) => {
    parts.push(part);
    socket.end();
  });
  socket.write(message);
  await once(socket, 'close');
  return Buffer.concat(parts);
}

/** A message with any bytes in place of the events. */
function messageOf(packed: Buffer | string, options: unknown = { chunk: 'c1', size: 1 }): Buffer {
  return packMessage(['siem.test.1', packed, options]);
}

test('it stores a message and acknowledges its chunk', async () => {
  expect(await answerTo(Buffer.concat(packForwardMessage('siem.test.1', [event], 'c1')))).toEqual(
    packMessage({ ack: 'c1' }),
  );
  expect(server.messages).toMatchObject([{ tag: 'siem.test.1', chunk: 'c1', events: [{ ...time }] }]);
  expect(server.records).toEqual([{ user: 'ana' }]);
});

test('it takes an entry with empty metadata', async () => {
  const withHeader = Buffer.concat([
    Buffer.of(0x92, 0x92),
    event.subarray(1, 11),
    Buffer.of(0x80),
    event.subarray(11),
  ]);
  await answerTo(messageOf(withHeader));
  expect(server.records).toEqual([{ user: 'ana' }]);
});

test.each([
  [
    'metadata',
    messageOf(
      Buffer.concat([
        Buffer.of(0x92, 0x92),
        event.subarray(1, 11),
        packMessage({ a: 1 }),
        event.subarray(11),
      ]),
    ),
  ],
  ['an integer for a time', messageOf(packMessage([1772438437, { user: 'ana' }]))],
  ['a record that is a list', messageOf(Buffer.concat([event.subarray(0, 11), packMessage(['ana'])]))],
  ['a cut record', messageOf(event.subarray(0, -1))],
  ['events that are a text', messageOf('text')],
  ['no chunk', messageOf(event, { size: 1 })],
  ['a wrong size', messageOf(event, { chunk: 'c1', size: 2 })],
  ['something else', packMessage({ ack: 'c1' })],
  ['no msgpack', Buffer.of(0xc1)],
])('it closes on %s', async (_what, message) => {
  expect(await answerTo(message)).toHaveLength(0);
  expect(server.violations).toHaveLength(1);
  expect(server.messages).toEqual([]);
});

test('it takes 6,144,000 bytes and closes on one more', async () => {
  const messageOfText = (length: number): Buffer =>
    Buffer.concat(packForwardMessage('siem.test.1', [packEvent(time, { text: 'x'.repeat(length) })], 'c1'));
  const overhead = messageOfText(100_000).length - 100_000;
  const messageWith = (bytes: number): Buffer => messageOfText(bytes - overhead);
  const largest = messageWith(bufferMaxSize);
  expect(largest).toHaveLength(bufferMaxSize);
  await answerTo(largest);
  expect(server.messages).toHaveLength(1);
  expect(await answerTo(messageWith(bufferMaxSize + 1))).toHaveLength(0);
  expect(server.violations).toHaveLength(1);
});
