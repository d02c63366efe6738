import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ForwardClient,
  type ForwardClientOptions,
  ForwardError,
} from '../../plugin/fluent/forward-client.ts';
import { packEvent, packForwardMessage } from '../../plugin/fluent/forward-message.ts';
import { ForwardServer, type ForwardServerOptions } from '../receivers/forward-server.ts';
import { time } from './samples.ts';

// No test waits for an answer that is on its way: long is longer than any machine takes for one.
vi.setConfig({ testTimeout: 60_000 });
const long = 50_000;
const eventually = { timeout: 30_000, interval: 5 };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startServer(options: ForwardServerOptions = {}): Promise<ForwardServer> {
  const server = await ForwardServer.start(options);
  stops.push(async () => {
    await server.stop();
    expect(server.violations).toEqual([]);
  });
  return server;
}

/** A client, and what it told of its connection. */
function clientOf(
  { address }: Pick<ForwardServer, 'address'>,
  options: Partial<ForwardClientOptions> = {},
): { client: ForwardClient; changes: string[] } {
  const changes: string[] = [];
  const client = new ForwardClient({
    address,
    credentials: undefined,
    ackTimeout: long,
    onChange: (state, reason) => changes.push(reason === undefined ? state : `${state}: ${reason}`),
    ...options,
  });
  stops.push(() => client.close());
  return { client, changes };
}

/** Sends messages of one event each, all at once; the chunk is the tag. */
function send(client: ForwardClient, ...chunks: string[]): Promise<void>[] {
  return chunks.map((chunk) =>
    client.send(packForwardMessage(chunk, [packEvent(time, { chunk })], chunk), chunk),
  );
}

/** What became of each: 'sent', or the reason why not. Anything but a ForwardError is thrown on. */
async function outcomes(sends: Promise<void>[]): Promise<string[]> {
  const results = await Promise.allSettled(sends);
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'sent';
    if (result.reason instanceof ForwardError) return result.reason.message;
    throw result.reason;
  });
}

/** Sends one message until it gets through: the back-off lets it wait. */
async function sendEventually(client: ForwardClient, chunk: string): Promise<void> {
  await vi.waitFor(() => Promise.all(send(client, chunk)), eventually);
}

describe('with a Fluent Bit that answers', () => {
  let server: ForwardServer;
  beforeEach(async () => {
    server = await startServer();
  });

  test('a message is sent when it is acknowledged, and not before', async () => {
    const { client, changes } = clientOf(server);
    server.acks = 'withheld';
    const settled: string[] = [];
    const [sending] = send(client, 'c1');
    void sending!.then(() => settled.push('c1'));
    await vi.waitFor(() => expect(server.messages).toHaveLength(1), eventually);
    expect(settled).toEqual([]);
    server.release();
    await sending;
    expect(server.records).toEqual([{ chunk: 'c1' }]);
    expect(changes).toEqual(['connected']);
  });

  test('messages do not wait for the ones before: all are there before the first ack', async () => {
    const { client } = clientOf(server);
    server.acks = 'withheld';
    const chunks = Array.from({ length: 200 }, (_, index) => `c${index}`);
    const sends = send(client, ...chunks);
    await vi.waitFor(() => expect(server.messages).toHaveLength(200), eventually);
    server.release();
    await Promise.all(sends);
    expect(server.messages.map(({ chunk }) => chunk)).toEqual(chunks);
    expect(server.connections).toBe(1);
  });

  test('acks may come out of order', async () => {
    const { client } = clientOf(server);
    server.acks = 'reversed';
    server.reversedBy = 5;
    const settled: string[] = [];
    const chunks = ['c1', 'c2', 'c3', 'c4', 'c5'];
    const sends = send(client, ...chunks);
    for (const [index, sending] of sends.entries()) void sending.then(() => settled.push(chunks[index]!));
    await Promise.all(sends);
    expect(settled).toEqual(chunks.toReversed());
  });

  test('acks may come byte by byte', async () => {
    const { client } = clientOf(server);
    server.acks = 'byte by byte';
    expect(await outcomes(send(client, 'c1', 'c2', 'c3'))).toEqual(['sent', 'sent', 'sent']);
  });

  test('large messages arrive whole', async () => {
    const { client } = clientOf(server);
    const event = packEvent(time, { text: 'x'.repeat(5_900_000) });
    await Promise.all(
      ['c1', 'c2'].map((chunk) => client.send(packForwardMessage('t', [event], chunk), chunk)),
    );
    expect(server.messages.map(({ bytes }) => bytes)).toEqual([event.length, event.length]);
  });

  test('many that connect at once share one connection', async () => {
    const { client } = clientOf(server);
    await Promise.all([client.connect(), client.connect(), ...send(client, 'c1', 'c2')]);
    expect(server.connections).toBe(1);
    expect(client.isConnected).toBe(true);
  });

  test('a close before the acks fails all that wait, at once', async () => {
    const { client, changes } = clientOf(server);
    server.acks = 'withheld';
    server.closeAfter = { messages: 3, acknowledged: false };
    const gone = `Fluent Bit at ${client.address} is gone: it closed the connection`;
    expect(await outcomes(send(client, 'c1', 'c2', 'c3', 'c4'))).toEqual([gone, gone, gone, gone]);
    expect(changes).toEqual(['connected', 'lost: it closed the connection']);
    expect(client.isConnected).toBe(false);
  });

  test('what was acknowledged before a close is sent, the rest fails', async () => {
    const { client } = clientOf(server);
    server.closeAfter = { messages: 2, acknowledged: true };
    const [first, second, third, fourth] = await outcomes(send(client, 'c1', 'c2', 'c3', 'c4'));
    expect([first, second]).toEqual(['sent', 'sent']);
    expect([third, fourth]).not.toContain('sent');
    expect(server.messages.map(({ chunk }) => chunk)).toEqual(['c1', 'c2']);
  });

  test('a reset fails all that wait', async () => {
    const { client } = clientOf(server);
    server.acks = 'withheld';
    const sends = send(client, 'c1', 'c2');
    await vi.waitFor(() => expect(server.messages).toHaveLength(2), eventually);
    server.dropConnections();
    expect(await outcomes(sends)).not.toContain('sent');
  });

  test('after a loss it connects again when there is something to send', async () => {
    const { client, changes } = clientOf(server);
    await Promise.all(send(client, 'c1'));
    server.dropConnections();
    await vi.waitFor(() => expect(client.isConnected).toBe(false), eventually);
    await sendEventually(client, 'c2');
    expect(server.connections).toBe(2);
    expect(changes.map((change) => change.split(':')[0])).toEqual(['connected', 'lost', 'connected']);
  });

  test('an ack that does not come in time fails all that wait and opens a new connection', async () => {
    const { client, changes } = clientOf(server, { ackTimeout: 200 });
    server.acks = 'withheld';
    const gone = `Fluent Bit at ${client.address} is gone: no acknowledgement within 200 ms`;
    expect(await outcomes(send(client, 'c1', 'c2'))).toEqual([gone, gone]);
    expect(changes).toEqual(['connected', 'lost: no acknowledgement within 200 ms']);
    server.acks = 'at once';
    await sendEventually(client, 'c3');
    expect(server.connections).toBe(2);
  });

  test('an ack for nothing that waits is no harm', async () => {
    server.greeting = Buffer.from('81a361636ba76e6f626f647921', 'hex');
    const { client } = clientOf(server);
    expect(await outcomes(send(client, 'c1'))).toEqual(['sent']);
  });

  test('close() fails what waits, and all that comes later', async () => {
    const { client } = clientOf(server);
    server.acks = 'withheld';
    const sends = send(client, 'c1');
    await vi.waitFor(() => expect(server.messages).toHaveLength(1), eventually);
    client.close();
    expect(await outcomes(sends)).toEqual([
      `Fluent Bit at ${client.address} is gone: the service is stopping`,
    ]);
    expect(await outcomes(send(client, 'c2'))).toEqual(['the service is stopping']);
    expect(await outcomes([client.connect()])).toEqual(['the service is stopping']);
  });

  test('close() during connect leaves no connection', async () => {
    const { client, changes } = clientOf(server);
    const connecting = client.connect();
    client.close();
    expect(await outcomes([connecting])).not.toContain('sent');
    expect(client.isConnected).toBe(false);
    expect(changes).toEqual([]);
  });

  test('close() does not wait for a handshake that never comes', { timeout: 60_000 }, async () => {
    server.isSilent = true;
    const credentials = { sharedKey: 'key', username: undefined, password: undefined };
    const { client } = clientOf(server, { credentials, ackTimeout: 600_000 });
    const connecting = client.connect();
    await vi.waitFor(() => expect(server.connections).toBe(1), eventually);
    client.close();
    expect(await outcomes([connecting])).not.toContain('sent');
  });
});

describe('over a unix socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  const path = join(folder, 'forward.sock');
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('messages are sent and acknowledged', async () => {
    const server = await startServer({ address: { path } });
    const { client } = clientOf(server);
    expect(await outcomes(send(client, 'c1'))).toEqual(['sent']);
    expect(client.address).toBe(`unix:${path}`);
  });

  test('a socket that is not there fails', async () => {
    const { client } = clientOf({ address: { path } });
    expect(await outcomes(send(client, 'c1'))).toEqual([
      `Fluent Bit at unix:${path} can't be reached: ENOENT`,
    ]);
  });
});

describe('when Fluent Bit is down', () => {
  /** An address where nobody listens any more. */
  async function addressOfNobody(): Promise<ForwardServer['address']> {
    const server = await ForwardServer.start();
    const { address } = server;
    await server.stop();
    return address;
  }

  test('sending fails, and works again once it is back on the same port', async () => {
    const address = await addressOfNobody();
    const { client } = clientOf({ address });
    expect(await outcomes(send(client, 'c1'))).toEqual([
      `Fluent Bit at ${client.address} can't be reached: ECONNREFUSED`,
    ]);
    const server = await startServer({ address });
    await sendEventually(client, 'c2');
    expect(server.records).toEqual([{ chunk: 'c2' }]);
  });

  test('a restart in the middle fails what waits, and the rest goes to the new one', async () => {
    const first = await ForwardServer.start();
    const { address } = first;
    const { client } = clientOf(first);
    await Promise.all(send(client, 'c1'));
    first.acks = 'withheld';
    const sends = send(client, 'c2');
    await vi.waitFor(() => expect(first.messages).toHaveLength(2), eventually);
    await first.stop();
    expect(await outcomes(sends)).not.toContain('sent');
    const second = await startServer({ address });
    await sendEventually(client, 'c2');
    expect(second.records).toEqual([{ chunk: 'c2' }]);
  });
});

test('a clock set forward cuts off nothing that is under way', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
  const server = await startServer();
  const { client, changes } = clientOf(server);
  await Promise.all(send(client, 'c1'));
  // The timer that c1 began will look at c2, which has nearly all of its time.
  vi.advanceTimersByTime(long - 1);
  server.acks = 'withheld';
  const [c2] = send(client, 'c2');
  while (server.messages.length < 2) await new Promise(setImmediate);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1);
  server.release();
  await c2;
  expect(changes).toEqual(['connected']);
});

describe('the back-off', () => {
  /** A server that closes on whoever connects, and the attempts it saw, by a clock that stands still. */
  async function unwilling(): Promise<{
    client: ForwardClient;
    attemptAfter: (wait: number) => Promise<boolean>;
  }> {
    vi.useFakeTimers({ toFake: ['performance'] });
    // It asks for another key, so the client is refused before it is connected.
    const server = await startServer({ sharedKey: 'theirs' });
    const credentials = { sharedKey: 'ours', username: undefined, password: undefined };
    const { client } = clientOf(server, { credentials });
    return {
      client,
      attemptAfter: async (wait) => {
        vi.advanceTimersByTime(wait);
        const before = server.connections;
        expect(await outcomes([client.connect()])).not.toContain('sent');
        return server.connections > before;
      },
    };
  }

  test('fails at once, without an attempt, until it is over', async () => {
    const { attemptAfter } = await unwilling();
    expect(await attemptAfter(0)).toBe(true);
    expect(await attemptAfter(0)).toBe(false);
    expect(await attemptAfter(99)).toBe(false);
    expect(await attemptAfter(1)).toBe(true);
  });

  test('grows twofold with each failure, to five seconds', async () => {
    const { attemptAfter } = await unwilling();
    expect(await attemptAfter(0)).toBe(true);
    for (const backoff of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      expect(await attemptAfter(backoff - 1)).toBe(false);
      expect(await attemptAfter(1)).toBe(true);
    }
  });

  test('is as long as it was when the clock is set', async () => {
    const { attemptAfter } = await unwilling();
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    expect(await attemptAfter(0)).toBe(true);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await attemptAfter(100)).toBe(true);
    vi.setSystemTime(Date.now() + 7_200_000);
    expect(await attemptAfter(100)).toBe(false);
  });

  test('tells the reason of the last attempt', async () => {
    const { client, attemptAfter } = await unwilling();
    await attemptAfter(0);
    await expect(client.connect()).rejects.toThrow('closed during the handshake: is the shared key right?');
  });

  test('is short again after an ack', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const server = await startServer();
    const { client } = clientOf(server);
    const lose = async (): Promise<void> => {
      await client.connect();
      server.dropConnections();
      await vi.waitFor(() => expect(client.isConnected).toBe(false), eventually);
    };
    const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds);
    await lose();
    pass(100);
    await lose();
    pass(100);
    await expect(client.connect()).rejects.toThrow(ForwardError);
    pass(100);
    await Promise.all(send(client, 'c1'));
    await lose();
    pass(100);
    await client.connect();
  });

  test('grows on with something that talks and never acknowledges', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const server = await startServer();
    server.greeting = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    server.closeAfter = { messages: 1, acknowledged: false };
    const { client } = clientOf(server);
    for (const backoff of [0, 100]) {
      vi.advanceTimersByTime(backoff);
      server.closeAfter = { messages: 1, acknowledged: false };
      expect(await outcomes(send(client, 'c1'))).not.toContain('sent');
    }
    vi.advanceTimersByTime(199);
    const before = server.connections;
    expect(await outcomes(send(client, 'c1'))).not.toContain('sent');
    expect(server.connections).toBe(before);
  });
});

describe('something else than Fluent Bit', () => {
  test.each([
    ['no msgpack', Buffer.of(0xc1)],
    ['an unknown ext', Buffer.from('d45000', 'hex')],
    ['a text that never ends', Buffer.concat([Buffer.from('dbffffffff', 'hex'), Buffer.alloc(100_000)])],
  ])('is left when it says %s', async (_what, greeting) => {
    const server = await startServer();
    server.isSilent = true;
    server.greeting = greeting;
    const { client } = clientOf(server);
    expect(await outcomes(send(client, 'c1'))).not.toContain('sent');
    expect(client.isConnected).toBe(false);
  });

  test('is left when it breaks down with its PONG, and nothing waits for ever', {
    timeout: 60_000,
  }, async () => {
    const server = await startServer({ sharedKey: 'key' });
    server.afterPong = Buffer.from('d45000', 'hex'); // an unknown ext
    const credentials = { sharedKey: 'key', username: undefined, password: undefined };
    const { client } = clientOf(server, { credentials, ackTimeout: 300 });
    expect(await outcomes(send(client, 'c1'))).not.toContain('sent');
  });

  test.each([
    ['nil', Buffer.of(0xc0)],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a list', Buffer.from('93010203', 'hex')],
    ['an ack that is no text', Buffer.from('81a361636b81a1780a', 'hex')],
  ])('acknowledges nothing by saying %s', async (_what, greeting) => {
    const server = await startServer();
    server.isSilent = true;
    server.greeting = greeting;
    const { client } = clientOf(server, { ackTimeout: 300 });
    expect(await outcomes(send(client, 'c1'))).not.toContain('sent');
  });
});
