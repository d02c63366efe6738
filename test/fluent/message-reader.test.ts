import { expect, test } from 'vitest';
import { packMessage } from '../../plugin/fluent/forward-message.ts';
import { MessageReader } from '../../plugin/fluent/message-reader.ts';
import { MsgpackError } from '../../plugin/fluent/msgpack-scan.ts';

const acks = ['c1', 'c2', 'c3'].map((ack) => packMessage({ ack }));
const stream = Buffer.concat(acks);

test('messages in one packet are taken apart', () => {
  expect(new MessageReader().read(stream)).toEqual(acks);
});

test.each([1, 2, 3, 5, 8])('messages in packets of %i bytes are put together', (size) => {
  const reader = new MessageReader();
  const messages: Buffer[] = [];
  for (let at = 0; at < stream.length; at += size) {
    messages.push(...reader.read(stream.subarray(at, at + size)).map((message) => Buffer.from(message)));
  }
  expect(messages).toEqual(acks);
});

test('what is no msgpack is an error', () => {
  expect(() => new MessageReader().read(Buffer.of(0xc1))).toThrow(MsgpackError);
});

test('a message that never ends is an error, before it fills the memory', () => {
  const reader = new MessageReader();
  reader.read(Buffer.from('dbffffffff', 'hex'));
  expect(() => {
    for (let packets = 0; packets < 100; packets++) reader.read(Buffer.alloc(1024));
  }).toThrow(MsgpackError);
});

test('one that comes byte by byte is given up before it takes long', () => {
  const reader = new MessageReader();
  let bytes = 0;
  // A map in a map in a map: all of it is looked at again with each byte.
  const next = (): number => (bytes++ % 2 === 0 ? 0x81 : 0xa0);
  expect(() => {
    for (;;) reader.read(Buffer.of(next()));
  }).toThrow(MsgpackError);
  expect(bytes).toBeLessThan(10_000);
});
