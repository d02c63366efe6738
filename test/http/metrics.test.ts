import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { counterHelp, deadLetterReasons } from '../../plugin/delivery/counters.ts';
import { logins, numbers } from '../delivery/helpers.ts';
import { parsePrometheus } from '../prometheus.ts';
import { Service } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

let service: Service;
beforeEach(async () => {
  service = await Service.start({
    batch: { records: 10, bytes: 1_000_000, age: 3_600_000, by: 'destination' },
  });
});
afterEach(() => service.stop());

const mixed = Buffer.from(
  [
    ...logins(...numbers(25)),
    { operation: 'heartbeat' },
    { operation: 'heartbeat' },
    { operation: 'other' },
    'oops',
  ]
    .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    .join('\n'),
);

test('it is Prometheus text, and nothing is counted before something happens', async () => {
  const { status, text, headers } = await service.fetch('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = parsePrometheus(text);
  const counters = samples.filter(({ name }) => /^fluent_bit_siem_.*_total$/.test(name));
  const reasons = Object.keys(deadLetterReasons).length;
  expect(counters).toHaveLength(Object.keys(counterHelp).length + 2 + reasons);
  for (const { name, labels, value } of counters) {
    const isOfNone = /_requests_(unknown_destination|unauthorized)_total$/.test(name);
    expect(labels.destination).toBe(isOfNone ? undefined : 'splunk');
    expect(value, name).toBe(0);
  }
});

test('its numbers are what was sent', async () => {
  await service.map(mixed);
  await service.map(logins('ana'));
  await service.map(Buffer.from('nonsense'));
  await service.map(Buffer.from('x'), { 'content-encoding': 'br' });
  await service.fetch('/map/nobody', { method: 'POST', body: '{}' });
  expect(await service.counters()).toEqual({
    requests: 4,
    requests_refused: 1,
    requests_over_limit: 0,
    requests_undecodable: 1,
    requests_unknown_destination: 1,
    requests_unauthorized: 0,
    records: 30,
    mapped: 26,
    filtered: 2,
    unmapped: 1,
    passed: 0,
    dead_letters: 1,
    events: 26,
    events_acked: 27,
    events_repeated: 0,
    // Tags of 10, 10 and 5, one for the dead letter, and one more event under the third tag.
    messages: 5,
    messages_acked: 5,
    batches: 3,
    received_bytes:
      mixed.length +
      logins('ana')
        .map((one) => JSON.stringify(one))
        .join('').length +
      1,
    forwarded_bytes: expect.any(Number),
    delivered_bytes: 0,
    failed_values: 0,
    clamped_severities: 0,
    shortened_values: 0,
    mistyped_values: 0,
    deliveries: 0,
    delivered: 0,
    undeliverable: 0,
    expired: 0,
    restamped: 0,
    held: 0,
  });
  expect(service.delivery.events).toHaveLength(27);
});

describe('records = mapped + filtered + unmapped + passed + dead letters', () => {
  async function expectIdentity(records: number): Promise<void> {
    const counters = await service.counters();
    const { mapped = 0, filtered = 0, unmapped = 0, passed = 0, dead_letters = 0 } = counters;
    expect(counters.records).toBe(records);
    expect(mapped + filtered + unmapped + passed + dead_letters).toBe(records);
  }

  test('after requests of all kinds', async () => {
    await service.map(mixed);
    await service.map(Buffer.from('nonsense'));
    await service.map(Buffer.from('[{"operation":"login"},5]'));
    await expectIdentity(31);
  });

  test('where unmapped records are passed', async () => {
    await service.stop();
    service = await Service.start({ unmapped: 'pass' });
    await service.map(mixed);
    await expectIdentity(29);
    expect(await service.counters()).toMatchObject({ passed: 1, unmapped: 0 });
  });

  test('after a request that failed: it counts once, when it is settled', async () => {
    service.delivery.closeAfter = { messages: 2, acknowledged: true };
    expect((await service.map(mixed)).status).toBe(503);
    await expectIdentity(0);
    await vi.waitFor(async () => expect((await service.map(mixed)).status).toBe(200), { timeout: 30_000 });
    await expectIdentity(29);
    expect(await service.counters()).toMatchObject({ events: 25, events_acked: 26 });
  });

  test('after requests at the same time', async () => {
    await Promise.all(
      numbers(20).map((n) => service.map(Buffer.concat([mixed, Buffer.from(`\nline ${n}`)]))),
    );
    await expectIdentity(20 * 30);
  });
});
