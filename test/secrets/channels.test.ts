import childProcess, { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Folder } from '../cli/helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { OtlpReceiver } from '../receivers/otlp.ts';
import { findChromium } from '../setup/chromium.mjs';
import { Tab } from '../web/browser.ts';
import { collectedIn } from './collect.ts';
import { leaksIn } from './leaks.ts';
import { marker, secret } from './marker.ts';

// A leak is planted in each way in which the service says something to a test, and must be in what is collected.

const planted = secret('planted');
/** Says it, as whoever stands behind the service's command would. */
const says = (stream: 'stdout' | 'stderr'): string[] => ['-e', `process.${stream}.write('${planted}')`];
const own = process.env[collectedIn];
let folder: string;
let stops: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-planted-'));
  process.env[collectedIn] = folder;
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  process.env[collectedIn] = own;
  rmSync(folder, { recursive: true });
});

const found = (): number =>
  readdirSync(folder).flatMap((name) => leaksIn(readFileSync(join(folder, name), 'latin1'))).length;
const isFound = (): Promise<void> => vi.waitFor(() => expect(found()).toBeGreaterThan(0), 30_000);

describe('output', () => {
  test.each(['stdout', 'stderr'] as const)('of spawn: %s', async (stream) => {
    const child = spawn(process.execPath, says(stream));
    // Only what somebody reads is seen.
    child[stream].resume();
    await isFound();
  });
  test.each(['stdout', 'stderr'] as const)('of spawnSync, execFileSync and execSync: %s', (stream) => {
    spawnSync(process.execPath, says(stream), { encoding: 'utf8' });
    expect(found()).toBe(1);
    execFileSync(process.execPath, says(stream));
    expect(found()).toBe(2);
    execSync(`"$NODE" -e "${says(stream)[1]}"`, { env: { NODE: process.execPath } });
    expect(found()).toBe(3);
  });
  test('of one that fails', () => {
    const fails = ['-e', `console.error('${planted}'); process.exit(3)`];
    expect(() => execFileSync(process.execPath, fails)).toThrow(/failed/);
    expect(found()).toBe(1);
  });
  test('of one that a shell starts', () => {
    spawnSync('sh', ['-c', '"$@"', 'sh', process.execPath, ...says('stderr')]);
    expect(found()).toBe(1);
  });
  test("is not Fluent Bit's", () => {
    spawnSync('sh', ['-c', `echo ${planted}`, '/opt/bin/fluent-bit']);
    expect(found()).toBe(0);
    spawnSync('sh', ['-c', `echo ${planted}`, 'dist/main.js', 'doctor', '/opt/bin/fluent-bit']);
    expect(found()).toBe(1);
  });
  test('goes nowhere else', () => {
    const uncollected = /stdio:(?! *'pipe'| *\[(?:'(?:pipe|ignore)'(?:, )?)+\])/;
    const names = readdirSync(join(packageRoot, 'test'), { recursive: true, encoding: 'utf8' });
    const others = names.filter((name) => {
      if (!name.endsWith('.ts') || name.startsWith('bench/')) return false;
      const text = readFileSync(join(packageRoot, 'test', name), 'utf8');
      return uncollected.test(text) && !text.includes('collect(');
    });
    expect(others).toEqual([]);
  });
  test('whatever the import is called', () => {
    expect(childProcess.spawnSync).toBe(spawnSync);
    expect(childProcess.execFileSync).toBe(execFileSync);
  });
});

describe('answers', () => {
  /** Fastify with TLS or without, saying it in a header and in the body. @returns its port */
  async function serve(more: { https?: { key: string; cert: string } } = {}): Promise<number> {
    const server = fastify({ ...more, forceCloseConnections: true });
    server.get('/', (_, reply) => reply.header('x-said', planted).send(planted));
    await server.listen({ host: '127.0.0.1', port: 0 });
    stops.push(() => server.close());
    return (server.server.address() as AddressInfo).port;
  }

  test('to fetch', async () => {
    await (await fetch(`http://127.0.0.1:${await serve()}/`)).text();
    expect(found()).toBe(2);
  });
  test('with TLS', async () => {
    const certificate = makeCertificate();
    const options = { host: '127.0.0.1', port: await serve({ https: certificate }), ca: certificate.cert };
    const [response] = await once(request(options).end(), 'response');
    for await (const _ of response);
    expect(found()).toBe(2);
  });
  test('to a bare socket', async () => {
    const socket = connect(await serve(), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    for await (const _ of socket);
    expect(found()).toBe(2);
  });
  test('of a server that is the test’s are not the service’s', async () => {
    const server = createServer((_, response) => response.end(planted)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text();
    server.close();
    expect(found()).toBe(0);
  });
  test.each([planted, Buffer.from(planted).toString('base64')])('in telemetry: %s', async (text) => {
    const otlp = await OtlpReceiver.start();
    stops.push(() => otlp.stop());
    await fetch(`${otlp.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.from(text),
    });
    expect(found()).toBe(1);
  });
});

test('files that are left in a folder', () => {
  for (const name of [
    'state.json',
    'state.json.replayed',
    'report.20261122.1.json',
    'x/Heap.1.heapsnapshot',
  ]) {
    const left = new Folder({ [name]: '' });
    const before = found();
    writeFileSync(join(left.path, name), planted);
    left.remove();
    expect(found(), name).toBe(before + 1);
  }
});

const chromium = await findChromium();

test.skipIf(!chromium)('a page: what it fetches, shows, keeps, asks for and says', async () => {
  const [start, end] = [marker.slice(0, 5), marker.slice(5)];
  const page = `<p></p><script>
    const say = (where) => where + '-${start}' + '${end}';
    document.querySelector('p').textContent = say('shown');
    localStorage.setItem('a', say('kept'));
    console.log(say('logged'));
    fetch('/fetched').then(() => fetch('/asked?' + say('asked')));
  </script>`;
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/') response.setHeader('x-said', secret('header'));
    response.end(request.url === '/' ? page : request.url === '/fetched' ? secret('fetched') : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  const tab = await Tab.open(chromium!);
  const asked = tab.page.waitForResponse(/asked/);
  await tab.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await asked;
  await tab.close();
  const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const places = [...text.join('').matchAll(new RegExp(`(\\w+)-${marker}`, 'g'))].map(([, where]) => where);
  expect(new Set(places)).toEqual(new Set(['header', 'fetched', 'shown', 'kept', 'asked', 'logged']));
});
