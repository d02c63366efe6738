import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { relayRoutes } from '../../plugin/http/relay.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let primary: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: FastifyInstance;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  const path = join(folder, 'primary.sock');
  primary = createServer((request, response) => answer(request, response)).listen(path);
  await once(primary, 'listening');
  server = fastify({ bodyLimit: 1000 });
  relayRoutes(server, path);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  primary.closeAllConnections();
  primary.close();
  server.server.closeAllConnections();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
};

test('method, path, headers and body go on as they came, and the answer comes back', async () => {
  answer = async (request, response) => {
    const { method, url: path, headers } = request;
    const body = await read(request);
    response.writeHead(418, { 'x-answer': 'yes', 'content-type': 'text/odd' });
    response.end(JSON.stringify({ method, path, headers, body }));
  };
  // fetch takes each character for a byte, and so has Node.js them on the other side.
  const tag = Buffer.from('siem.größe').toString('latin1');
  const body = 'x'.repeat(5000);
  const response = await fetch(`${url}/deliver/a%2Fb?c=d`, {
    method: 'POST',
    headers: { 'fluent-tag': tag, origin: 'https://elsewhere', 'content-type': 'odd/type' },
    body,
  });
  expect([response.status, response.headers.get('x-answer'), response.headers.get('content-type')]).toEqual([
    418,
    'yes',
    'text/odd',
  ]);
  expect(await response.json()).toEqual({
    method: 'POST',
    path: '/deliver/a%2Fb?c=d',
    body,
    headers: expect.objectContaining({
      connection: 'keep-alive',
      host: new URL(url).host,
      origin: 'https://elsewhere',
      'content-type': 'odd/type',
      'content-length': '5000',
      'fluent-tag': tag,
    }),
  });
});

test.each(['GET', 'HEAD', 'DELETE'])('%s without a body', async (method) => {
  const seen: unknown[] = [];
  answer = async (request, response) => {
    seen.push(request.method, await read(request), request.headers['transfer-encoding']);
    response.end('fine');
  };
  const response = await fetch(url, { method });
  expect([response.status, await response.text()]).toEqual([200, method === 'HEAD' ? '' : 'fine']);
  expect(seen.slice(0, 2)).toEqual([method, '']);
});

test('an answer before the end of the body reaches the sender, and the connection lives on', async () => {
  answer = (_request, response) => void response.writeHead(503).end('held');
  const socket = createConnection((server.server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('latin1');
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  socket.write('POST /deliver/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n');
  await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1\.1 503 .*held/s), 30_000);
  socket.write('x'.repeat(300_000));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await vi.waitFor(() => expect(text.match(/HTTP\/1\.1 503/g)).toHaveLength(2), 30_000);
  socket.destroy();
});

test('a sender that goes away is gone for the primary, too', async () => {
  const gone = new Promise((resolve) => {
    answer = (_request, response) => void response.once('close', resolve);
  });
  const socket = createConnection((server.server.address() as AddressInfo).port, '127.0.0.1');
  const asked = once(primary, 'request');
  socket.write('POST /deliver/splunk HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx');
  await asked;
  socket.destroy();
  await gone;
});

test('without the primary it is 503', async () => {
  primary.close();
  await once(primary, 'close');
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(503);
});
