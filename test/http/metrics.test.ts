import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { counterHelp, deadLetterReasons } from '../../plugin/delivery/counters.ts';
import { logins, numbers } from '../delivery/helpers.ts';
import { parsePrometheus } from '../prometheus.ts';
import { ScriptedSiem } from '../receivers/scripted-siem.ts';
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
    decoded_events: 26,
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

describe('of a destination that the service delivers to', () => {
  const minute = 60_000;
  const batchTag = (at: number, number = 0): string => `siem.splunk.${at}-0a1b2c3d4e-${number}`;
  let siem: ScriptedSiem;

  beforeEach(async () => {
    await service.stop();
    siem = new ScriptedSiem();
    await siem.listen();
    const deliver = `{ to: '${siem.url}', headers: { Authorization: t }, body: array }`;
    service = await Service.start({ deliver });
  });
  afterEach(() => siem.close());

  const deliver = (body: string, tag: string) =>
    service.fetch('/deliver/splunk', { method: 'POST', body, headers: { 'fluent-tag': tag } });

  /** Values of a family by the labels that it has beside the destination. */
  async function values(name: string): Promise<Record<string, number>> {
    const samples = parsePrometheus((await service.fetch('/metrics')).text);
    return Object.fromEntries(
      samples
        .filter((sample) => sample.name === `fluent_bit_siem_${name}`)
        .map(({ labels: { destination: _, ...more }, value }) => [Object.values(more).join(), value]),
    );
  }

  test('its state, for how long it fails, and what waits for it since when', async () => {
    const now = Date.now();
    const delivering = { direct: 0, delivering: 1, failing: 0, paused: 0 };
    expect(await values('destination_state')).toEqual(delivering);
    expect(await values('last_success_timestamp_seconds')).toEqual({});
    expect((await deliver('{"id":1}\n', batchTag(now))).status).toBe(200);
    const success = (await values('last_success_timestamp_seconds'))['']!;
    expect(Math.abs(success - Date.now() / 1000)).toBeLessThan(60);
    siem.script = () => ({ status: 503 });
    for (const ago of [2, 90, 1]) await deliver(`{"id":${ago}}\n`, batchTag(now - ago * minute));
    // Knocks that are turned away early count, too; a batch is one however often it knocks.
    await deliver('{"id":90}\n', batchTag(now - 90 * minute));
    expect(await values('destination_state')).toEqual({ ...delivering, delivering: 0, failing: 1 });
    expect((await values('destination_failing_seconds'))['']).toBeGreaterThan(0);
    expect(await values('waiting')).toEqual({ '': 3 });
    const age = (await values('oldest_waiting_age_seconds'))['']!;
    expect(Math.abs(age - 90 * 60)).toBeLessThan(60);
    service.destination.gate!.isPaused = true;
    expect(await values('destination_state')).toEqual({ ...delivering, delivering: 0, paused: 1 });
    service.destination.gate!.isPaused = false;
    siem.script = () => 'take';
    service.destination.gate!.circuit.tryNow();
    for (const ago of [90, 2, 1]) await deliver(`{"id":${ago}}\n`, batchTag(now - ago * minute));
    expect(await values('waiting')).toEqual({ '': 0 });
    expect(await values('oldest_waiting_age_seconds')).toEqual({ '': 0 });
    expect(await values('destination_failing_seconds')).toEqual({ '': 0 });
  });

  test('dead letters by their reason: together they are all there are', async () => {
    await service.map(Buffer.from('{"operation":"login","user":"ana"}\noops\n[1]\n'));
    siem.script = (records) => (records.some(({ id }) => id === 2) ? { status: 400 } : 'take');
    expect((await deliver('{"id":1}\n{"id":2}\n{"id":3}\n', batchTag(Date.now()))).status).toBe(200);
    const expired = batchTag(Date.now() - 8 * 24 * 60 * minute);
    expect((await deliver('{"id":4}\n{"id":5}\n', expired)).status).toBe(200);
    expect(await values('dead_lettered_total')).toEqual({
      undecodable: 2,
      too_large: 0,
      refused: 1,
      expired: 2,
      event_time: 0,
    });
    const { dead_letters = 0, undeliverable = 0 } = await service.counters();
    expect([dead_letters, undeliverable]).toEqual([2, 3]);
  });

  test('durations of requests, of acknowledgements and of the SIEM, by what was answered', async () => {
    await service.map(logins('ana', 'bob'));
    await service.map(Buffer.from('nonsense'));
    await deliver('{"id":1}\n', batchTag(Date.now(), 1));
    siem.script = () => ({ status: 500 });
    await deliver('{"id":2}\n', batchTag(Date.now(), 2));
    await siem.close();
    service.destination.gate!.circuit.tryNow();
    await deliver('{"id":2}\n', batchTag(Date.now(), 2));
    const samples = parsePrometheus((await service.fetch('/metrics')).text);
    const counts = (name: string, ...labels: string[]) =>
      Object.fromEntries(
        samples
          .filter((sample) => sample.name === `${name}_count`)
          .map((sample) => [labels.map((label) => sample.labels[label]).join(' '), sample.value]),
      );
    expect(counts('http_server_request_duration_seconds', 'http_route', 'http_response_status_code')).toEqual(
      {
        '/map/:destination 200': 1,
        '/map/:destination 400': 1,
        '/deliver/:destination 200': 1,
        '/deliver/:destination 503': 2,
      },
    );
    expect(counts('http_client_request_duration_seconds', 'http_response_status_code', 'error_type')).toEqual(
      { '200 ': 1, '500 ': 1, ' econnrefused': 1 },
    );
    expect(counts('fluent_bit_siem_ack_duration_seconds', 'destination')).toEqual({ splunk: 1 });
  });
});
