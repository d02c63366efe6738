import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Credentials, Handshake, HandshakeError } from '../../plugin/fluent/forward-auth.ts';
import { ForwardClient, ForwardError } from '../../plugin/fluent/forward-client.ts';
import { packEvent, packForwardMessage, packMessage } from '../../plugin/fluent/forward-message.ts';
import { ForwardServer, type ForwardServerOptions } from '../receivers/forward-server.ts';
import { time } from './samples.ts';

vi.setConfig({ testTimeout: 60_000 });

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const key: Credentials = { sharedKey: 'secret key', username: undefined, password: undefined };
const ana: Credentials = { sharedKey: 'secret key', username: 'ana', password: 'pässword' };

/** Sends one event to a server that asks for these: what the server stored, or why it was not sent. */
async function outcome(
  asked: ForwardServerOptions,
  credentials: Credentials | undefined,
  prepare: (server: ForwardServer) => void = () => {},
  ackTimeout = 50_000,
): Promise<unknown> {
  const server = await ForwardServer.start(asked);
  prepare(server);
  const client = new ForwardClient({ address: server.address, credentials, ackTimeout, onChange: () => {} });
  stops.push(
    () => server.stop(),
    () => client.close(),
  );
  try {
    await client.send(packForwardMessage('siem.test.1', [packEvent(time, { a: 1 })], 'c1'), 'c1');
    expect(server.violations).toEqual([]);
    return server.records;
  } catch (error) {
    if (!(error instanceof ForwardError)) throw error;
    expect(server.messages).toEqual([]);
    return error.message.replace(client.address, 'ADDRESS');
  }
}

const asked = { sharedKey: 'secret key' };
const withUsers = { sharedKey: 'secret key', users: { ana: 'pässword', ben: 'other' } };
const cannot = "Fluent Bit at ADDRESS can't be reached:";

describe('Fluent Bit with a shared key', () => {
  test('takes the right key, every time', async () => {
    // Nonce, salt and digests are new for each connection, and their bytes may be anything.
    for (let run = 0; run < 30; run++) expect(await outcome(asked, key)).toEqual([{ a: 1 }]);
  });

  test('closes on a wrong key without a word', async () => {
    expect(await outcome(asked, { ...key, sharedKey: 'another' })).toBe(
      `${cannot} it closed during the handshake: is the shared key right?`,
    );
  });

  test('takes the right user', async () => {
    expect(await outcome(withUsers, ana)).toEqual([{ a: 1 }]);
  });

  test.each([
    ['a wrong password', { ...ana, password: 'other' }],
    ['an unknown user', { ...ana, username: 'eve' }],
    ['no user', key],
  ])('refuses %s and says why', async (_what, credentials) => {
    expect(await outcome(withUsers, credentials)).toBe(
      `${cannot} the peer refused the credentials: username/password mismatch`,
    );
  });

  test('is told apart by a client without a key, which says what to do', async () => {
    expect(await outcome(asked, undefined)).toContain('it asks for a shared key: set forward.shared_key');
  });

  test('that never says HELO is given up', async () => {
    const silent = (server: ForwardServer): void => {
      server.isSilent = true;
    };
    expect(await outcome(asked, key, silent, 200)).toBe(`${cannot} no answer within 200 ms`);
  });
});

describe('whoever is not Fluent Bit with this key', () => {
  test.each([
    ['an ack', packMessage({ ack: 'c1' })],
    ['a PONG before the PING', packMessage(['PONG', true, '', 'host', 'digest'])],
    ['no msgpack', Buffer.of(0xc1)],
    ['a number', Buffer.of(5)],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('is left when it says %s', async (_what, greeting) => {
    const prepare = (server: ForwardServer): void => {
      server.isSilent = true;
      server.greeting = greeting;
    };
    expect(await outcome({}, key, prepare)).toMatch(cannot);
  });

  const helo = packMessage(['HELO', { nonce: 'n'.repeat(16), auth: 's'.repeat(16) }]);

  test.each([
    ['no proof', ''],
    ['a proof of another length', 'ab'],
    ['a proof by another key', createHash('sha512').update('another').digest('hex')],
  ])('is left when its PONG has %s', async (_what, proof) => {
    const prepare = (server: ForwardServer): void => {
      server.isSilent = true;
      server.greeting = Buffer.concat([helo, packMessage(['PONG', true, '', 'host', proof])]);
    };
    expect(await outcome({}, key, prepare)).toBe(`${cannot} the peer does not know the shared key`);
  });

  test('is left when it says HELO twice', async () => {
    const prepare = (server: ForwardServer): void => {
      server.isSilent = true;
      server.greeting = Buffer.concat([helo, helo]);
    };
    expect(await outcome({}, key, prepare)).toMatch(cannot);
  });
});

test('the PING has six texts, and the key is in none of them', () => {
  const handshake = new Handshake(ana);
  const ping = handshake.answer(
    packMessage(['HELO', { nonce: 'n'.repeat(16), auth: 's'.repeat(16) }]),
  ) as string[];
  const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex');
  const [, hostname, salt] = ping;
  expect(ping).toEqual([
    'PING',
    'fluent-bit-siem',
    expect.stringMatching(/^[0-9a-f]{32}$/),
    sha512(`${salt}${hostname}${'n'.repeat(16)}secret key`),
    'ana',
    sha512(`${'s'.repeat(16)}anapässword`),
  ]);
  expect(packMessage(ping).length).toBeLessThan(1024);
});

test('a salt is never used twice', () => {
  const helo = packMessage(['HELO', { nonce: 'n', auth: 's' }]);
  const salts = Array.from({ length: 100 }, () => (new Handshake(key).answer(helo) as string[])[2]);
  expect(new Set(salts).size).toBe(100);
});

test('a message of another kind is an error', () => {
  expect(() => new Handshake(key).answer(packMessage(['NEHO']))).toThrow(HandshakeError);
});
