import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../plugin/cli/demo/ports.ts';
import { makeCertificate } from './certificate.ts';
import { SyslogReceiver } from './syslog.ts';

const message = '<109>1 2026-03-02T08:00:00.125Z gw1 acme - - - CEF:0|Acme|é';
const counted = `${Buffer.byteLength(message)} ${message}`;

/** Waits for what is to come, at most a while: the expectation that follows says what is missing. */
function settled(condition: () => boolean): Promise<boolean> {
  return until(condition, 10_000, 5);
}

describe('TCP', () => {
  let receiver: SyslogReceiver;

  beforeEach(async () => {
    receiver = new SyslogReceiver({ transport: 'tcp', maxSize: 200 });
    await receiver.listen();
  });
  afterEach(() => receiver.close());

  /** Sends it all, in as many writes, and waits until the receiver closed as well. */
  async function send(...parts: (string | Buffer)[]): Promise<void> {
    const socket = createConnection({ host: '127.0.0.1', port: receiver.port, noDelay: true });
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    socket.resume();
    for (const part of parts) {
      await new Promise((resolve) => socket.write(part, resolve));
      await new Promise(setImmediate);
    }
    socket.end();
    await closed;
  }

  test('newlines', async () => {
    await send(`${message}\n${message}\n`);
    expect(receiver.messages).toMatchObject([
      { framing: 'newline', text: message, parsed: { format: 'rfc5424', app: 'acme', hasBom: false } },
      { framing: 'newline', text: message },
    ]);
    expect(receiver.messages[0]!.raw).toEqual(Buffer.from(message));
    expect(receiver.lines).toEqual(['CEF:0|Acme|é', 'CEF:0|Acme|é']);
    expect([receiver.violations, receiver.connections]).toEqual([[], 1]);
  });

  test('octet counting, and both in turn', async () => {
    await send(`${counted}${counted}${message}\n${counted}`);
    expect(receiver.messages.map(({ framing }) => framing)).toEqual([
      'octet-counting',
      'octet-counting',
      'newline',
      'octet-counting',
    ]);
    expect(new Set(receiver.messages.map(({ text }) => text))).toEqual(new Set([message]));
    expect(receiver.violations).toEqual([]);
  });

  test('byte by byte', async () => {
    await send(...Array.from(Buffer.from(`${counted}${message}\n`), (byte) => Buffer.of(byte)));
    expect(receiver.messages.map(({ text }) => text)).toEqual([message, message]);
    expect(receiver.violations).toEqual([]);
  });

  test('a byte-order mark is seen', async () => {
    await send('<13>1 - - - - - - \ufeffCEF:0|\n');
    expect(receiver.messages).toMatchObject([{ parsed: { hasBom: true, rest: 'CEF:0|' } }]);
  });

  test('a message that is too long is cut', async () => {
    const long = message + 'x'.repeat(200 - Buffer.byteLength(message));
    await send(`${long}\n`);
    expect(receiver.violations).toEqual([]);
    await send(`${long}y\n${message}\n`);
    expect(receiver.messages.map(({ text }) => text)).toEqual([long, long, message]);
    expect(receiver.violations).toEqual([`cut: 201 bytes, more than 200: ${long.slice(0, 80)}`]);
  });

  test.each([
    ['what is no syslog', Buffer.from('CEF:0|Acme\n'), 'no priority: CEF:0|Acme: CEF:0|Acme'],
    ['an empty line', Buffer.from('\n'), 'no priority: : '],
    ['a carriage return', Buffer.from(`${message}\r\n`), `a line break or NUL: ${message}\r`],
    [
      'a line break in a counted message',
      Buffer.from(`21 <13>1 - - - - - - a\nb`),
      'a line break or NUL: <13>1 - - - - - - a\nb',
    ],
    ['a NUL', Buffer.from('<13>1 - - - - - - \0\n'), 'a line break or NUL: <13>1 - - - - - - \0'],
    ['Latin-1', Buffer.from('<13>1 - - - - - - é\n', 'latin1'), 'not UTF-8: <13>1 - - - - - - \ufffd'],
    ['a message that breaks off', Buffer.from('<13>1 - - -'), 'broke off: <13>1 - - -'],
    ['a counted message that breaks off', Buffer.from('20 <13>1'), 'broke off: 20 <13>1'],
    ['a count that is none', Buffer.from('0 <13>1 - - - - - -'), 'no count of octets: 0 <13>1 - -'],
    ['a count without a space', Buffer.from('20<13>1 - - - - - - ab'), 'no count of octets: 20<13>1 - -'],
  ])('%s is a violation', async (_what, bytes, violation) => {
    await send(bytes);
    await settled(() => receiver.violations.length > 0);
    expect(receiver.violations).toEqual([violation]);
  });

  test('a message that is no syslog is kept all the same', async () => {
    await send('CEF:0|Acme\n');
    expect(receiver.messages).toMatchObject([{ text: 'CEF:0|Acme', parsed: undefined }]);
    expect(receiver.lines).toEqual([]);
  });

  test('connections can be dropped, and the same port closed and opened', async () => {
    const connect = async (): Promise<Socket> => {
      const socket = createConnection({ host: '127.0.0.1', port: receiver.port });
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    };
    const { port } = receiver;
    const socket = await connect();
    await settled(() => receiver.connections === 1);
    const closed = once(socket, 'close');
    receiver.dropConnections();
    await closed;
    await receiver.close();
    await expect(connect()).rejects.toThrow('ECONNREFUSED');
    await receiver.listen();
    expect(receiver.port).toBe(port);
    await send(`${message}\n`);
    expect(receiver.lines).toEqual(['CEF:0|Acme|é']);
  });
});

test('the other header is a violation where one is asked for', async () => {
  const receiver = new SyslogReceiver({ transport: 'udp', format: 'rfc3164' });
  await receiver.listen();
  const client = createSocket('udp4');
  try {
    client.send(message, receiver.port, '127.0.0.1');
    await settled(() => receiver.messages.length === 1);
    expect(receiver.violations).toEqual([`not rfc3164: ${message}`]);
  } finally {
    client.close();
    await receiver.close();
  }
});

test.each([
  [false, ['no hostname: <14>Mar  2 08:00:00 CEF:0|Acme|']],
  [true, []],
])('a host may be missing: %s', async (mayLackHost, violations) => {
  const receiver = new SyslogReceiver({ transport: 'udp', mayLackHost });
  await receiver.listen();
  const client = createSocket('udp4');
  try {
    client.send('<14>Mar  2 08:00:00 CEF:0|Acme|', receiver.port, '127.0.0.1');
    await settled(() => receiver.messages.length === 1);
    expect([receiver.lines, receiver.violations]).toEqual([['CEF:0|Acme|'], violations]);
  } finally {
    client.close();
    await receiver.close();
  }
});

test('UDP: each datagram is a message', async () => {
  const receiver = new SyslogReceiver({ transport: 'udp' });
  await receiver.listen();
  const { port } = receiver;
  await receiver.close();
  await receiver.listen();
  expect(receiver.port).toBe(port);
  const client = createSocket('udp4');
  try {
    client.send('<13>Mar  2 08:00:00 gw1 LEEF:2.0|Acme|', port, '127.0.0.1');
    client.send(`${message}\n`, port, '127.0.0.1');
    await settled(() => receiver.messages.length === 2);
    expect(receiver.messages).toMatchObject([
      { framing: 'datagram', parsed: { format: 'rfc3164', rest: 'LEEF:2.0|Acme|' } },
      { framing: 'datagram', text: `${message}\n` },
    ]);
    expect(receiver.violations).toEqual([`a line break or NUL: ${message}\n`]);
  } finally {
    client.close();
    await receiver.close();
  }
});

describe('TLS', () => {
  const certificate = makeCertificate();
  let receiver: SyslogReceiver;

  beforeEach(async () => {
    receiver = new SyslogReceiver({ transport: 'tls', tls: certificate });
    await receiver.listen();
  });
  afterEach(() => receiver.close());

  test('those who trust the certificate are heard', async () => {
    const socket = connectTls({ host: '127.0.0.1', port: receiver.port, ca: certificate.cert });
    socket.resume().end(`${counted}${message}\n`);
    await once(socket, 'close');
    expect(receiver.lines).toEqual(['CEF:0|Acme|é', 'CEF:0|Acme|é']);
    expect(receiver.violations).toEqual([]);
  });

  test('who does not trust it goes away', async () => {
    const socket = connectTls({ host: '127.0.0.1', port: receiver.port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(receiver.messages).toEqual([]);
  });

  test('who speaks no TLS is not heard', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: receiver.port });
    socket.on('error', () => {});
    socket.resume().write(`${message}\n`);
    await once(socket, 'close');
    expect(receiver.messages).toEqual([]);
    expect(receiver.violations).toEqual([expect.stringMatching(/^no TLS: /)]);
  });

  test('who never shakes hands does not keep it open', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: receiver.port });
    socket.on('error', () => {});
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await receiver.close();
    await closed;
    expect(receiver.violations).toEqual([]);
  });

  test('it needs a certificate', async () => {
    await expect(new SyslogReceiver({ transport: 'tls' }).listen()).rejects.toThrow('tls needs');
  });
});
