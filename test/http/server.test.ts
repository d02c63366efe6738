import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { entry5 } from '../fluent/samples.ts';
import { secret } from '../secrets/marker.ts';
import { Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let service: Service;
beforeEach(async () => {
  service = await Service.start({ bodyLimit: 100_000 });
});
afterEach(() => service.stop());

test.each(['/', '/map/splunk', '/metrics/', '/favicon.ico', '/ready/x'])('GET %s is a 404', async (path) => {
  const { status, json } = await service.fetch(path);
  expect([status, json]).toEqual([404, { error: 'not_found', message: `there is nothing at ${path}` }]);
});

test('an error is JSON of error, message, and offset where there is one', async () => {
  const { headers, json } = await service.map(Buffer.from('{"a":'));
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(json).toEqual({
    error: 'undecodable_body',
    message: expect.stringContaining('at byte 5'),
    offset: 5,
  });
});

describe('the log', () => {
  const said = secret('record');

  test('has no content of a record or body at info, whatever goes wrong', async () => {
    const record = { operation: 'login', user: said, text: said };
    const bodies = [
      Buffer.from(JSON.stringify(record)),
      Buffer.from(`{"user":"${said}`),
      Buffer.from(said),
      Buffer.from(`{"a":1}\n${said}\n`),
      Buffer.from(`[${JSON.stringify(record)},"${said}",12345678901234567890]`),
      entry5(record),
      entry5(record).subarray(0, -1),
      Buffer.concat([entry5(record), Buffer.of(0xc1)]),
      Buffer.alloc(100_001, said),
    ];
    for (const body of bodies) {
      await service.map(body, { authorization: `Splunk ${said}`, cookie: said });
      await service.map(body, { 'content-encoding': 'gzip' });
      await service.map(gzipSync(body), { 'content-encoding': 'gzip' });
      await service.fetch('/map/nobody', { method: 'POST', body });
    }
    service.delivery.closeAfter = { messages: 1, acknowledged: false };
    await service.map([record]);
    expect(service.log.length).toBeGreaterThan(0);
    expect(JSON.stringify(service.log)).not.toContain(said);
  });

  test('says nothing of a request that was answered 200', async () => {
    const before = service.log.length;
    expect((await service.map([{ operation: 'login' }])).status).toBe(200);
    expect(service.log).toHaveLength(before);
  });

  test('warns of a request that is refused, with where and why', async () => {
    await service.map(Buffer.from('{"a":'));
    await service.fetch('/map/nobody', { method: 'POST', body: '{}' });
    expect(service.log.slice(-2)).toMatchObject([
      { level: 40, msg: 'request refused for good', status: 400, code: 'undecodable_body', offset: 5 },
      { level: 40, msg: 'request refused, to be repeated', status: 503, code: 'unknown_destination' },
    ]);
  });

  test('has no error while all goes wrong that a sender can do', async () => {
    for (const body of ['', '[', '{}', '[[1]]', '\0', '"', '[12345678901234567890]']) {
      await service.map(Buffer.from(body));
    }
    expect(service.log.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  });
});
