import { afterEach, describe, expect, test, vi } from 'vitest';
import { Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let service: Service;
afterEach(() => service.stop());

describe('/health', () => {
  test('is 200 as long as the process is up, with Fluent Bit or without', async () => {
    service = await Service.start({ isDown: true });
    expect(await service.fetch('/health')).toMatchObject({ status: 200, json: { status: 'up' } });
  });
});

describe('/ready', () => {
  test('is 200 when Fluent Bit can be reached, before any record came', async () => {
    service = await Service.start();
    const { status, json } = await service.fetch('/ready');
    expect([status, json]).toEqual([
      200,
      {
        ready: true,
        destinations: { splunk: { forward: service.destination.forward.address, reachable: true } },
      },
    ]);
    expect(service.delivery.connections).toBe(1);
  });

  test('asks Fluent Bit for nothing new when there is a connection', async () => {
    service = await Service.start();
    for (let probe = 0; probe < 3; probe++) await service.fetch('/ready');
    expect(service.delivery.connections).toBe(1);
  });

  test('is 503 when Fluent Bit is down, and says which and why', async () => {
    service = await Service.start({ isDown: true });
    const { status, json, headers } = await service.fetch('/ready');
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    const forward = 'unix:/nonexistent/forward.sock';
    const reason = `Fluent Bit at ${forward} can't be reached: ENOENT`;
    expect(json).toEqual({ ready: false, destinations: { splunk: { forward, reachable: false, reason } } });
  });

  test('is 503 again after Fluent Bit stopped', async () => {
    service = await Service.start();
    expect((await service.fetch('/ready')).status).toBe(200);
    await service.delivery.stop();
    await vi.waitFor(async () => expect((await service.fetch('/ready')).status).toBe(503), {
      timeout: 30_000,
    });
  });
});
