import { createConnection } from 'node:net';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Guard, guardRoutes } from '../../plugin/http/guard.ts';
import type { AuthSettings } from '../../plugin/mapping/service-settings.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { type Answer, Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

const secrets = {
  collector: secret('collector'),
  rotated: secret('rotated'),
  gate: secret('gate'),
  ops: `ops: ${secret('ops')} größer`,
};
const auth: AuthSettings = {
  map: { tokens: [secrets.collector, secrets.rotated], users: [] },
  deliver: { tokens: [secrets.gate], users: [] },
  admin: { tokens: ['scrape-0123456789abc'], users: [{ username: 'ops', password: secrets.ops }] },
};
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const right = {
  map: `Bearer ${secrets.collector}`,
  deliver: `Bearer ${secrets.gate}`,
  admin: basic('ops', secrets.ops),
};

describe('Guard', () => {
  const guard = new Guard(auth);

  test.each([
    ['map', right.map],
    ['map', `Bearer ${secrets.rotated}`],
    ['map', `bearer   ${secrets.collector} `],
    ['deliver', right.deliver],
    ['admin', right.admin],
    ['admin', right.admin.replace('Basic', 'BASIC')],
    ['admin', 'Bearer scrape-0123456789abc'],
  ] as const)('lets in to %s: %s', (area, authorization) => {
    expect(guard.allows(area, authorization)).toBe(true);
  });

  test.each([
    ['map', undefined],
    ['map', ''],
    ['map', 'Bearer'],
    ['map', 'Bearer '],
    ['map', secrets.collector],
    ['map', `Splunk ${secrets.collector}`],
    ['map', `Bearer ${secrets.collector}x`],
    ['map', `Bearer ${secrets.collector.slice(0, -1)}`],
    ['map', `Bearer ${secrets.collector.toUpperCase()}`],
    ['map', `Bearer ${secrets.collector} ${secrets.collector}`],
    ['map', right.deliver],
    ['map', right.admin],
    ['deliver', right.map],
    ['admin', right.map],
    ['admin', basic('ops', '')],
    ['admin', basic('', secrets.ops)],
    ['admin', basic('root', secrets.ops)],
    ['admin', `Bearer ops:${secrets.ops}`],
    ['admin', `Bearer ${right.admin.slice(6)}`],
    ['admin', 'Basic ====='],
    ['admin', basic('scrape-0123456789abc', '')],
  ] as const)('keeps out of %s: %s', (area, authorization) => {
    expect(guard.allows(area, authorization)).toBe(false);
  });

  test('an area without credentials is open', () => {
    const some = new Guard({ admin: auth.admin! });
    expect(some.allows('map', undefined)).toBe(true);
    expect(some.allows('admin', undefined)).toBe(false);
  });
});

describe('the service', () => {
  let service: Service;
  let siem: JsonReceiver;
  beforeEach(async () => {
    siem = new JsonReceiver('Bearer t');
    await siem.listen();
    const deliver = `{ to: '${siem.url}', headers: { Authorization: Bearer t } }`;
    service = await Service.start({ auth, deliver });
  });
  afterEach(async () => {
    await service.stop();
    await siem.close();
  });

  const ask = (method: string, path: string, authorization?: string): Promise<Answer> =>
    service.fetch(path, {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        'fluent-tag': `siem.splunk.${Date.now()}-0a1b2c3d4e-1`,
      },
      ...(method === 'POST' && { body: '{"operation":"login"}' }),
    });

  /** Each route: what its area is, its answer to who may, and to who may not. */
  const routes: readonly [
    method: string,
    path: string,
    area: keyof AuthSettings,
    granted: number,
    refused: number,
  ][] = [
    ['POST', '/map/splunk', 'map', 200, 503],
    ['POST', '/m%61p/splunk', 'map', 200, 503],
    ['POST', '/map/nobody', 'map', 503, 503],
    ['POST', '/deliver/splunk', 'deliver', 200, 503],
    ['POST', '/deliver/nobody', 'deliver', 503, 503],
    ['POST', '/mapp/splunk', 'admin', 503, 503],
    ['GET', '/map/splunk', 'admin', 404, 401],
    ['GET', '/nothing', 'admin', 404, 401],
    ['GET', '/metrics', 'admin', 200, 401],
    ['HEAD', '/metrics', 'admin', 200, 401],
    ['GET', '/destinations', 'admin', 200, 401],
    ['GET', '/destinations/splunk', 'admin', 200, 401],
    ['GET', '/%64estinations/splunk', 'admin', 200, 401],
    ['POST', '/destinations/splunk/test', 'admin', 200, 401],
    ['POST', '/destinations/splunk/resume', 'admin', 500, 401],
  ];

  test.each(routes)('%s %s', async (method, path, area, granted, refused) => {
    const others = Object.entries(right).filter(([name]) => name !== area);
    for (const authorization of [undefined, 'Bearer wrong', ...others.map(([, other]) => other)]) {
      const { status, headers, json } = await ask(method, path, authorization);
      expect(status).toBe(refused);
      if (method !== 'HEAD') expect(json).toMatchObject({ error: 'unauthorized' });
      expect(headers.get('www-authenticate')).toBe(
        refused === 401
          ? 'Bearer realm="fluent-bit-siem", Basic realm="fluent-bit-siem", charset="UTF-8"'
          : null,
      );
      expect(headers.get('retry-after')).toBe(refused === 503 ? '5' : null);
    }
    expect(service.delivery.messages).toHaveLength(0);
    expect(siem.requests).toHaveLength(0);
    const { status, json } = await ask(method, path, right[area]);
    expect(status).toBe(granted);
    expect(json?.error).not.toBe('unauthorized');
  });

  test('/health and /ready are open, and say no more than whether', async () => {
    expect((await ask('GET', '/health')).json).toEqual({ status: 'up' });
    expect((await ask('GET', '/ready')).json).toEqual({ ready: true });
    expect((await ask('GET', '/ready', right.map)).json).toEqual({ ready: true });
    expect((await ask('GET', '/ready', right.admin)).json).toHaveProperty('destinations.splunk');
  });

  test.each(['/map/splunk', '/deliver/splunk', '/nothing'])('reads no body of POST %s', async (path) => {
    const socket = createConnection(service.port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx`);
    await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1\.1 503 .*"unauthorized"/s), { timeout: 30_000 });
    socket.destroy();
  });

  test('who has no right to know does not learn that a gate is shut', async () => {
    service.destination.gate!.isPaused = true;
    expect((await ask('POST', '/deliver/splunk', right.deliver)).json.error).toBe('held');
    expect((await ask('POST', '/deliver/splunk', right.map)).json.error).toBe('unauthorized');
    expect((await ask('POST', '/deliver/splunk')).json.error).toBe('unauthorized');
    expect(service.destination.counters.get('held')).toBe(1);
  });

  test('refusals are counted, and said once a minute; the log has no secret', async () => {
    const given = [undefined, 'Bearer wrong-secret-1', basic('ops', 'wrong-secret-2'), right.deliver];
    for (const authorization of given) await ask('POST', '/map/splunk', authorization);
    await ask('GET', '/metrics');
    await ask('POST', '/map/splunk', right.map);
    const { text } = await ask('GET', '/metrics', right.admin);
    expect(text).toContain('\nfluent_bit_siem_requests_unauthorized_total 5\n');
    expect(service.log.filter(({ level }) => (level as number) >= 40)).toEqual([
      expect.objectContaining({
        level: 40,
        peer: '127.0.0.1',
        url: '/map/splunk',
        needs: 'service.auth.map',
        given: 'none',
        msg: 'credentials are missing or wrong; of this peer that is said once a minute',
      }),
    ]);
    const all = JSON.stringify(service.log);
    for (const secret of [...Object.values(secrets), 'wrong-secret'])
      expect(all + text).not.toContain(secret);
    expect(all).not.toContain(right.admin.slice(6));
  });
});

describe('a worker, which relays all but /map', () => {
  test.each([
    ['POST', '/deliver/splunk', right.deliver, 503],
    ['POST', '/deliver/splunk?x=y', right.deliver, 503],
    ['GET', '/destinations', right.admin, 401],
    ['POST', '/destinations/splunk/pause', right.admin, 401],
    ['POST', '/%64estinations/splunk/pause', right.admin, 503],
    ['POST', '/ready', right.admin, 503],
    ['GET', '/ready/', right.admin, 401],
    ['POST', '/deliver', right.admin, 503],
  ] as const)('%s %s', async (method, url, authorization, refused) => {
    const server = fastify();
    guardRoutes(server, new Guard(auth), () => {});
    server.all('/*', () => 'relayed');
    for (const [area, given] of [['none', undefined], ...Object.entries(right)] as const) {
      const headers = given === undefined ? {} : { authorization: given };
      const { statusCode } = await server.inject({ method, url, headers });
      expect([area, statusCode]).toEqual([area, given === authorization ? 200 : refused]);
    }
    await server.close();
  });

  test.each(['/ready', '/ready?x'])('GET %s is open', async (url) => {
    const server = fastify();
    guardRoutes(server, new Guard(auth), () => {});
    server.all('/*', () => 'relayed');
    expect((await server.inject({ method: 'GET', url })).statusCode).toBe(200);
    await server.close();
  });
});
