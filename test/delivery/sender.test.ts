import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { SendError, Sender } from '../../plugin/delivery/sender.ts';
import type { DeliverSettings } from '../../plugin/mapping/deliver-settings.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';

// No test waits for an answer that is on its way: long is longer than any machine takes for one, short is for
// what never comes.
vi.setConfig({ testTimeout: 60_000 });
const long = 50_000;
const short = 300;
const eventually = { timeout: 30_000, interval: 5 };

// All that could be one, wherever it may turn up; see `failure`.
const secret = 's3cret';
const path = `/in/${secret}?key=${secret}`;
const authorization = `Bearer ${secret}`;
const body = Buffer.from(JSON.stringify([{ user: 'ana', text: `ö ${secret}`.repeat(10) }]));
const json = 'application/json';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A sender to that place, with what a test is not about left out. */
function senderTo(
  origin: string,
  more: Partial<DeliverSettings> = {},
  environment: NodeJS.ProcessEnv = {},
): Sender {
  const settings: DeliverSettings = {
    to: origin + path,
    headers: { Authorization: authorization },
    body: 'array',
    compress: false,
    timeout: long,
    connections: 4,
    retry: { every: 60_000, for: 300_000, later: 900_000 },
    retention: 604_800_000,
    oldestEvent: undefined,
    newestEvent: undefined,
    whenOlder: 'send',
    tls: {},
    oauth2: undefined,
    ...more,
  };
  const sender = new Sender({ settings, environment, userAgent: 'fluent-bit-siem/1.2.3' });
  stops.push(() => sender.close());
  return sender;
}

/** Why it failed. Nothing of the error tells a secret. */
async function failure(sending: Promise<unknown>): Promise<string> {
  const error = await sending.then(
    (answer) => expect.fail(`it was answered: ${inspect(answer)}`),
    (error) => error,
  );
  if (!(error instanceof SendError)) throw error;
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  return error.message;
}

async function startReceiver(
  options: ConstructorParameters<typeof JsonReceiver>[1] = {},
): Promise<JsonReceiver> {
  const receiver = new JsonReceiver(authorization, options);
  await receiver.listen();
  stops.push(() => receiver.close());
  return receiver;
}

interface Listening {
  readonly origin: string;
  readonly port: number;
  /** Every connection there was. */
  readonly sockets: Socket[];
}

async function listen(
  server: Server | ReturnType<typeof createTcpServer>,
  scheme = 'http',
): Promise<Listening> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `${scheme}://127.0.0.1:${port}`, port, sockets };
}

/** A SIEM that does just this once it has the whole request. */
function serve(answer: RequestListener): Promise<Listening> {
  return listen(createServer(afterBody(answer)));
}

function serveTls(options: ServerOptions, answer: RequestListener = ok): Promise<Listening> {
  return listen(
    createTlsServer(options, afterBody(answer)).on('tlsClientError', () => {}),
    'https',
  );
}

function afterBody(answer: RequestListener): RequestListener {
  return (request, response) => {
    request.resume().on('end', () => answer(request, response));
  };
}

function ok(_request: IncomingMessage, response: ServerResponse): void {
  response.end('fine');
}

/** A TCP server that does this with each connection that said something. */
function serveTcp(act: (socket: Socket) => void): Promise<Listening> {
  return listen(createTcpServer((socket) => socket.once('data', () => act(socket))));
}

describe('a request', () => {
  test('carries the body as it is, the headers and who sends it', async () => {
    const receiver = await startReceiver();
    const answer = await senderTo(receiver.url, {
      headers: { Authorization: authorization, 'X-One': 'é' },
    }).send(body, json);
    expect(answer).toEqual({ status: 200, retryAfter: undefined, text: '' });
    expect(receiver.records).toEqual(JSON.parse(String(body)));
    expect(receiver.requests).toMatchObject([
      {
        method: 'POST',
        path: `/in/${secret}`,
        bytes: body.length,
        headers: {
          'content-type': json,
          'content-length': String(body.length),
          'user-agent': 'fluent-bit-siem/1.2.3',
          'accept-encoding': 'identity',
          // Node.js reads headers as latin1.
          'x-one': 'é',
        },
      },
    ]);
    expect(receiver.requests[0]!.headers).not.toHaveProperty('content-encoding');
  });

  test('is packed where it is asked for', async () => {
    const receiver = await startReceiver();
    expect((await senderTo(receiver.url, { compress: true }).send(body, json)).status).toBe(200);
    expect(receiver.records).toEqual(JSON.parse(String(body)));
    expect(receiver.requests).toMatchObject([
      { headers: { 'content-encoding': 'gzip', 'content-type': json } },
    ]);
    expect(receiver.requests[0]!.bytes).toBeLessThan(body.length);
  });

  test('goes to the whole path, and a header of the settings replaces one of ours', async () => {
    let told: unknown[] = [];
    const { origin } = await serve(({ url, headers, rawHeaders }, response) => {
      const agents = rawHeaders.filter((name) => name.toLowerCase() === 'user-agent');
      told = [url, headers['user-agent'], agents.length];
      response.end();
    });
    await senderTo(origin, { headers: { 'USER-Agent': 'mine' } }).send(body, json);
    expect(told).toEqual([path, 'mine', 1]);
  });
});

describe('connections', () => {
  test('one stays open for those that follow', async () => {
    const { origin, sockets } = await serve(ok);
    // With more undici opens a second one for what comes in the same moment as the answer.
    const sender = senderTo(origin, { connections: 1 });
    for (let count = 0; count < 5; count++) expect((await sender.send(body, json)).text).toBe('fine');
    expect(sockets).toHaveLength(1);
  });

  test.each([1, 2])('there are at most %i, and the others wait', async (connections) => {
    const held: ServerResponse[] = [];
    let most = 0;
    const { origin, sockets } = await serve((_request, response) => {
      held.push(response);
      most = Math.max(most, held.length);
    });
    const sender = senderTo(origin, { connections });
    let answered = 0;
    const sending = Promise.all(
      Array.from({ length: 6 }, () => sender.send(body, json).then(() => answered++)),
    );
    while (answered < 6) {
      const wanted = Math.min(connections, 6 - answered);
      await vi.waitFor(() => expect(held.length).toBe(wanted), eventually);
      const before = answered;
      for (const response of held.splice(0)) response.end();
      await vi.waitFor(() => expect(answered).toBe(before + wanted), eventually);
    }
    await sending;
    expect([most, sockets.length]).toEqual([connections, connections]);
  });

  test('one that the SIEM closes as the next request comes: nothing is repeated', async () => {
    let requests = 0;
    const { origin, sockets } = await serve((request, response) => {
      requests++;
      if (requests === 2) request.socket.destroy();
      else response.end();
    });
    const sender = senderTo(origin, { connections: 1 });
    await sender.send(body, json);
    expect(await failure(sender.send(body, json))).toMatch(/^connection broke \(\w+\)$/);
    expect([requests, sockets.length]).toEqual([2, 1]);
    expect((await sender.send(body, json)).status).toBe(200);
    expect([requests, sockets.length]).toEqual([3, 2]);
  });

  test('one that the SIEM closed before is not used', async () => {
    const { origin, sockets } = await serve((_request, response) => response.end());
    const sender = senderTo(origin, { connections: 1 });
    await sender.send(body, json);
    sockets[0]!.destroy();
    await vi.waitFor(() => expect(sockets[0]!.closed).toBe(true), eventually);
    // The news of it is on its way to us, and takes no time on one machine.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await sender.send(body, json)).status).toBe(200);
    expect(sockets).toHaveLength(2);
  });

  test('after many failures there are as many as before', async () => {
    const receiver = await startReceiver();
    const sender = senderTo(receiver.url, { connections: 1 });
    await sender.send(body, json);
    await receiver.close();
    const failures = await Promise.all(Array.from({ length: 5 }, () => failure(sender.send(body, json))));
    expect(failures).toEqual(Array(5).fill(expect.stringMatching(/^(?:refused|connection broke) \(/)));
    await receiver.listen();
    expect((await sender.send(body, json)).status).toBe(200);
  });

  test('closing ends what is under way, and then nothing is sent', async () => {
    const { origin, sockets } = await serve(() => {});
    const sender = senderTo(origin, { connections: 1 });
    const sending = [failure(sender.send(body, json)), failure(sender.send(body, json))];
    await vi.waitFor(() => expect(sockets).toHaveLength(1), eventually);
    await sender.close();
    expect(await Promise.all(sending)).toEqual(Array(2).fill('the service is stopping'));
    expect(await failure(sender.send(body, json))).toBe('the service is stopping');
    await sender.close();
    expect(sockets).toHaveLength(1);
  });
});

describe('an answer', () => {
  test.each([200, 204, 301, 307, 308, 400, 401, 413, 429, 500, 503])('%i is one', async (status) => {
    let requests = 0;
    const { origin } = await serve((_request, response) => {
      requests++;
      response.writeHead(status, { location: '/elsewhere' }).end(status === 204 ? undefined : 'why');
    });
    const answer = await senderTo(origin).send(body, json);
    expect(answer).toEqual({ status, retryAfter: undefined, text: status === 204 ? '' : 'why' });
    expect(requests).toBe(1);
  });

  test.each([
    ['120', undefined, 120_000],
    ['0', undefined, 0],
    ['Sun, 06 Nov 1994 08:51:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT', 120_000],
    ['Sunday, 06-Nov-94 08:51:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT', 120_000],
    ['Sun Nov  6 08:51:37 1994', 'Sun, 06 Nov 1994 08:49:37 GMT', 120_000],
    ['Sun, 06 Nov 1994 08:51:37 GMT', undefined, 0],
    ['Sun, 06 Nov 1994 08:51:37 GMT', 'today', 0],
    ['soon', undefined, undefined],
    ['-5', undefined, undefined],
    ['Sunday', undefined, undefined],
    ['9'.repeat(400), undefined, undefined],
  ])('Retry-After: %s, with Date: %s', async (wait, date, expected) => {
    const { origin } = await serve((_request, response) => {
      response.sendDate = false;
      response.writeHead(503, { 'retry-after': wait, ...(date && { date }) }).end();
    });
    expect(await senderTo(origin).send(body, json)).toEqual({ status: 503, retryAfter: expected, text: '' });
  });

  test('Retry-After as a date is taken by our own clock when the SIEM tells no time', async () => {
    const { origin } = await serve((_request, response) => {
      response.sendDate = false;
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end();
    });
    const { retryAfter } = await senderTo(origin).send(body, json);
    expect(retryAfter).toBeGreaterThan(3_500_000);
    expect(retryAfter).toBeLessThanOrEqual(3_600_000);
  });

  test('of which only the beginning is read, however long it is', async () => {
    const part = Buffer.alloc(1_000_000, 'x');
    const { origin, sockets } = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(part));
      };
      response.on('drain', more);
      more();
    });
    const sender = senderTo(origin);
    expect(await sender.send(body, json)).toEqual({
      status: 200,
      retryAfter: undefined,
      text: 'x'.repeat(1_048_576),
    });
    await vi.waitFor(() => expect(sockets[0]!.destroyed).toBe(true), eventually);
    expect((await sender.send(body, json)).text).toHaveLength(1_048_576);
  });

  test('is cut between characters, and has no byte order mark', async () => {
    const { origin } = await serve((_request, response) => response.end(`\ufeffab${'€'.repeat(400_000)}`));
    const { text } = await senderTo(origin).send(body, json);
    expect(text).toBe(`ab${'€'.repeat(349_523)}`);
  });

  test.each([200, 400, 503])('%i is one even when its body breaks off', async (status) => {
    const { origin } = await serve((request, response) => {
      response.writeHead(status, { 'content-length': 1000 });
      response.write('begun', () => setTimeout(() => request.socket.destroy(), 10));
    });
    const answer = await senderTo(origin).send(body, json);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/^(?:begun)?$/);
  });

  test('is one even when its body drips until the timeout', async () => {
    const send = async (status: number): Promise<unknown> => {
      const { origin, sockets } = await serve((_request, response) => {
        response.writeHead(status).write('drip');
        const timer = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(timer));
      });
      // Time enough for the headers, on any machine.
      const answer = await senderTo(origin, { timeout: 3_000 }).send(body, json);
      await vi.waitFor(() => expect(sockets[0]!.destroyed).toBe(true), eventually);
      return answer;
    };
    const text = expect.stringMatching(/^drip\.*$/);
    const answers = await Promise.all([send(200), send(503)]);
    expect(answers).toEqual([
      { status: 200, retryAfter: undefined, text },
      { status: 503, retryAfter: undefined, text },
    ]);
  });
});

describe('no answer', () => {
  test('refused', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    expect(await failure(senderTo(receiver.url).send(body, json))).toBe('refused (ECONNREFUSED)');
  });

  test('host not found', async () => {
    // A label has at most 63 characters: no name server needs to be asked.
    const sender = senderTo(`http://${'x'.repeat(64)}.invalid`);
    expect(await failure(sender.send(body, json))).toMatch(/^host not found \((?:ENOTFOUND|EAI_\w+)\)$/);
  });

  test('timeout while connecting; what was given up is not sent later', async () => {
    const receiver = await startReceiver({ tls: certificate });
    let passed: (() => void)[] | undefined = [];
    // Holds all back until it is told otherwise.
    const { port } = await listen(
      createTcpServer((socket) => {
        const pass = (): void => {
          const onward = connect(receiver.port, '127.0.0.1').on('error', () => {});
          socket.pipe(onward).pipe(socket);
        };
        if (passed) passed.push(pass);
        else pass();
      }),
    );
    const more = { tls: { ca: certificate.cert }, timeout: short };
    const sender = senderTo(`https://127.0.0.1:${port}`, { ...more, connections: 1 });
    // The second one waits for the connection that the first one does not get.
    const failures = await Promise.all([failure(sender.send(body, json)), failure(sender.send(body, json))]);
    expect(failures).toEqual(Array(2).fill(`timeout after ${short} ms`));
    const waiting = passed;
    passed = undefined;
    for (const pass of waiting) pass();
    const patient = senderTo(`https://127.0.0.1:${port}`, { ...more, timeout: long });
    expect((await patient.send(body, json)).status).toBe(200);
    expect(receiver.statuses).toEqual([200]);
  });

  test('timeout while waiting for it', async () => {
    const receiver = await startReceiver();
    receiver.isSilent = true;
    const sender = senderTo(receiver.url, { timeout: short });
    expect(await failure(sender.send(body, json))).toBe(`timeout after ${short} ms`);
    receiver.isSilent = false;
    expect((await senderTo(receiver.url).send(body, json)).status).toBe(200);
  });

  test('timeout in the middle of its headers', async () => {
    const { origin } = await serveTcp((socket) => socket.write('HTTP/1.1 200 OK\r\nx-one: 1\r\n'));
    expect(await failure(senderTo(origin, { timeout: short }).send(body, json))).toBe(
      `timeout after ${short} ms`,
    );
  });

  test('a timeout that no timer can hold is none', async () => {
    const receiver = await startReceiver();
    expect((await senderTo(receiver.url, { timeout: 2 ** 40 }).send(body, json)).status).toBe(200);
  });

  test.each([
    ['nothing', ''],
    ['half a status line', 'HTTP/1.1 20'],
    ['half of the headers', 'HTTP/1.1 200 OK\r\nx-one: 1\r\n'],
  ])('the connection breaks after %s', async (_what, text) => {
    const { origin } = await serveTcp((socket) => socket.end(text));
    expect(await failure(senderTo(origin).send(body, json))).toMatch(
      /^(?:connection broke|no HTTP answer) \(\w+\)$/,
    );
  });

  test('the connection is reset', async () => {
    const { origin } = await serveTcp((socket) => socket.resetAndDestroy());
    expect(await failure(senderTo(origin).send(body, json))).toMatch(/^connection broke \(\w+\)$/);
  });

  test('what answers does not speak HTTP', async () => {
    const { origin } = await serveTcp((socket) => socket.end(`220 mail.example.com ESMTP ${secret}\r\n`));
    expect(await failure(senderTo(origin).send(body, json))).toMatch(/^no HTTP answer \(HPE_\w+\)$/);
  });

  test('the answer has headers without end', async () => {
    const { origin } = await serveTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      for (let count = 0; count < 1000; count++) socket.write(`x-${count}: ${'x'.repeat(100)}\r\n`);
    });
    expect(await failure(senderTo(origin).send(body, json))).toBe(
      'the answer has too many headers (UND_ERR_HEADERS_OVERFLOW)',
    );
  });

  test('a header that can not be sent', async () => {
    const { origin } = await serve(ok);
    const sender = senderTo(origin, { headers: { 'x-one': `${secret}\n` } });
    expect(await failure(sender.send(body, json))).toBe('the request failed (UND_ERR_INVALID_ARG)');
  });
});

let certificate: ReturnType<typeof makeCertificate>;
beforeAll(() => {
  certificate = makeCertificate();
});

describe('TLS', () => {
  test('an authority of the settings is believed', async () => {
    const receiver = await startReceiver({ tls: certificate });
    const sender = senderTo(receiver.url, { tls: { ca: certificate.cert } });
    expect((await sender.send(body, json)).status).toBe(200);
    expect((await sender.send(body, json)).status).toBe(200);
    const byName = senderTo(`https://localhost:${receiver.port}`, { tls: { ca: certificate.cert } });
    expect((await byName.send(body, json)).status).toBe(200);
  });

  test('an unknown one is not', async () => {
    const receiver = await startReceiver({ tls: certificate });
    const expected = 'TLS: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)';
    expect(await failure(senderTo(receiver.url).send(body, json))).toBe(expected);
    const other = { ca: makeCertificate().cert };
    expect(await failure(senderTo(receiver.url, { tls: other }).send(body, json))).toMatch(
      /^TLS: .+ \([A-Z_]+\)$/,
    );
    expect(receiver.requests).toEqual([]);
  });

  test('nothing turns that off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    stops.push(() => vi.unstubAllEnvs());
    const receiver = await startReceiver({ tls: certificate });
    expect(await failure(senderTo(receiver.url).send(body, json))).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  // Later ones read the variable as they start.
  test.skipIf('getCACertificates' in tls)('those of NODE_EXTRA_CA_CERTS stay', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sender-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'extra.pem'), certificate.cert);
    const receiver = await startReceiver({ tls: certificate });
    const ca = makeCertificate().cert;
    const environment = { NODE_EXTRA_CA_CERTS: join(folder, 'extra.pem') };
    expect((await senderTo(receiver.url, { tls: { ca } }, environment).send(body, json)).status).toBe(200);
    const unreadable = { NODE_EXTRA_CA_CERTS: join(folder, 'nothing.pem') };
    const sender = senderTo(receiver.url, { tls: { ca: certificate.cert } }, unreadable);
    expect((await sender.send(body, json)).status).toBe(200);
  });

  test('a certificate that has expired', async () => {
    const old = makeCertificate(Date.now() - 10 * 86_400_000);
    const receiver = await startReceiver({ tls: old });
    expect(await failure(senderTo(receiver.url, { tls: { ca: old.cert } }).send(body, json))).toBe(
      'TLS: certificate has expired (CERT_HAS_EXPIRED)',
    );
  });

  test('a certificate for another host; it is said each time', async () => {
    const receiver = await startReceiver({ tls: certificate });
    const proxy = await startProxy(receiver.port);
    const more = { tls: { ca: certificate.cert }, connections: 1 };
    const sender = senderTo('https://siem.test', more, { HTTPS_PROXY: proxy.origin });
    for (let count = 0; count < 3; count++) {
      expect(await failure(sender.send(body, json))).toBe(
        'TLS: the certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)',
      );
    }
    expect(receiver.requests).toEqual([]);
    expect(proxy.asked).toHaveLength(3);
  });

  test('a certificate of ours, where the SIEM wants one', async () => {
    const ours = makeCertificate();
    const names: unknown[] = [];
    const { origin } = await serveTls(
      { ...certificate, ca: ours.cert, requestCert: true },
      ({ socket }, response) => {
        names.push((socket as tls.TLSSocket).getPeerCertificate().subject.CN);
        response.end();
      },
    );
    const sender = senderTo(origin, { tls: { ca: certificate.cert, ...ours } });
    expect((await sender.send(body, json)).status).toBe(200);
    expect(names).toEqual(['127.0.0.1']);
    // With TLS 1.3 it says so when we have sent already.
    const without = senderTo(origin, { tls: { ca: certificate.cert } });
    expect(await failure(without.send(body, json))).toMatch(/^(?:TLS: .+|connection broke)(?: \(\w+\))?$/);
    const wrong = senderTo(origin, { tls: { ca: certificate.cert, ...makeCertificate() } });
    expect(await failure(wrong.send(body, json))).toMatch(/^(?:TLS: .+|connection broke)(?: \(\w+\))?$/);
    expect(names).toHaveLength(1);
  });

  test('a SIEM that does not speak it', async () => {
    const { port } = await serve(ok);
    expect(await failure(senderTo(`https://127.0.0.1:${port}`).send(body, json))).toMatch(
      /^TLS: (?:wrong version number|packet length too long) \(\w+\)$/,
    );
  });

  test('a SIEM that hangs up in the middle of it', async () => {
    const { port } = await serveTcp((socket) => socket.destroy());
    expect(await failure(senderTo(`https://127.0.0.1:${port}`).send(body, json))).toMatch(
      /^connection broke(?: \(\w+\))?$/,
    );
  });

  test('a certificate or key that is none is told at once', () => {
    expect(() => senderTo('https://siem.test', { tls: { cert: 'x', key: certificate.key } })).toThrow();
    const { key } = makeCertificate();
    expect(() => senderTo('https://siem.test', { tls: { cert: certificate.cert, key } })).toThrow(/key/);
  });
});

interface Proxy extends Listening {
  /** What was asked for, and by whom. */
  readonly asked: { readonly authority: string | undefined; readonly authorization: string | undefined }[];
}

/** A proxy for which every host is this one. */
async function startProxy(port: number, tlsOptions?: ServerOptions): Promise<Proxy> {
  const asked: Proxy['asked'][number][] = [];
  const server = tlsOptions ? createTlsServer(tlsOptions) : createServer();
  server.on('connect', ({ url, headers }, socket: Socket) => {
    asked.push({ authority: url, authorization: headers['proxy-authorization'] });
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    }).on('error', () => socket.destroy());
    socket.on('error', () => {}).on('close', () => onward.destroy());
    stops.push(() => onward.destroy());
  });
  return { ...(await listen(server, tlsOptions ? 'https' : 'http')), asked };
}

describe('a proxy', () => {
  // A name for this machine that does not look like one.
  const https = 'https://localhost.';

  test('HTTPS_PROXY is for https, HTTP_PROXY for http; the connection stays open', async () => {
    const receiver = await startReceiver({ tls: certificate });
    const plain = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const plainProxy = await startProxy(plain.port);
    const environment = { https_proxy: proxy.origin, HTTP_PROXY: plainProxy.origin };
    const sender = senderTo(https, { tls: { ca: certificate.cert }, connections: 1 }, environment);
    expect((await sender.send(body, json)).status).toBe(200);
    expect((await sender.send(body, json)).status).toBe(200);
    const plainSender = senderTo('http://siem.test:8080', { connections: 1 }, environment);
    expect((await plainSender.send(body, json)).status).toBe(200);
    expect((await plainSender.send(body, json)).status).toBe(200);
    expect(proxy.asked).toEqual([{ authority: 'localhost.:443', authorization: undefined }]);
    expect(plainProxy.asked).toEqual([{ authority: 'siem.test:8080', authorization: undefined }]);
    expect([receiver.statuses, plain.statuses]).toEqual([
      [200, 200],
      [200, 200],
    ]);
  });

  test('gets who we are, and the SIEM does not', async () => {
    const receiver = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const HTTP_PROXY = `ana:p%40ss@127.0.0.1:${proxy.port}`;
    expect((await senderTo('http://[fd00::1]:81', {}, { HTTP_PROXY }).send(body, json)).status).toBe(200);
    const basic = `Basic ${Buffer.from('ana:p@ss').toString('base64')}`;
    expect(proxy.asked).toEqual([{ authority: '[fd00::1]:81', authorization: basic }]);
    expect(receiver.requests[0]!.headers).not.toHaveProperty('proxy-authorization');
  });

  test('may speak TLS', async () => {
    const receiver = await startReceiver({ tls: certificate });
    const proxy = await startProxy(receiver.port, certificate);
    const environment = { HTTPS_PROXY: proxy.origin };
    const sender = senderTo(https, { tls: { ca: certificate.cert } }, environment);
    expect((await sender.send(body, json)).status).toBe(200);
    expect(proxy.asked).toHaveLength(1);
    expect(await failure(senderTo(https, {}, environment).send(body, json))).toBe(
      'proxy: TLS: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)',
    );
  });

  // A label has at most 63 characters: whether a name server is asked or not, it is not found.
  const nowhere = 'x'.repeat(64);

  test.each([
    'siem.test',
    '.siem.test',
    '*.siem.test',
    'a.test, SIEM.test:80',
    '*',
    'test',
    'a.test siem.test',
  ])('NO_PROXY=%s is about what is below siem.test', async (NO_PROXY) => {
    const proxy = await startProxy((await startReceiver()).port);
    const environment = { HTTP_PROXY: proxy.origin, NO_PROXY };
    const sender = senderTo(`http://${nowhere}.siem.test`, {}, environment);
    expect(await failure(sender.send(body, json))).toMatch(/^host not found /);
    expect(proxy.asked).toEqual([]);
  });

  test.each([
    '',
    'siem',
    'iem.test',
    'b.siem.test',
    'siem.test:81',
    'a.test',
    '10.0.0.0/8',
    '10.0.0.1',
    '::1',
  ])('NO_PROXY=%s is not about siem.test', async (no_proxy) => {
    const receiver = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const environment = { HTTP_PROXY: proxy.origin, no_proxy };
    expect((await senderTo('http://siem.test', {}, environment).send(body, json)).status).toBe(200);
    expect(proxy.asked).toHaveLength(1);
  });

  test.each([
    ['0.0.0.0', true],
    ['0.0.0.0:PORT', true],
    ['0.0.0.0:1', false],
    ['0.0.0.0/8', true],
    ['1.0.0.0/8', false],
    ['0.0.0.0/33', false],
    ['::/0', false],
    ['0.0', false],
  ])('NO_PROXY=%s, and an address', async (list, isExempt) => {
    const receiver = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const environment = { HTTP_PROXY: proxy.origin, NO_PROXY: list.replace('PORT', String(receiver.port)) };
    // This machine, by an address that does not look like it.
    const sender = senderTo(`http://0.0.0.0:${receiver.port}`, {}, environment);
    expect((await sender.send(body, json)).status).toBe(200);
    expect(proxy.asked).toHaveLength(isExempt ? 0 : 1);
  });

  test.each([
    ['fd00::1', true],
    ['FD00::1', true],
    ['[fd00::1]:81', true],
    ['[fd00::1]:82', false],
    ['fd00::/16', true],
    ['fd00::1:81', false],
    ['fe00::/16', false],
  ])('NO_PROXY=%s, and an address of IPv6', async (NO_PROXY, isExempt) => {
    const proxy = await startProxy((await startReceiver()).port);
    const sender = senderTo(
      'http://[fd00::1]:81',
      { timeout: isExempt ? short : long },
      {
        HTTP_PROXY: proxy.origin,
        NO_PROXY,
      },
    );
    const outcome = await sender.send(body, json).catch((error) => error);
    expect(outcome instanceof SendError).toBe(isExempt);
    expect(proxy.asked).toHaveLength(isExempt ? 0 : 1);
  });

  test('is never asked for this machine', async () => {
    const receiver = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const environment = { HTTP_PROXY: proxy.origin, HTTPS_PROXY: proxy.origin };
    expect((await senderTo(receiver.url, {}, environment).send(body, json)).status).toBe(200);
    expect(proxy.asked).toEqual([]);
  });

  test('an empty variable names none, and the other spelling counts', async () => {
    const receiver = await startReceiver();
    const proxy = await startProxy(receiver.port);
    const environment = { http_proxy: '', HTTP_PROXY: proxy.origin };
    expect((await senderTo('http://siem.test', {}, environment).send(body, json)).status).toBe(200);
    const sender = senderTo(`http://${nowhere}.test`, {}, { HTTP_PROXY: '', HTTPS_PROXY: proxy.origin });
    expect(await failure(sender.send(body, json))).toMatch(/^host not found /);
    expect(proxy.asked).toHaveLength(1);
  });

  test('that is down', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const sender = senderTo(
      https,
      {},
      { HTTPS_PROXY: `http://${secret}:${secret}@127.0.0.1:${receiver.port}` },
    );
    expect(await failure(sender.send(body, json))).toBe('proxy: refused (ECONNREFUSED)');
  });

  test('that refuses', async () => {
    const server = createServer().on('connect', (_request, socket) => {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    });
    const { origin, sockets } = await listen(server);
    const sender = senderTo(https, {}, { HTTPS_PROXY: origin });
    expect(await failure(sender.send(body, json))).toBe('proxy: it answered 407');
    expect(sockets).toHaveLength(1);
  });

  test('that hangs up is asked once a request', async () => {
    const { origin, sockets } = await serveTcp((socket) => socket.destroy());
    const sender = senderTo(https, {}, { HTTPS_PROXY: origin });
    expect(await failure(sender.send(body, json))).toMatch(/^proxy: connection broke \(\w+\)$/);
    expect(await failure(sender.send(body, json))).toMatch(/^proxy: connection broke \(\w+\)$/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sockets).toHaveLength(2);
  });

  test('that says nothing', async () => {
    const { origin, sockets } = await serveTcp(() => {});
    const sender = senderTo(https, { timeout: short }, { HTTPS_PROXY: origin });
    expect(await failure(sender.send(body, json))).toBe(`timeout after ${short} ms`);
    await vi.waitFor(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true), eventually);
  });

  test('of another kind, or none at all, is told at once', () => {
    for (const HTTPS_PROXY of [`socks5://${secret}`, 'http://', 'http://%:x@proxy.test', 'http://[x]']) {
      expect(() => senderTo(https, {}, { HTTPS_PROXY })).toThrow(/^HTTPS_PROXY is no http or https URL$/);
    }
  });
});
