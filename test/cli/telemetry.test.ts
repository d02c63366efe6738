import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { toPrometheusLabel } from '../../plugin/telemetry/prometheus.ts';
import { parsePrometheus } from '../prometheus.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { OtlpReceiver, type Span } from '../receivers/otlp.ts';
import { secret } from '../secrets/marker.ts';
import { Folder, files } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 120_000 });

const token = secret('no-span-may-hold');
let folder: Folder;
let delivery: ForwardServer;
let siem: JsonReceiver;
let otlp: OtlpReceiver;
let serving: Serving;

beforeEach(async () => {
  siem = new JsonReceiver(`Bearer ${token}`);
  [delivery, otlp] = await Promise.all([ForwardServer.start(), OtlpReceiver.start(), siem.listen()]);
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `destinations:
  archive:
    format: json
    batch: { records: 10 }
    mappings: [audit.yaml]
    deliver: { to: '${siem.url}/in?key=${token}', headers: { Authorization: Bearer ${token} } }
`,
  });
});
afterEach(async () => {
  serving.signal('SIGKILL');
  await Promise.all([serving.result, delivery.stop(), otlp.stop(), siem.close()]);
  folder.remove();
});

function serve(environment: Record<string, string>, args: string[] = []): Promise<string> {
  serving = new Serving(
    folder.path,
    formatAddress(delivery.address),
    { TMPDIR: folder.path, FLUENT_BIT_SIEM_STATE: `${folder.path}/state.json`, ...environment },
    args,
  );
  return serving.url();
}

const exported = (more: Record<string, string> = {}): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint,
  OTEL_METRIC_EXPORT_INTERVAL: '200',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  ...more,
});

/** @returns the status */
async function post(url: string, path: string, body: string, tag: string): Promise<number> {
  return (await fetch(url + path, { method: 'POST', body, headers: { 'fluent-tag': tag } })).status;
}

const problems = () => serving.log.filter(({ msg }) => msg === 'telemetry could not be exported');

const logins = (count: number): string =>
  Array.from({ length: count }, (_, n) => `{"operation":"login","user":"u${n}"}\n`).join('');

const batchTag = 'siem.archive.1700000000000-0a1b2c3d4e-0';

async function spans(count: number): Promise<Span[]> {
  await vi.waitFor(() => expect(otlp.spans.length).toBeGreaterThanOrEqual(count), eventually);
  return otlp.spans;
}

test('a span for each request to /map and /deliver, with what became of it, and for each to the SIEM', async () => {
  const url = await serve(
    exported({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test', OTEL_SERVICE_NAME: 'siem' }),
  );
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const headers = { 'fluent-tag': 'audit', traceparent: `00-${trace}-b7ad6b7169203331-01` };
  await fetch(`${url}/map/archive?x=1`, { method: 'POST', body: `${logins(25)}oops\n`, headers });
  expect(await post(url, '/map/archive', 'private nonsense', 'audit')).toBe(400);
  expect(await post(url, '/map/nobody', logins(1), 'audit')).toBe(503);
  expect(await post(url, '/deliver/archive', '{"id":1}\n{"id":2}\n', `siem.archive.${Date.now()}-0a-0`)).toBe(
    200,
  );
  siem.refuseWith = 500;
  expect(await post(url, '/deliver/archive', '{"id":3}\n', `siem.archive.${Date.now()}-0a-1`)).toBe(503);
  await fetch(`${url}/health`);
  const all = await spans(7);
  const named = (name: string): Span[] => all.filter((span) => span.name === name);
  const outcomes = named('POST /map/:destination').map(({ attributes }) => attributes);
  expect(outcomes).toEqual([
    expect.objectContaining({
      'http.request.method': 'POST',
      'http.route': '/map/:destination',
      'url.path': '/map/archive',
      'http.response.status_code': 200,
      'fluent_bit_siem.destination': 'archive',
      'fluent_bit_siem.tag': 'audit',
      'fluent_bit_siem.records': 26,
      'fluent_bit_siem.events': 25,
      'fluent_bit_siem.batches': 3,
      'fluent_bit_siem.dead_letters': 1,
      'fluent_bit_siem.outcome': 'acknowledged',
    }),
    expect.objectContaining({
      'http.response.status_code': 400,
      'fluent_bit_siem.outcome': 'undecodable_body',
    }),
    expect.objectContaining({
      'http.response.status_code': 503,
      'fluent_bit_siem.destination': 'nobody',
      'fluent_bit_siem.outcome': 'unknown_destination',
    }),
  ]);
  const [mapped] = named('POST /map/:destination');
  expect([mapped!.traceId, mapped!.parentId, mapped!.kind]).toEqual([trace, 'b7ad6b7169203331', 2]);
  expect(mapped!.resource).toMatchObject({
    'service.name': 'siem',
    'service.version': expect.stringMatching(/^\d/),
    'deployment.environment.name': 'test',
  });
  const [delivered, held] = named('POST /deliver/:destination');
  expect(delivered!.attributes).toMatchObject({
    'fluent_bit_siem.destination': 'archive',
    'fluent_bit_siem.records': 2,
    'fluent_bit_siem.batches': 1,
    'fluent_bit_siem.dead_letters': 0,
    'fluent_bit_siem.outcome': 'delivered',
  });
  expect(held!.attributes).toMatchObject({ 'fluent_bit_siem.outcome': 'held' });
  expect(held!.status).toEqual({ code: 2, message: '' });
  const requests = named('POST');
  expect(requests.map(({ kind, parentId, attributes }) => [kind, parentId, attributes])).toEqual([
    [3, delivered!.spanId, expect.objectContaining({ 'http.response.status_code': 200 })],
    [3, held!.spanId, expect.objectContaining({ 'http.response.status_code': 500, 'error.type': '500' })],
  ]);
  expect(requests[0]!.attributes).toMatchObject({
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(siem.url).port),
  });
  expect(all).toHaveLength(7);
  const text = JSON.stringify(all);
  for (const hidden of [token, 'private', 'nonsense']) expect(text).not.toContain(hidden);
});

test('the metrics that are exported are those of /metrics', async () => {
  const url = await serve(exported());
  for (let n = 0; n < 3; n++) expect(await post(url, '/map/archive', logins(25), 'audit')).toBe(200);
  expect(await post(url, '/deliver/archive', '{"id":1}\n', `siem.archive.${Date.now()}-0a-0`)).toBe(200);
  expect(await post(url, '/deliver/archive', '{"id":2}\n', batchTag)).toBe(200);
  await vi.waitFor(
    () => expect(otlp.points('fluent_bit_siem.dead_lettered').some(({ value }) => value === 1)).toBe(true),
    eventually,
  );
  const samples = parsePrometheus(await (await fetch(`${url}/metrics`)).text());
  const changing = /^process_|_age_seconds$/;
  let compared = 0;
  for (const { name, type, unit, points } of otlp.metrics) {
    for (const { attributes, value, counts, bounds } of points) {
      const labels = Object.fromEntries(
        Object.entries(attributes).map(([key, one]) => [toPrometheusLabel(key), String(one)]),
      );
      const suffix = type === 'histogram' ? '_count' : '';
      const found = samples.filter(
        (sample) =>
          sample.name.startsWith(name.replaceAll('.', '_')) &&
          sample.name.endsWith(suffix) &&
          Object.entries(sample.labels).every(([key, one]) => one === '' || labels[key] === one),
      );
      expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeGreaterThan(0);
      if (type === 'histogram') {
        expect(unit).toBe('s');
        expect(counts).toHaveLength(bounds.length + 1);
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(value);
      }
      if (changing.test(found[0]!.name)) continue;
      expect(found.map((sample) => sample.value)).toContain(value);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(50);
  const durations = otlp.points('http.server.request.duration');
  expect(durations.map(({ attributes, value }) => [attributes['http.route'], value])).toEqual([
    ['/map/:destination', 3],
    ['/deliver/:destination', 2],
  ]);
});

test('with workers the spans are theirs, and the metrics are all together', async () => {
  const url = await serve(exported(), ['--workers', '2']);
  for (let n = 0; n < 6; n++) {
    const answer = await fetch(`${url}/map/archive`, {
      method: 'POST',
      body: logins(1),
      headers: { connection: 'close' },
    });
    expect(answer.status).toBe(200);
  }
  expect(await post(url, '/deliver/archive', '{"id":1}\n', `siem.archive.${Date.now()}-0a-0`)).toBe(200);
  const all = await spans(8);
  const workers = all.flatMap(({ name, resource }) =>
    name === 'POST /map/:destination' ? [resource['fluent_bit_siem.worker']] : [],
  );
  expect(workers).toHaveLength(6);
  expect(new Set(workers)).toEqual(new Set([1, 2]));
  expect(all.filter(({ name }) => name.startsWith('POST /deliver'))).toHaveLength(1);
  const sumOf = (name: string) => otlp.points(name).reduce((sum, { value }) => sum + value, 0);
  await vi.waitFor(() => {
    expect(sumOf('fluent_bit_siem.records')).toBe(6);
    expect(sumOf('http.server.request.duration')).toBe(7);
    expect(sumOf('fluent_bit_siem.ack.duration')).toBe(6);
  }, eventually);
});

describe('records go on their way', () => {
  test('when the receiver is gone: that is said, without a secret', async () => {
    const headers = `authorization=Bearer ${token}`;
    const environment = exported({ OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    await otlp.stop();
    const url = await serve(environment);
    for (let n = 0; n < 5; n++) expect(await post(url, '/map/archive', logins(1), 'audit')).toBe(200);
    await vi.waitFor(() => expect(problems()).toHaveLength(1), eventually);
    serving.signal('SIGTERM');
    const { code, stderr, stdout } = await serving.result;
    expect(code).toBe(0);
    // Once a minute.
    expect(problems()).toHaveLength(1);
    expect(stdout + stderr).not.toContain(token);
    otlp = await OtlpReceiver.start();
  });

  test.each([[[]], [['--workers', '2']]])(
    'when the receiver hangs: the service ends all the same %j',
    async (args) => {
      otlp.hangs = true;
      const url = await serve(exported({ OTEL_EXPORTER_OTLP_TIMEOUT: '600000' }), args);
      expect(await post(url, '/map/archive', logins(1), 'audit')).toBe(200);
      serving.signal('SIGTERM');
      expect((await serving.result).code).toBe(0);
      expect(problems().length).toBeGreaterThan(0);
    },
  );

  test('when the environment asks for what there is not', async () => {
    const url = await serve(exported({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }));
    expect(await post(url, '/map/archive', logins(1), 'audit')).toBe(200);
    expect(serving.log.find(({ msg }) => msg === 'telemetry is not exported')).toMatchObject({
      level: 50,
      reason: "OTEL_EXPORTER_OTLP_PROTOCOL may be http/protobuf only (port 4318), not 'grpc'",
    });
    expect(otlp.headers).toEqual([]);
  });

  test('when nobody asks for telemetry: nothing is exported', async () => {
    const url = await serve({});
    expect(await post(url, '/map/archive', logins(1), 'audit')).toBe(200);
    expect(serving.log.filter(({ msg }) => String(msg).includes('telemetry'))).toEqual([]);
    expect(otlp.headers).toEqual([]);
  });
});
