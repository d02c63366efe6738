import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ElasticsearchReceiver } from './elasticsearch.ts';

let receiver: ElasticsearchReceiver;

const options = {
  authorization: 'ApiKey aWQ6a2V5',
  mapping: {
    user: 'keyword',
    count: 'long',
    ratio: 'double',
    ok: 'boolean',
    'source.ip': 'ip',
    request: 'object',
  },
} as const;

beforeEach(async () => {
  receiver = new ElasticsearchReceiver(options);
  await receiver.listen();
});
afterEach(() => receiver.close());

interface Send {
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}

function send(body: string | Buffer, { path = '/audit/_bulk', headers = {}, method = 'POST' }: Send = {}) {
  return fetch(receiver.url + path, {
    method,
    headers: { authorization: 'ApiKey aWQ6a2V5', 'content-type': 'application/x-ndjson', ...headers },
    body,
  });
}

interface BulkAnswer {
  errors: boolean;
  items: Record<string, { status: number; error?: { type: string; reason: string; caused_by?: object } }>[];
}

async function bulk(lines: readonly (object | string)[], path = '/audit/_bulk'): Promise<BulkAnswer> {
  const texts = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  const answer = await send(texts.join(''), { path });
  expect(answer.status).toBe(200);
  return (await answer.json()) as BulkAnswer;
}

const time = { '@timestamp': '2026-03-02T08:00:00.125Z' };

test('documents are taken, and each gets an answer', async () => {
  const documents = [
    { ...time, user: 'ana', count: 3, ratio: 1, ok: 'true', 'source.ip': '203.0.113.10', request: {} },
    { '@timestamp': 1772438400125, user: ['ana', 7], count: '3', source: { ip: '::1' }, other: { any: [] } },
    { ...time, user: null, count: null },
  ];
  const answer = await bulk([
    { create: {} },
    documents[0]!,
    { index: { _index: 'other', _id: 1 } },
    documents[1]!,
    { create: { _id: 'a' } },
    documents[2]!,
  ]);
  expect(answer).toMatchObject({
    errors: false,
    items: [
      { create: { _index: 'audit', _id: expect.any(String), status: 201 } },
      { index: { _index: 'other', _id: '1', status: 201 } },
      { create: { _index: 'audit', _id: 'a', status: 201 } },
    ],
  });
  expect(receiver.records).toEqual(documents);
  expect(receiver.largestRequest).toBe(3);
});

test('integers keep their digits', async () => {
  await bulk([{ create: {} }, '{"@timestamp":1772438400125,"count":9007199254740993}']);
  expect(receiver.records).toEqual([{ '@timestamp': 1772438400125, count: 9007199254740993n }]);
});

test('gzip, JSON and the path without an index will do', async () => {
  const body = `{"create":{"_index":"audit"}}\n${JSON.stringify(time)}\n`;
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
  expect((await send(gzipSync(body), { path: '/_bulk', headers })).status).toBe(200);
  expect(receiver.records).toEqual([time]);
});

test.each([
  ['no authorization', 401, 'security_exception', { headers: { authorization: '' } }],
  ['another key', 401, 'security_exception', { headers: { authorization: 'ApiKey aWQ6a2V6' } }],
  ['another content type', 406, 'media_type_header_exception', { headers: { 'content-type': 'text/plain' } }],
  ['another path', 400, 'illegal_argument_exception', { path: '/audit/_doc' }],
  ['another method', 405, 'illegal_argument_exception', { method: 'DELETE' }],
  ['another encoding', 415, 'illegal_argument_exception', { headers: { 'content-encoding': 'deflate' } }],
  ['broken gzip', 400, 'illegal_argument_exception', { headers: { 'content-encoding': 'gzip' } }],
  ['no index', 400, 'illegal_argument_exception', { path: '/_bulk' }],
] as [string, number, string, Send][])('%s is refused', async (_what, status, type, change) => {
  const answer = await send(`{"create":{}}\n${JSON.stringify(time)}\n`, change);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { type, root_cause: [{ type }] }, status });
  expect([receiver.records, receiver.statuses]).toEqual([[], [status]]);
});

test.each([
  ['nothing', '', 'request body is required'],
  [
    'no line break at the end',
    `{"create":{}}\n${JSON.stringify(time)}`,
    'The bulk request must be terminated by a newline [\\n]',
  ],
  ['an action that is no JSON', `{"create":{}\n${JSON.stringify(time)}\n`, 'Malformed action/metadata line'],
  ['an action that is an array', `[]\n${JSON.stringify(time)}\n`, 'Malformed action/metadata line'],
  ['two actions', `{"create":{},"index":{}}\n${JSON.stringify(time)}\n`, 'Malformed action/metadata line'],
  ['another action', `{"delete":{"_id":"a"}}\n${JSON.stringify(time)}\n`, 'Malformed action/metadata line'],
  ['an action without a document', '{"create":{}}\n', 'Malformed action/metadata line'],
])('%s is refused', async (_what, body, reason) => {
  const answer = await send(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { reason } });
});

test.each([
  ['no time', { user: 'ana' }, 'failed to parse'],
  [
    'a time that is none',
    { '@timestamp': 'today' },
    'failed to parse field [@timestamp] of type [date], value: "today"',
  ],
  [
    'a time in fractions',
    { '@timestamp': 1.5 },
    'failed to parse field [@timestamp] of type [date], value: 1.5',
  ],
  ['an object for a keyword', { user: {} }, 'failed to parse field [user] of type [keyword], value: {}'],
  [
    'an object among keywords',
    { user: ['a', {}] },
    'failed to parse field [user] of type [keyword], value: {}',
  ],
  ['a text for a long', { count: 'many' }, 'failed to parse field [count] of type [long], value: "many"'],
  [
    'a long that is too long',
    { count: 1e19 },
    'failed to parse field [count] of type [long], value: 10000000000000000000',
  ],
  ['an empty text for a double', { ratio: '' }, 'failed to parse field [ratio] of type [double], value: ""'],
  ['a number for a boolean', { ok: 1 }, 'failed to parse field [ok] of type [boolean], value: 1'],
  [
    'a name for an address',
    { source: { ip: 'gw1' } },
    'failed to parse field [source.ip] of type [ip], value: "gw1"',
  ],
  [
    'the same by its dotted name',
    { 'source.ip': 'gw1' },
    'failed to parse field [source.ip] of type [ip], value: "gw1"',
  ],
  [
    'a text for an object',
    { request: 'GET /' },
    'failed to parse field [request] of type [object], value: "GET /"',
  ],
  ['no JSON', '{"user":', 'failed to parse'],
])('%s refuses one document and not its neighbours', async (_what, bad, reason) => {
  const document =
    typeof bad === 'string' ? bad : 'user' in bad && bad.user === 'ana' ? bad : { ...time, ...bad };
  const answer = await bulk([{ create: {} }, time, { create: {} }, document, { create: {} }, time]);
  expect(answer.errors).toBe(true);
  expect(answer.items.map(({ create }) => create!.status)).toEqual([201, 400, 201]);
  expect(answer.items[1]!.create!.error).toMatchObject({ type: 'mapper_parsing_exception', reason });
  expect(receiver.records).toEqual([time, time]);
});

test('an id is created once, and indexed as often as one likes', async () => {
  const answer = await bulk([
    { create: { _id: 'a' } },
    { ...time, count: 1 },
    { create: { _id: 'a' } },
    { ...time, count: 2 },
    { index: { _id: 'a' } },
    { ...time, count: 3 },
    { create: { _id: 'a', _index: 'other' } },
    { ...time, count: 4 },
  ]);
  expect(answer.items.map((item) => Object.values(item)[0]!.status)).toEqual([201, 409, 200, 201]);
  expect(answer.items[1]!.create!.error!.type).toBe('version_conflict_engine_exception');
  expect(receiver.records).toMatchObject([{ count: 3 }, { count: 4 }]);
});

test('a data stream takes no index', async () => {
  const stream = new ElasticsearchReceiver({ ...options, dataStream: true });
  await stream.listen();
  try {
    const answer = await fetch(`${stream.url}/audit/_bulk`, {
      method: 'POST',
      headers: { authorization: options.authorization, 'content-type': 'application/x-ndjson' },
      body: [{ index: {} }, time, { create: {} }, time].map((line) => `${JSON.stringify(line)}\n`).join(''),
    });
    const { items } = (await answer.json()) as BulkAnswer;
    expect(items.map((item) => Object.values(item)[0]!.status)).toEqual([400, 201]);
    expect(items[0]!.index!.error!.reason).toMatch(/^only write ops with an op_type of create/);
  } finally {
    await stream.close();
  }
});

test('items are refused while the test says so', async () => {
  receiver.refuseItem = ({ user }) => (user === 'ana' ? 429 : undefined);
  const answer = await bulk([
    { create: {} },
    { ...time, user: 'ana' },
    { create: {} },
    { ...time, user: 'bob' },
  ]);
  expect(answer).toMatchObject({
    errors: true,
    items: [
      { create: { status: 429, error: { type: 'es_rejected_execution_exception' } } },
      { create: { status: 201 } },
    ],
  });
});

test('more than the server takes is refused', async () => {
  const small = new ElasticsearchReceiver({ ...options, maxBody: 10 });
  await small.listen();
  try {
    const headers = { authorization: options.authorization, 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${small.url}/_bulk`, {
      method: 'POST',
      headers,
      body: '{"create":{}}\n{}\n',
    });
    expect(answer.status).toBe(413);
  } finally {
    await small.close();
  }
});
