import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Column, SentinelReceiver } from './sentinel.ts';

let now: number;
let receiver: SentinelReceiver;

const columns: Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Actor', type: 'string' },
  { name: 'Small', type: 'int' },
  { name: 'Large', type: 'long' },
  { name: 'Ratio', type: 'real' },
  { name: 'Ok', type: 'boolean' },
  { name: 'Raw', type: 'dynamic' },
];
const TimeGenerated = '2026-03-02T08:00:00.125Z';

beforeEach(async () => {
  now = 1772438400000;
  receiver = new SentinelReceiver({
    tenant: 'tenant-1',
    clientId: 'client-1',
    clientSecret: 's&cret=+',
    dcr: 'dcr-1',
    streams: { 'Custom-Audit_CL': columns },
    now: () => now,
  });
  await receiver.listen();
});
afterEach(() => receiver.close());

const form = {
  grant_type: 'client_credentials',
  client_id: 'client-1',
  client_secret: 's&cret=+',
  scope: 'https://monitor.azure.com/.default',
};

function askForToken(
  fields: Record<string, string | undefined> = {},
  { path = receiver.tokenPath, headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const entries = Object.entries({ ...form, ...fields }).filter(([, value]) => value !== undefined);
  const body = new URLSearchParams(entries as [string, string][]);
  return fetch(receiver.url + path, { method: 'POST', headers, body });
}

async function token(): Promise<string> {
  return ((await (await askForToken()).json()) as { access_token: string }).access_token;
}

interface Send {
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}

async function send(body: string | Buffer, { path, headers, method = 'POST' }: Send = {}): Promise<Response> {
  return fetch(receiver.url + (path ?? receiver.streamPath('Custom-Audit_CL')), {
    method,
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json', ...headers },
    body,
  });
}

describe('tokens', () => {
  test('the right form gets one, which lets in', async () => {
    const answer = await askForToken();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.stringMatching(/^\S{32}$/),
    });
    expect((await send('[]')).status).toBe(204);
  });

  test('so does Basic authorization in the place of id and secret', async () => {
    const basic = Buffer.from('client-1:s%26cret%3D%2B').toString('base64');
    const fields = { client_id: undefined, client_secret: undefined };
    expect((await askForToken(fields, { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);
    // RFC 6749 asks for percent-encoding before base64: as it is, a plus sign is a space.
    const plain = Buffer.from('client-1:s&cret=+').toString('base64');
    expect((await askForToken(fields, { headers: { authorization: `Basic ${plain}` } })).status).toBe(401);
    const wrong = Buffer.from('client-1:secret').toString('base64');
    expect((await askForToken(fields, { headers: { authorization: `Basic ${wrong}` } })).status).toBe(401);
  });

  test.each([
    ['a wrong secret', { client_secret: 's&cret= ' }, 401, 'invalid_client'],
    ['no secret', { client_secret: undefined }, 401, 'invalid_client'],
    ['a wrong client', { client_id: 'client-2' }, 400, 'unauthorized_client'],
    ['no client', { client_id: undefined }, 400, 'invalid_request'],
    ['a wrong grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no grant', { grant_type: undefined }, 400, 'invalid_request'],
    ['a wrong scope', { scope: 'https://monitor.azure.com/' }, 400, 'invalid_scope'],
    ['no scope', { scope: undefined }, 400, 'invalid_request'],
  ])('%s gets none', async (_what, fields, status, error) => {
    const answer = await askForToken(fields as Record<string, string | undefined>);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error,
      error_description: expect.stringMatching(/^AADSTS\d+: /),
    });
    expect(receiver.tokenStatuses).toEqual([status]);
    expect(receiver.requests).toEqual([]);
  });

  test('neither does another tenant, another content type, another method', async () => {
    expect((await askForToken({}, { path: '/tenant-2/oauth2/v2.0/token' })).status).toBe(400);
    expect((await askForToken({}, { headers: { 'content-type': 'application/json' } })).status).toBe(400);
    expect((await fetch(receiver.url + receiver.tokenPath)).status).toBe(405);
  });

  test('they end, and can be revoked', async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    now += 3598_999;
    expect((await send('[]', { headers })).status).toBe(204);
    now += 1;
    expect((await send('[]', { headers })).status).toBe(401);
    const next = { authorization: `Bearer ${await token()}` };
    receiver.revoke();
    const answer = await send('[]', { headers: next });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
  });

  test('a switch of their own refuses them', async () => {
    receiver.refuseTokensWith = 503;
    expect((await askForToken()).status).toBe(503);
    receiver.refuseTokensWith = undefined;
    receiver.refuseWith = 429;
    expect((await askForToken()).status).toBe(200);
    expect((await send('[{}]')).status).toBe(429);
  });
});

describe('a request is refused', () => {
  test.each([
    ['without authorization', 401, { headers: { authorization: '' } }],
    ['with an unknown token', 401, { headers: { authorization: 'Bearer abc' } }],
    ['with another scheme', 401, { headers: { authorization: 'Basic abc' } }],
    [
      'for another rule',
      404,
      { path: '/dataCollectionRules/dcr-2/streams/Custom-Audit_CL?api-version=2023-01-01' },
    ],
    [
      'for another stream',
      404,
      { path: '/dataCollectionRules/dcr-1/streams/Custom-Other_CL?api-version=2023-01-01' },
    ],
    [
      "for a stream of the prototype's",
      404,
      { path: '/dataCollectionRules/dcr-1/streams/toString?api-version=2023-01-01' },
    ],
    ['for another path', 404, { path: '/api/logs?api-version=2023-01-01' }],
    ['without an api-version', 400, { path: '/dataCollectionRules/dcr-1/streams/Custom-Audit_CL' }],
    [
      'for another api-version',
      400,
      { path: '/dataCollectionRules/dcr-1/streams/Custom-Audit_CL?api-version=2022-01-01' },
    ],
    ['by another method', 405, { method: 'PUT' }],
    ['with another content type', 415, { headers: { 'content-type': 'application/x-ndjson' } }],
    ['with another encoding', 415, { headers: { 'content-encoding': 'deflate' } }],
    ['with broken gzip', 400, { headers: { 'content-encoding': 'gzip' } }],
  ] as [string, number, Send][])('%s', async (_what, status, options) => {
    const answer = await send(JSON.stringify([{ TimeGenerated }]), options);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { code: expect.any(String), message: expect.any(String) },
    });
    expect([receiver.records, receiver.statuses]).toEqual([[], [status]]);
  });

  test.each([
    ['an object', '{}'],
    ['a text', '"a"'],
    ['broken JSON', '[{]'],
    ['one object a line', '{}\n{}'],
    ['nothing', ''],
  ])('when it holds %s', async (_what, body) => {
    expect((await send(body)).status).toBe(400);
  });

  test('when it is larger than 1,048,576 bytes, packed or unpacked', async () => {
    const bodyOf = (bytes: number): string => `[${' '.repeat(bytes - 2)}]`;
    expect((await send(bodyOf(1_048_576))).status).toBe(204);
    const answer = await send(bodyOf(1_048_577));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual({
      error: {
        code: 'ContentLengthLimitExceeded',
        message: 'Maximum allowed content length: 1048576 bytes. Provided content length: 1048577 bytes.',
      },
    });
    const headers = { 'content-encoding': 'gzip' };
    expect((await send(gzipSync(bodyOf(1_048_576)), { headers })).status).toBe(204);
    expect((await send(gzipSync(bodyOf(1_048_577)), { headers })).status).toBe(413);
  });
});

describe('what is taken', () => {
  test('rows are kept by stream, of either api-version', async () => {
    const rows = [
      { TimeGenerated, Actor: 'ana', Small: -2147483648, Ratio: 0.5, Ok: false, Raw: { a: [1] } },
      { TimeGenerated: '2026-03-02T08:00:00', Actor: null, Small: null, Ratio: 3, Raw: 'text' },
    ];
    expect((await send(JSON.stringify(rows))).status).toBe(204);
    const path = '/dataCollectionRules/dcr-1/streams/Custom-Audit_CL?api-version=2021-11-01-preview';
    const long = `[{"TimeGenerated":"${TimeGenerated}","Large":9223372036854775807}]`;
    expect((await send(long, { path })).status).toBe(204);
    const all = [...rows, { TimeGenerated, Large: 9223372036854775807n }];
    expect(receiver.records).toEqual(all);
    expect(receiver.rowsOf('Custom-Audit_CL')).toEqual(all);
    expect(receiver.rowsOf('Custom-Other_CL')).toEqual([]);
    expect(receiver.violations).toEqual([]);
    expect(receiver.largestRequest).toBe(2);
  });

  test('a request line in absolute form will do: Fluent Bit sends it', async () => {
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' };
    const path = receiver.url + receiver.streamPath('Custom-Audit_CL');
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port: receiver.port, host: '127.0.0.1', method: 'POST', path, headers }, (answer) =>
        resolve(answer.statusCode),
      )
        .on('error', reject)
        .end('[]');
    });
    expect(status).toBe(204);
  });

  test.each([
    ['a column that is not declared', { actor: 'ana' }, 'actor: not declared'],
    ['a number for a string', { Actor: 1 }, 'Actor: no string: 1'],
    ['an object for a string', { Actor: {} }, 'Actor: no string: {}'],
    ['a text for an int', { Small: '1' }, 'Small: no int: "1"'],
    ['a fraction for an int', { Small: 1.5 }, 'Small: no int: 1.5'],
    ['an int that is too large', { Small: 2147483648 }, 'Small: no int: 2147483648'],
    ['an int that is too small', { Small: -2147483649 }, 'Small: no int: -2147483649'],
    ['a long that is too large', { Large: 1e19 }, 'Large: no long: 10000000000000000000'],
    ['a text for a real', { Ratio: '0.5' }, 'Ratio: no real: "0.5"'],
    ['a number for a boolean', { Ok: 1 }, 'Ok: no boolean: 1'],
    ['a string that is too long', { Actor: 'é'.repeat(32_769) }, 'Actor: more than 65536 bytes'],
    ['an object that is too long', { Raw: ['x'.repeat(65_533)] }, 'Raw: more than 65536 bytes'],
    ['a time that is none', { TimeGenerated: 'yesterday' }, 'TimeGenerated: no datetime: "yesterday"'],
    [
      'a time in epoch seconds',
      { TimeGenerated: 1772438400.125 },
      'TimeGenerated: no datetime: 1772438400.125',
    ],
    ['no time', { TimeGenerated: undefined }, 'TimeGenerated: missing'],
    ['an empty time', { TimeGenerated: null }, 'TimeGenerated: missing'],
  ])('%s is a violation', async (_what, row, violation) => {
    expect((await send(JSON.stringify([{ TimeGenerated, ...row }]))).status).toBe(204);
    expect(receiver.violations).toEqual([violation]);
    expect(receiver.records).toHaveLength(1);
  });

  test('so is a row that is no object', async () => {
    expect((await send('[1]')).status).toBe(204);
    expect([receiver.violations, receiver.records]).toEqual([['no object: 1'], []]);
  });

  test('values as long as they may be are none', async () => {
    const row = { TimeGenerated, Actor: 'é'.repeat(32_768), Raw: ['x'.repeat(65_532)] };
    expect((await send(JSON.stringify([row]))).status).toBe(204);
    expect(receiver.violations).toEqual([]);
  });
});
