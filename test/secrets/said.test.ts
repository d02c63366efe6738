import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { Folder, files, run } from '../cli/helpers.ts';
import { eventually, Serving } from '../cli/serving.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { leaksIn } from './leaks.ts';
import { secret } from './marker.ts';

vi.setConfig({ testTimeout: 120_000 });

// With all that a URL, a form or a header must encode.
const environment = {
  MAP: secret('map'),
  DELIVER: `${secret('deliver')}:ü/?&%`,
  ADMIN: secret('admin'),
  SHARED: secret('shared'),
  HEADER: secret('header'),
  IN_URL: secret('url'),
  OAUTH: `${secret('oauth')}&a=b+c d%20e`,
};
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const admin = { authorization: `Bearer ${environment.ADMIN}` };

/** Functions of an administrator that do what they should not. */
const functions = `
const url = new URL('http://127.0.0.1:1/' + process.env.IN_URL);
export const fails = () => {
  throw Object.assign(new Error('no value'), { token: process.env.HEADER });
};
export const crashes = () => {
  setImmediate(() => fetch(url));
  return 'soon';
};
`;

let folder: Folder;
let delivery: ForwardServer;
let servers: Server[];
let serving: Serving | undefined;

beforeEach(async () => {
  servers = [];
  delivery = await ForwardServer.start({ sharedKey: environment.SHARED });
});
afterEach(async () => {
  serving?.signal('SIGKILL');
  await serving?.result;
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await delivery.stop();
  folder.remove();
});

/** @returns its origin without the scheme */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Quotes all that it was sent, and says no. */
const echo =
  (status: number): RequestListener =>
  async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const text = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: text, error_description: text, message: text }));
  };

/** The service with a secret in every place that takes one, saying as much as it can. */
async function serve(args: string[] = []): Promise<string> {
  const siem = await listen(echo(400));
  const proxy = await listen(echo(407));
  const tokens = await listen(echo(400));
  folder = new Folder({
    ...files,
    'mappings/own.mjs': functions,
    'mappings/audit.yaml': `match: audit
mappings:
  - id: fails
    map: { eventClass: C, eventName: n, severity: 1, extension: { a: { call: fails, args: [] } } }
  - id: crashes
    map: { eventClass: C, eventName: n, severity: 1, extension: { a: { call: crashes, args: [] } } }
  - id: '*'
    map: { eventClass: C, eventName: n, severity: 1 }
`,
    'mappings/destinations.yaml': `functions: own.mjs
service:
  forward: { address: '${formatAddress(delivery.address)}', shared_key: '\${SHARED}' }
  auth:
    map: { token: '\${MAP}' }
    deliver: { username: delivery, password: '\${DELIVER}' }
    admin: { token: '\${ADMIN}' }
destinations:
  echo:
    format: json
    mappings: [audit.yaml]
    deliver: { to: 'http://${siem}/in/\${IN_URL}?key=\${IN_URL}', headers: { Authorization: 'Splunk \${HEADER}' } }
  proxied:
    format: json
    mappings: [audit.yaml]
    deliver: { to: 'https://siem.invalid/in', headers: { X-Key: '\${HEADER}' } }
  oauth:
    format: json
    mappings: [audit.yaml]
    deliver:
      to: 'http://${siem}/in'
      oauth2: { token_url: 'http://${tokens}/token', client_id: me, client_secret: '\${OAUTH}' }
`,
  });
  const password = encodeURIComponent(`${secret('proxy')}:@/`);
  serving = new Serving(
    folder.path,
    formatAddress(delivery.address),
    {
      ...environment,
      HTTPS_PROXY: `http://me:${password}@${proxy}`,
      FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json'),
    },
    ['--log-level', 'trace', '--config', 'mappings/destinations.yaml', ...args],
  );
  const refused = serving.result.then(({ stderr }) => Promise.reject(new Error(stderr)));
  return Promise.race([serving.url(), refused]);
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method: 'POST', body, headers });
  return `${response.status} ${[...response.headers]} ${await response.text()}`;
}

test('whatever is asked and whatever fails, no secret is said', async () => {
  const url = await serve();
  const said: string[] = [];
  const map = { authorization: `Bearer ${environment.MAP}`, 'fluent-tag': 'audit' };
  const deliver = { authorization: basic('delivery', environment.DELIVER) };
  const event = `{"id":1,"text":"a"}\n`;
  for (const name of ['echo', 'proxied', 'oauth']) {
    const tag = { 'fluent-tag': `siem.${name}.${Date.now()}-0123456789-0` };
    said.push(await post(`${url}/map/${name}`, '{"operation":"fails"}', map));
    said.push(await post(`${url}/map/${name}`, 'neither', map));
    said.push(await post(`${url}/deliver/${name}`, event, { ...deliver, ...tag }));
    said.push(await post(`${url}/destinations/${name}/test`, '', admin));
    said.push(await post(`${url}/destinations/${name}/pause`, '', admin));
    // Another's credentials, and what are nobody's.
    for (const headers of [map, admin, deliver, { authorization: `Bearer ${secret('wrong')}` }, {}])
      for (const path of ['map', 'deliver']) said.push(await post(`${url}/${path}/${name}`, event, headers));
  }
  for (const path of ['/destinations', '/metrics', '/ready', '/health', '/destinations/oauth', '/nothing'])
    for (const headers of [admin, map, { authorization: basic('delivery', environment.DELIVER) }])
      said.push(await (await fetch(`${url}${path}`, { headers })).text());
  expect(said.join('\n')).toMatch(/failing/);
  serving!.signal('SIGTERM');
  const { stdout, stderr } = await serving!.result;
  expect(stdout).toContain('the SIEM fails');
  expect(leaksIn(said.join('\n'))).toEqual([]);
  expect(leaksIn(stdout + stderr)).toEqual([]);
});

test.each([[[]], [['--workers', '2']]])('a crash says none: %j', async (args) => {
  const url = await serve(args);
  await post(`${url}/map/echo`, '{"operation":"crashes"}', {
    authorization: `Bearer ${environment.MAP}`,
    'fluent-tag': 'audit',
  }).catch(() => {});
  // A worker is started again.
  if (args.length > 0) {
    await vi.waitFor(() => expect(JSON.stringify(serving!.log)).toMatch(/a worker ended/), eventually);
    serving!.signal('SIGTERM');
  }
  const { code, stdout, stderr } = await serving!.result;
  expect(code).toBe(args.length > 0 ? 0 : 1);
  expect(stderr).toMatch(/fetch failed/);
  expect(leaksIn(stdout + stderr)).toEqual([]);
});

test('the commands say none, about a configuration that is wrong neither', async () => {
  const url = await serve();
  const own = { ...environment, FLUENT_BIT_SIEM_LISTEN: url.slice('http://'.length) };
  const results = await Promise.all([
    ...[['status'], ['test', 'oauth'], ['doctor', '--send']].map((args) => run(folder.path, args, '', own)),
    // A secret that is missing, one that is too short, and one with what a header can't have.
    run(folder.path, ['validate'], '', {
      ...environment,
      ADMIN: 'x',
      HEADER: `${secret('line')}\n`,
      OAUTH: '',
    }),
    run(folder.path, ['serve'], '', { MAP: environment.MAP, HEADER: environment.HEADER }),
  ]);
  const said = results.map(({ stdout, stderr }) => stdout + stderr);
  expect(said[0]).toContain('oauth');
  expect(said.every((text) => text !== '')).toBe(true);
  expect(leaksIn(said.join('\n'))).toEqual([]);
});
