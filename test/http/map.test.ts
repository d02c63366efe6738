import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { createConnection } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { logins, numbers } from '../delivery/helpers.ts';
import { entry5, entry18 } from '../fluent/samples.ts';
import { ndjson, Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 5 };

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await service.stop();
  expect(service.delivery.violations).toEqual([]);
});

/** Starts over with other settings. */
async function use(options: Parameters<typeof Service.start>[0]): Promise<void> {
  await service.stop();
  service = await Service.start(options);
}

const users = (): unknown[] => service.delivery.records.map(({ user }) => user);
const login = { operation: 'login', user: 'ana' };
const oneRecord = { records: 1, events: 1, deadLetters: 0 };

describe('200 is the answer to', () => {
  test.each([
    ['msgpack of Fluent Bit 1.8', entry18(login)],
    ['msgpack of Fluent Bit 5', entry5(login)],
    ['a JSON object', Buffer.from(JSON.stringify(login))],
    ['a JSON array', Buffer.from(JSON.stringify([login]))],
    ['NDJSON', ndjson([login])],
    ['a line in {"log": ...}', entry5({ log: JSON.stringify(login) })],
  ])('%s', async (_what, body) => {
    const { status, json } = await service.map(body);
    expect([status, json]).toEqual([200, oneRecord]);
    expect(users()).toEqual(['ana']);
  });

  test.each([
    ['no content type', {}],
    ["curl's form", { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', { 'content-type': 'text/plain; charset=utf-8' }],
    ['msgpack', { 'content-type': 'application/msgpack' }],
    ['a type nobody knows', { 'content-type': 'application/vnd.acme+x' }],
    ['no type at all', { 'content-type': 'nonsense' }],
    ['an empty type', { 'content-type': '' }],
  ])('a body announced as %s', async (_what, headers) => {
    expect(await service.map(entry5(login), headers)).toMatchObject({ status: 200, json: oneRecord });
  });

  test.each(['gzip', 'x-gzip', 'GZIP', ' gzip '])('a body in %s', async (encoding) => {
    const answer = await service.map(gzipSync(entry5(login)), { 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 200, json: oneRecord });
  });

  test('a body that says it has no encoding', async () => {
    expect(await service.map(entry5(login), { 'content-encoding': 'identity' })).toMatchObject({
      status: 200,
    });
  });

  test('an empty array', async () => {
    const answer = await service.map(Buffer.from('[]'));
    expect(answer).toMatchObject({ status: 200, json: { records: 0, events: 0, deadLetters: 0 } });
  });

  test('records that are filtered out or that no mapping is for', async () => {
    const answer = await service.map([{ operation: 'heartbeat' }, { operation: 'other' }]);
    expect(answer).toMatchObject({ status: 200, json: { records: 2, events: 0, deadLetters: 0 } });
    expect(service.delivery.messages).toEqual([]);
  });

  test('a bad line among good ones, which is a dead letter', async () => {
    const answer = await service.map(
      Buffer.concat([ndjson([login]), Buffer.from('oops\n'), ndjson([login])]),
    );
    expect(answer).toMatchObject({ status: 200, json: { records: 3, events: 2, deadLetters: 1 } });
    expect([...service.delivery.byTag.keys()].map((tag) => tag.replace(/\d.*/, ''))).toEqual([
      'siem.splunk.',
      'siem.dead.splunk.',
    ]);
  });

  test('a body sent in chunks without a length', async () => {
    const sending = request({ port: service.port, host: '127.0.0.1', path: '/map/splunk', method: 'POST' });
    for (const byte of entry5(login)) sending.write(Buffer.of(byte));
    sending.end();
    const [response] = await once(sending, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(users()).toEqual(['ana']);
  });
});

describe('the tag of the records is', () => {
  // A JSON destination does not show the tag: it shows in which mapping file takes them.
  const mapping = `
match: filecloud.*
mappings:
  - id: login
    map: { eventClass: Auth, eventName: login, severity: 3, extension: { user: $user } }
`;
  beforeEach(() => use({ mapping }));

  test.each([
    ['the header FLUENT-TAG', { 'fluent-tag': 'filecloud.audit' }, '', 1],
    ['?tag= in the URL', {}, '?tag=filecloud.audit', 1],
    ['the header when there are both', { 'fluent-tag': 'filecloud.audit' }, '?tag=other', 1],
    [
      'the header when there are both, even if it fits nothing',
      { 'fluent-tag': 'other' },
      '?tag=filecloud.x',
      0,
    ],
    ['the first of several in the URL', {}, '?tag=filecloud.audit&tag=other', 1],
    ['unknown without either, and fits everything', {}, '', 1],
  ])('%s', async (_what, headers, query, events) => {
    expect((await service.map([login], headers, query)).json).toMatchObject({ events });
  });
});

describe('400 is the answer to', () => {
  test.each([
    ['an empty body', Buffer.alloc(0), {}, 'the body is empty', 0],
    ['a text', Buffer.from('hello'), {}, 'no JSON records: ', 0],
    ['JSON that stops', Buffer.from('{"é":'), {}, 'no JSON records: ', 6],
    ['broken UTF-8', Buffer.of(0xff, 0xff), {}, 'no JSON records: ', 0],
    ['msgpack that is cut', entry5(login).subarray(0, -1), {}, 'the value at byte 0 is cut off', 0],
    [
      'msgpack with a byte that is none',
      Buffer.concat([entry5(login), Buffer.of(0xc1)]),
      {},
      'is no msgpack',
      entry5(login).length,
    ],
  ])('%s, with its place', async (_what, body, headers, message, offset) => {
    const { status, json } = await service.map(body, headers);
    expect(status).toBe(400);
    expect(json).toEqual({ error: 'undecodable_body', message: expect.stringContaining(message), offset });
  });

  test.each([
    ['is none', entry5(login)],
    ['is cut', gzipSync(entry5(login)).subarray(0, -10)],
    ['has a wrong checksum', Buffer.concat([gzipSync(entry5(login)).subarray(0, -8), Buffer.alloc(8, 1)])],
  ])('gzip that %s', async (_what, body) => {
    const { status, json } = await service.map(body, { 'content-encoding': 'gzip' });
    expect([status, json.error]).toEqual([400, 'undecodable_body']);
    expect(json.message).toContain('the body is no gzip');
  });

  test('gzip of nothing', async () => {
    const { status, json } = await service.map(gzipSync(''), { 'content-encoding': 'gzip' });
    expect([status, json.message]).toEqual([400, 'the body is empty']);
  });

  test('an error has no Retry-After: no repeat helps', async () => {
    expect((await service.map(Buffer.from('x'))).headers.get('retry-after')).toBeNull();
  });
});

describe('413 is the answer to', () => {
  const bodyLimit = 1000;
  beforeEach(() => use({ bodyLimit }));
  const tooLarge = {
    error: 'body_too_large',
    message: 'the unpacked body is larger than 1000 bytes (service.body_limit)',
  };

  test('a body over the limit', async () => {
    const { status, json } = await service.map(Buffer.alloc(bodyLimit + 1, ' '));
    expect([status, json]).toEqual([413, tooLarge]);
  });

  test('gzip that unpacks to more than the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(500_000, ' '));
    expect(bomb.length).toBeLessThan(bodyLimit);
    const { status, json } = await service.map(bomb, { 'content-encoding': 'gzip' });
    expect([status, json]).toEqual([413, tooLarge]);
  });

  test('one byte less is fine, packed or not', async () => {
    const body = Buffer.from(JSON.stringify(login).padEnd(bodyLimit));
    expect((await service.map(body)).status).toBe(200);
    expect((await service.map(gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(200);
  });

  test('and it is counted as refused for good', async () => {
    await service.map(gzipSync(Buffer.alloc(bodyLimit + 1, ' ')), { 'content-encoding': 'gzip' });
    expect(await service.counters()).toMatchObject({ requests: 1, requests_undecodable: 1 });
    await service.map(Buffer.alloc(bodyLimit + 1, ' '));
    expect(await service.counters()).toMatchObject({ requests: 2, requests_undecodable: 2 });
  });
});

describe('503, to be repeated, is the answer to', () => {
  test('a destination that does not exist, with the name that may have been meant', async () => {
    const { status, json, headers } = await service.fetch('/map/splunc', { method: 'POST', body: '{}' });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(json).toEqual({
      error: 'unknown_destination',
      message: "there is no destination 'splunc': did you mean 'splunk'?",
    });
    expect(await service.counters()).toMatchObject({ requests_unknown_destination: 1, requests: 0 });
  });

  test.each([
    ['a property of every object', '__proto__'],
    ['a space', '%20'],
    ['nothing but a zero', '%00'],
    ['many letters', 'x'.repeat(500)],
  ])('a destination by the name of %s', async (_what, name) => {
    const { status, headers } = await service.fetch(`/map/${name}`, { method: 'POST', body: '{}' });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });

  test.each([
    ['POST', '/'],
    ['POST', '/map'],
    ['POST', '/map/'],
    ['POST', '/map/splunk/more'],
    ['POST', '/health'],
    ['POST', '/map/%zz'],
    ['PUT', '/map/splunk'],
    ['PATCH', '/map/splunk'],
  ])('%s %s, where there is nothing', async (method, path) => {
    const { status, headers } = await service.fetch(path, { method, body: '{}' });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });

  test.each([
    ['deflate', deflateSync(entry5(login))],
    ['zstd', entry5(login)],
    ['gzip, gzip', gzipSync(gzipSync(entry5(login)))],
  ])('a body in %s', async (encoding, body) => {
    const { status, json, headers } = await service.map(body, { 'content-encoding': encoding });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(json).toEqual({
      error: 'unknown_encoding',
      message: `a body in '${encoding}' can't be unpacked: send gzip, or no Content-Encoding`,
    });
  });

  test('a Fluent Bit that is down', async () => {
    await use({ isDown: true });
    const { status, json, headers } = await service.map([login]);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(json).toEqual({
      error: 'not_acknowledged',
      message: "Fluent Bit at unix:/nonexistent/forward.sock can't be reached: ENOENT",
    });
  });

  test('a Fluent Bit that does not acknowledge in time', async () => {
    await use({ ackTimeout: 200 });
    service.delivery.acks = 'withheld';
    const { status, json } = await service.map([login]);
    expect(status).toBe(503);
    expect(json.message).toContain('no acknowledgement within 200 ms');
  });

  test('a Fluent Bit that closes before it acknowledges', async () => {
    service.delivery.closeAfter = { messages: 1, acknowledged: false };
    expect(await service.map([login])).toMatchObject({ status: 503, json: { error: 'not_acknowledged' } });
  });
});

test('whatever is posted where, Fluent Bit is told to drop nothing but what can never be decoded', async () => {
  const bodies = [Buffer.from('{}'), Buffer.from('x'), entry5(login)];
  const elsewhere = ['/', '//map', '/map/a/b', '/map/%zz', '/map/%', '/%ff', '/map/splunk%', '/metrics'];
  const types = ['application/json', 'a/b;c', ';', ''];
  for (const body of bodies) {
    for (const type of types) {
      const post = { method: 'POST', body, headers: { 'content-type': type } };
      for (const path of elsewhere) {
        expect([path, type, (await service.fetch(path, post)).status]).toEqual([path, type, 503]);
      }
      const { status } = await service.fetch('/map/splunk?tag=%zz', post);
      expect([type, status]).toEqual([type, body.toString() === 'x' ? 400 : 200]);
    }
  }
});

test('long bodies and short ones that come together do not mix', async () => {
  await use({});
  const long = ['a', 'b'].map((sender) => logins(...numbers(5000).map((number) => `${sender}${number}`)));
  const short = numbers(20).map((number) => logins(`c${number}`));
  const answers = await Promise.all([...long, ...short].map((records) => service.map(records)));
  expect(answers.map(({ json }) => json.records)).toEqual([5000, 5000, ...short.map(() => 1)]);
  const sent = [...long, ...short].flat().map(({ user }) => user);
  expect(users().sort()).toEqual(sent.sort());
});

describe('a repeated request', () => {
  test('sends only what was not acknowledged', async () => {
    await use({ batch: { records: 10, bytes: 1_000_000, age: 3_600_000, by: 'destination' } });
    const records = logins(...numbers(25));
    service.delivery.closeAfter = { messages: 1, acknowledged: true };
    expect((await service.map(records)).status).toBe(503);
    await vi.waitFor(async () => expect((await service.map(records)).status).toBe(200), eventually);
    expect(users()).toEqual(numbers(25).map(String));
  });

  test('is known by its unpacked body: it may be packed another way', async () => {
    await use({ batch: { records: 1, bytes: 1_000_000, age: 3_600_000, by: 'destination' } });
    const body = ndjson(logins('ana', 'ben'));
    service.delivery.closeAfter = { messages: 1, acknowledged: true };
    expect((await service.map(body)).status).toBe(503);
    const gzip = { 'content-encoding': 'gzip' };
    await vi.waitFor(
      async () => expect((await service.map(gzipSync(body), gzip)).status).toBe(200),
      eventually,
    );
    expect(users()).toEqual(['ana', 'ben']);
  });

  test('that comes while the first is under way is another request: both are sent', async () => {
    service.delivery.acks = 'withheld';
    const both = [service.map([login]), service.map([login])];
    await vi.waitFor(() => expect(users()).toHaveLength(2), eventually);
    service.delivery.release();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(users()).toEqual(['ana', 'ana']);
  });

  test('after a 200 is another request', async () => {
    await service.map([login]);
    await service.map([login]);
    expect(users()).toEqual(['ana', 'ana']);
  });
});

describe('a client that went away before the answer', () => {
  /** Posts, and goes away when Fluent Bit has the events and acknowledges none; then the acks come. */
  async function postAndLeave(body: Buffer): Promise<void> {
    service.delivery.acks = 'withheld';
    const before = service.delivery.messages.length;
    const posting: ClientRequest = request({
      host: '127.0.0.1',
      port: service.port,
      path: '/map/splunk',
      method: 'POST',
      agent: false,
    });
    posting.on('error', () => {});
    posting.end(body);
    await vi.waitFor(() => expect(service.delivery.messages.length).toBeGreaterThan(before), eventually);
    posting.destroy();
    await vi.waitFor(async () => expect(await service.connections()).toBe(0), eventually);
    service.delivery.release();
    await vi.waitFor(
      () => expect(service.destination.counters.get('eventsAcked')).toBeGreaterThan(0),
      eventually,
    );
  }

  test('and repeats the request makes no duplicates', async () => {
    const body = ndjson(logins('ana', 'ben'));
    await postAndLeave(body);
    expect(await service.map(body)).toMatchObject({ status: 200, json: { records: 2, events: 2 } });
    expect(users()).toEqual(['ana', 'ben']);
    expect((await service.counters()).events_repeated).toBe(2);
  });

  test('and sends the same a third time means it', async () => {
    const body = ndjson([login]);
    await postAndLeave(body);
    await service.map(body);
    await service.map(body);
    expect(users()).toEqual(['ana', 'ana']);
  });

  test('in the middle of its body is no request', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: service.port });
    socket.write('POST /map/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"operation":"login"}');
    await vi.waitFor(async () => expect(await service.connections()).toBe(1), eventually);
    socket.destroy();
    await vi.waitFor(async () => expect(await service.connections()).toBe(0), eventually);
    expect((await service.map([login])).status).toBe(200);
    expect(users()).toEqual(['ana']);
  });
});
