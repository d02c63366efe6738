import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TokenSource } from '../../plugin/delivery/oauth.ts';
import { type Answer, SendError, Sender } from '../../plugin/delivery/sender.ts';
import type { DeliverSettings, OAuthSettings } from '../../plugin/mapping/deliver-settings.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { SentinelReceiver } from '../receivers/sentinel.ts';

// All that could be one, wherever it may turn up; see `failure`. It has what a form must encode.
const secret = 's3cret&a=b+c d%20e%é€';
const stream = 'Custom-Audit_CL';
const rows = Buffer.from(JSON.stringify([{ Actor: 'ana', TimeGenerated: '2026-03-02T08:00:00Z' }]));
const json = 'application/json';
const long = 50_000;
const short = 300;

const certificate = makeCertificate();
let receiver: SentinelReceiver;
const stops: (() => unknown)[] = [];
beforeEach(() => start());
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(more: Partial<ConstructorParameters<typeof SentinelReceiver>[0]> = {}): Promise<void> {
  receiver = new SentinelReceiver({
    tenant: 'tenant-1',
    clientId: 'client-1',
    clientSecret: secret,
    dcr: 'dcr-1',
    streams: {
      [stream]: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Actor', type: 'string' },
      ],
    },
    ...more,
  });
  const started = receiver;
  await started.listen();
  stops.push(() => started.close());
}

function sender(
  oauth: Partial<OAuthSettings> = {},
  more: Partial<DeliverSettings> = {},
  environment: NodeJS.ProcessEnv = {},
): Sender {
  const settings: DeliverSettings = {
    to: receiver.url + receiver.streamPath(stream),
    headers: { 'X-Secret': 's3cret', Authorization: 'Basic s3cret' },
    body: 'array',
    compress: true,
    timeout: long,
    connections: 8,
    retry: { every: 60_000, for: 300_000, later: 900_000 },
    retention: 604_800_000,
    oldestEvent: undefined,
    newestEvent: undefined,
    whenOlder: 'send',
    tls: {},
    oauth2: {
      tokenUrl: receiver.url + receiver.tokenPath,
      clientId: 'client-1',
      clientSecret: secret,
      scope: 'https://monitor.azure.com/.default',
      ...oauth,
    },
    ...more,
  };
  const made = new Sender({ settings, environment, userAgent: 'fluent-bit-siem/1.2.3' });
  stops.push(() => made.close());
  return made;
}

/** Why it failed. Nothing of the error tells a secret. */
async function failure(sending: Promise<unknown>): Promise<string> {
  const error = await sending.then(
    (answer) => expect.fail(`it was answered: ${inspect(answer)}`),
    (error) => error,
  );
  if (!(error instanceof SendError)) throw error;
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  return error.message;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A token endpoint that answers just this. */
function answering(status: number, body: string): Promise<string> {
  return serve((request, response) => {
    request.resume().on('end', () => response.writeHead(status, { location: '/elsewhere' }).end(body));
  });
}

describe('a sender with OAuth', () => {
  test('gets a token and keeps it', async () => {
    const one = sender();
    for (let count = 0; count < 3; count++) expect((await one.send(rows, json)).status).toBe(204);
    expect(receiver.tokenStatuses).toEqual([200]);
    expect(receiver.rowsOf(stream)).toHaveLength(3);
    expect(receiver.requests[0]!.headers['x-secret']).toBe('s3cret');
  });

  test('asks once for many requests at a time', async () => {
    const one = sender();
    const answers = await Promise.all(Array.from({ length: 20 }, () => one.send(rows, json)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(204));
    expect(receiver.tokenStatuses).toEqual([200]);
    receiver.revoke();
    const later = await Promise.all(Array.from({ length: 20 }, () => one.send(rows, json)));
    expect(later.map(({ status }) => status)).toEqual(Array(20).fill(204));
    expect(receiver.tokenStatuses).toEqual([200, 200]);
    expect(receiver.rowsOf(stream)).toHaveLength(40);
  });

  test('gets another one when it is refused, and repeats the request', async () => {
    const one = sender();
    await one.send(rows, json);
    receiver.revoke();
    expect((await one.send(rows, json)).status).toBe(204);
    expect((await one.send(rows, json)).status).toBe(204);
    expect(receiver.statuses).toEqual([204, 401, 204, 204]);
    expect(receiver.tokenStatuses).toEqual([200, 200]);
    expect(receiver.rowsOf(stream)).toHaveLength(3);
  });

  test('repeats it once: a second 401 is the answer', async () => {
    receiver.refuseWith = 401;
    const one = sender();
    expect((await one.send(rows, json)).status).toBe(401);
    expect(receiver.statuses).toEqual([401, 401]);
    expect(receiver.tokenStatuses).toEqual([200, 200]);
  });

  test.each([403, 429, 503])('repeats nothing after %i', async (status) => {
    receiver.refuseWith = status;
    expect((await sender().send(rows, json)).status).toBe(status);
    expect(receiver.statuses).toEqual([status]);
    expect(receiver.tokenStatuses).toEqual([200]);
  });

  test('gets another one before it ends', async () => {
    // The endpoint's time stands still: it would take the first one for ever.
    await start({ tokenLifetime: 1, now: () => 0 });
    const one = sender();
    await one.send(rows, json);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await one.send(rows, json)).status).toBe(204);
    expect(receiver.statuses).toEqual([204, 204]);
    expect(receiver.tokenStatuses).toEqual([200, 200]);
  });

  test('sends the endpoint nothing that is meant for the SIEM', async () => {
    let told: unknown;
    const endpoint = await serve(({ headers, method, url }, response) => {
      told = { headers, method, url };
      response.end(JSON.stringify({ access_token: 'abc', token_type: 'bearer', expires_in: '3599' }));
    });
    expect((await sender({ tokenUrl: `${endpoint}/token?a=1` }).send(rows, json)).status).toBe(401);
    const {
      'x-secret': own,
      authorization,
      'content-encoding': encoding,
      ...headers
    } = (told as { headers: Record<string, string> }).headers;
    expect([own, authorization, encoding]).toEqual([undefined, undefined, undefined]);
    expect({ ...(told as object), headers }).toMatchObject({
      method: 'POST',
      url: '/token?a=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': 'fluent-bit-siem/1.2.3',
      },
    });
  });

  test('reaches the endpoint as it does the SIEM: by the proxy, and with its authority', async () => {
    await start({ tls: certificate });
    const { port } = receiver;
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url);
      const onward = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      }).on('error', () => socket.destroy());
      socket.on('error', () => {}).on('close', () => onward.destroy());
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    stops.push(() => proxy.close());
    // A name for this machine that does not look like one.
    const one = sender(
      { tokenUrl: `https://localhost.:444${receiver.tokenPath}` },
      { to: `https://localhost.${receiver.streamPath(stream)}`, tls: { ca: certificate.cert } },
      { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    );
    expect((await one.send(rows, json)).status).toBe(204);
    expect(asked).toEqual(['localhost.:444', 'localhost.:443']);
  });
});

describe('no token', () => {
  test.each([
    ['a wrong secret', { clientSecret: 's3cret' }, '401 invalid_client'],
    ['a wrong client', { clientId: 's3cret' }, '400 unauthorized_client'],
    ['no scope', { scope: undefined }, '400 invalid_request'],
  ])('%s', async (_what, oauth, reason) => {
    expect(await failure(sender(oauth).send(rows, json))).toBe(`token endpoint: ${reason}`);
    expect(receiver.requests).toEqual([]);
  });

  test('the endpoint is down, or out of order, and then well again', async () => {
    const one = sender();
    receiver.refuseTokensWith = 503;
    const reason = 'token endpoint: 503 temporarily_unavailable';
    expect(await Promise.all([failure(one.send(rows, json)), failure(one.send(rows, json))])).toEqual([
      reason,
      reason,
    ]);
    expect(receiver.tokenStatuses).toEqual([503]);
    receiver.refuseTokensWith = undefined;
    expect((await one.send(rows, json)).status).toBe(204);
    await receiver.close();
    const { port } = receiver;
    const other = sender({ tokenUrl: `http://127.0.0.1:${port}/token` });
    expect(await failure(other.send(rows, json))).toBe('token endpoint: refused (ECONNREFUSED)');
  });

  test('the new one is refused after a 401', async () => {
    const one = sender();
    await one.send(rows, json);
    receiver.revoke();
    receiver.refuseTokensWith = 500;
    expect(await failure(one.send(rows, json))).toBe('token endpoint: 500 temporarily_unavailable');
    expect(receiver.statuses).toEqual([204, 401]);
  });

  test('the endpoint does not answer', async () => {
    let asked = 0;
    const endpoint = await serve(() => asked++);
    const one = sender({ tokenUrl: endpoint }, { timeout: short });
    expect(await failure(one.send(rows, json))).toBe(`token endpoint: timeout after ${short} ms`);
    const other = sender({ tokenUrl: endpoint });
    const sending = failure(other.send(rows, json));
    await vi.waitFor(() => expect(asked).toBe(2), { timeout: 30_000, interval: 5 });
    await other.close();
    expect(await sending).toBe('token endpoint: the service is stopping');
  });

  test.each([
    ['a redirect', 302, '', '302'],
    ['no JSON', 500, '<html>s3cret</html>', '500'],
    ['a code that is none', 400, '{"error":"s3cret is wrong"}', '400'],
    ['a code that is no text', 400, '{"error":{"code":"s3cret"}}', '400'],
    ['JSON that is no object', 400, 'null', '400'],
    ['an empty answer', 200, '', '200 without a usable access_token'],
    ['no token', 200, '{"error":"s3cret"}', '200 without a usable access_token'],
    [
      'a token that breaks the header',
      200,
      '{"access_token":"s3cret\\r\\nx: 1"}',
      '200 without a usable access_token',
    ],
    [
      'a token of another type',
      200,
      '{"access_token":"s3cret","token_type":"mac"}',
      '200 with a token that is not of the type Bearer',
    ],
    [
      'an answer without end',
      200,
      `{"access_token":"s3cret${'x'.repeat(100_000)}"}`,
      '200 without a usable access_token',
    ],
  ])('%s', async (_what, status, body, reason) => {
    const one = sender({ tokenUrl: await answering(status, body) });
    expect(await failure(one.send(rows, json))).toBe(`token endpoint: ${reason}`);
    expect(receiver.requests).toEqual([]);
  });
});

describe('a source of tokens', () => {
  /** Answers with a new token each time, and this beside it. */
  function sourceOf(more: Record<string, unknown>): { source: TokenSource; forms: string[] } {
    const forms: string[] = [];
    const settings = {
      tokenUrl: 'https://login.test',
      clientId: 'a b',
      clientSecret: secret,
      scope: undefined,
    };
    const source = new TokenSource(settings, async (form): Promise<Answer> => {
      forms.push(form);
      const text = JSON.stringify({ access_token: `t${forms.length}`, ...more });
      return { status: 200, retryAfter: undefined, text };
    });
    return { source, forms };
  }

  test('encodes the form, and leaves out a scope that there is not', async () => {
    const { source, forms } = sourceOf({});
    await source.token();
    expect(forms).toEqual([
      'grant_type=client_credentials&client_id=a+b&client_secret=s3cret%26a%3Db%2Bc+d%2520e%25%C3%A9%E2%82%AC',
    ]);
  });

  test.each([
    ['an hour', 3600],
    ['an hour, as text', '3600'],
    ['nobody knows how long', undefined],
    ['a time that is none', 'soon'],
    ['less than no time', -1],
  ])('keeps one that is good for %s', async (_what, expires_in) => {
    const { source, forms } = sourceOf({ expires_in });
    expect([await source.token(), await source.token(), forms.length]).toEqual(['t1', 't1', 1]);
  });

  test('forgets what was refused, but not the one that came after it', async () => {
    const { source } = sourceOf({});
    await source.token();
    source.invalidate('t1');
    expect(await source.token()).toBe('t2');
    source.invalidate('t1');
    expect(await source.token()).toBe('t2');
  });

  test('asks again once the time is nearly over', async () => {
    const { source } = sourceOf({ expires_in: 0.05 });
    await source.token();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await source.token()).toBe('t2');
  });
});
