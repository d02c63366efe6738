import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isFromOtherSite, isOwnHost } from '../../plugin/http/other-sites.ts';
import { Service } from './helpers.ts';

const listen = { host: '127.0.0.1', port: 2021 };
const script = 'console.log("page")\n'.repeat(50);
let folder: string;
let service: Service;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  mkdirSync(join(folder, 'web/assets'), { recursive: true });
  writeFileSync(join(folder, 'web/index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'web/assets/main-1a2b.js'), script);
  writeFileSync(join(folder, 'web/assets/main-1a2b.js.br'), brotliCompressSync(script));
  writeFileSync(join(folder, 'web/assets/main-1a2b.js.gz'), gzipSync(script));
  writeFileSync(join(folder, 'secret.js'), 'not the page');
  service = await Service.start({ page: { page: join(folder, 'web'), listen } });
});
afterEach(async () => {
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a request as it is written, and gives the answer as it comes. */
function send(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(service.port, '127.0.0.1', () => socket.write(request));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

const ask = (path: string, host: string, method = 'GET', more = ''): Promise<string> =>
  send(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n${more}\r\n`,
  );

describe('the page', () => {
  test('comes with a policy that lets it load and ask nothing but the service', async () => {
    const { status, headers, text } = await service.fetch('/');
    expect([status, text]).toEqual([200, '<!doctype html><title>page</title>']);
    const policy = headers.get('content-security-policy')!.split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['identity', null],
  ])('is packed as was accepted: %s', async (accepted, encoding) => {
    const { headers, text } = await service.fetch('/assets/main-1a2b.js', {
      headers: { 'accept-encoding': accepted },
    });
    expect(headers.get('content-encoding')).toBe(encoding);
    expect(headers.get('vary')).toBe('accept-encoding');
    expect(text).toBe(script);
  });

  test('is kept by browsers: assets for ever, and nothing is sent twice', async () => {
    const { headers } = await service.fetch('/assets/main-1a2b.js');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const again = await service.fetch('/assets/main-1a2b.js', {
      headers: { 'if-none-match': headers.get('etag')! },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test.each([
    '/assets/../../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/assets//etc/passwd',
    '/assets/',
    '/assets/main-1a2b.js.br',
    '/assets/nothing.js',
  ])('has its own files only: %s', async (path) => {
    const answer = await ask(path, '127.0.0.1');
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('not the page');
  });
});

describe('a name that leads here from elsewhere (DNS rebinding)', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/api/state'],
    ['GET', '/api/session'],
    ['GET', '/destinations'],
    ['POST', '/destinations/splunk/pause'],
    ['POST', '/api/dead-letters/replay'],
  ])('gets nothing from %s %s', async (method, path) => {
    const answer = await ask(path, 'evil.example:2021', method, 'Origin: http://evil.example:2021\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 .*"other_host"/s);
  });

  test('is no matter to collectors, probes and scrapers', async () => {
    expect(await ask('/metrics', 'monitored.example')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('/health', 'monitored.example')).toMatch(/^HTTP\/1\.1 200 /);
    // It is looked at, and is empty.
    expect(await ask('/map/splunk', 'siem.example', 'POST')).toMatch(/^HTTP\/1\.1 400 .*"undecodable_body"/s);
  });

  test.each(['127.0.0.1:2021', 'localhost:2021', '127.0.0.9', '[::1]:8080', 'LOCALHOST', 'localhost.:1'])(
    '%s is none',
    (host) => expect(isOwnHost(host, listen)).toBe(true),
  );
  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '[::2]', '0'])(
    '%s is one',
    (host) => expect(isOwnHost(host, listen)).toBe(false),
  );
  test('the name that stands in service.listen is its own', () => {
    expect(isOwnHost('siem.internal:2021', { host: 'siem.internal', port: 2021 })).toBe(true);
  });
});

describe('pages of other sites', () => {
  const host = '127.0.0.1:2021';
  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:8080' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: `http://${host}` },
  ])('are known: %j', (headers) => expect(isFromOtherSite({ host, ...headers })).toBe(true));
  test.each([
    {},
    { origin: `http://${host}` },
    { 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
    { 'sec-fetch-site': 'none' },
  ])('are not: %j', (headers) => expect(isFromOtherSite({ host, ...headers })).toBe(false));

  test.each(['/api/session', '/api/dead-letters/replay', '/destinations/splunk/pause'])(
    'can not POST to %s',
    async (path) => {
      const answer = await ask(path, '127.0.0.1', 'POST', 'Sec-Fetch-Site: cross-site\r\n');
      expect(answer).toMatch(/^HTTP\/1\.1 403 .*"other_site"/s);
    },
  );
});
