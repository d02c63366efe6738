import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { adviceFor } from '../../../plugin/http/api/advice.ts';
import { History } from '../../../plugin/http/api/history.ts';
import { newestLetters } from '../../../plugin/http/api/letter-file.ts';
import { Ring } from '../../../plugin/http/api/ring.ts';
import { destinationOf, logins } from '../../delivery/helpers.ts';
import { Service } from '../helpers.ts';

const nowhere = { path: '/nonexistent/forward.sock' };
const deliver =
  "{ to: 'https://siem.example:8088/in?key=0123456789abcdef0123', headers: { Authorization: 'Splunk very-secret' } }";

test('a ring keeps the newest, the oldest first', () => {
  const ring = new Ring(3);
  expect(ring.values()).toEqual([]);
  for (const value of [1, null, 3, 4]) ring.add(value);
  expect(ring.values()).toEqual([null, 3, 4]);
  expect(ring.values(1)).toEqual([4]);
});

describe('the history', () => {
  test('has what came and went between two points, and what waits', () => {
    const history = new History();
    const one = destinationOf(nowhere, { name: 'splunk', deliver });
    const { counters, durations } = one.measures;
    counters.addAll({ records: 5, eventsAcked: 5 });
    history.sample([one], 1000);
    counters.addAll({ records: 7, eventsAcked: 8, deadLetters: 1, delivered: 9, undeliverable: 1 });
    durations.siem.record('200', 100);
    durations.siem.record('503', 300);
    history.sample([one], 6000);
    history.sample([one], 11_000);
    const { end, destinations } = history.drawn();
    expect(end).toBe(11_000);
    expect(destinations.splunk).toEqual({
      records: [0, 7, 0],
      delivered: [0, 9, 0],
      waiting: [5, 2, 2],
      latency: [null, expect.closeTo(200, 5), null],
    });
    history.sample([], 16_000);
    expect(history.drawn().destinations).toEqual({});
  });

  test('of a backlog from before the start, nothing waits less than nothing', () => {
    const history = new History();
    const one = destinationOf(nowhere, { name: 'splunk', deliver });
    history.sample([one], 0);
    one.counters.add('delivered', 100);
    history.sample([one], 5000);
    one.counters.add('eventsAcked', 4);
    history.sample([one], 10_000);
    expect(history.drawn().destinations.splunk!.waiting).toEqual([0, 0, 4]);
  });
});

test.each([
  ['401 {"text":"Invalid token"}', /token/],
  ['403 Forbidden', /rights/],
  ['404', /path/],
  ['413 too large', /too large/],
  ['429 slow down', /patience/],
  ['503 {"text":"Server is busy","code":9}', /by themselves/],
  ['301', /moved/],
  ['refused (ECONNREFUSED)', /Nothing listens/],
  ['host not found (ENOTFOUND)', /DNS/],
  ['timeout after 30000 ms', /in time/],
  ['no connection in 10000 ms', /in time/],
  ['TLS: certificate has expired (CERT_HAS_EXPIRED)', /out of date/],
  ['TLS: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)', /deliver\.tls\.ca/],
  ['TLS: unable to get local issuer certificate (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)', /deliver\.tls\.ca/],
  ['TLS: the certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)', /name that stands/],
  ['TLS: wrong version number (EPROTO)', /https or http/],
  ['connection broke (ECONNRESET)', /before an answer/],
  ['token endpoint: 401 invalid_client', /client secret/],
  ['proxy: it answered 407', /HTTPS_PROXY/],
  ['it refuses every record: 400 no such index', /setting is wrong/],
])('what to do about %s', (reason, advice) => expect(adviceFor(reason)).toMatch(advice));

describe('the service', () => {
  let service: Service;
  afterEach(() => service.stop());

  test('tells how it stands, and no secret', async () => {
    service = await Service.start({ deliver });
    await service.map(logins(1, 2));
    const { gate } = service.destination;
    gate!.circuit.failed('pass', '401 {"text":"Invalid token"}');
    const { json, text, headers } = await service.fetch('/api/state');
    expect(json.state.destinations[0]).toMatchObject({
      name: 'splunk',
      state: 'failing',
      to: 'siem.example:8088',
      failure: {
        reason: '401 {"text":"Invalid token"}',
        advice: expect.stringContaining('token'),
        attempts: 1,
      },
      lastError: { reason: '401 {"text":"Invalid token"}' },
      counters: { records: 2 },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/very-secret|0123456789abcdef/);
    gate!.circuit.succeeded();
    const { state } = (await service.fetch('/api/state')).json;
    expect(state.destinations[0]).toMatchObject({
      state: 'delivering',
      lastError: { time: expect.any(String) },
    });
    expect(state.destinations[0]).not.toHaveProperty('failure');
  });

  test('tells those who listen what has changed, and stops all the same', async () => {
    service = await Service.start({ deliver });
    const response = await fetch(`http://127.0.0.1:${service.port}/api/state/stream`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let told = '';
    const reading = (async () => {
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) told += part;
    })();
    await vi.waitFor(() => expect(told).toMatch(/^retry: 2000\n\nevent: all\ndata: \{.*\}\n\n/s), 30_000);
    service.destination.gate!.circuit.failed('pass', '503 busy');
    await vi.waitFor(() => expect(told).toMatch(/event: state\ndata: \{.*"503 busy".*\}\n\n/), 30_000);
    await service.stop();
    await reading;
  });

  test('lets fifty listen', async () => {
    service = await Service.start({ deliver });
    const stop = new AbortController();
    const open = (): Promise<Response> =>
      fetch(`http://127.0.0.1:${service.port}/api/state/stream`, { signal: stop.signal });
    const answers = await Promise.all(Array.from({ length: 51 }, open));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(50).fill(200), 503]);
    stop.abort();
  });

  test('tells which mappings matched, and what none was for', async () => {
    service = await Service.start();
    await service.map([...logins(1, 2, 3), { operation: 'heartbeat' }, { operation: '<b>', x: 1 }, {}], {
      'fluent-tag': 'audit',
    });
    const [one] = (await service.fetch('/api/mappings')).json.destinations;
    expect(one.unmapped).toBe('drop');
    expect(one.files[0].mappings).toMatchObject([
      { ids: ['login'], matched: 3, exclude: false },
      { ids: ['heartbeat'], matched: 1, exclude: true },
    ]);
    expect(one.unmappedKinds).toEqual([
      { tag: 'audit', id: '<b>', count: 1 },
      { tag: 'audit', id: '', count: 1 },
    ]);
  });
});

describe('dead letters', () => {
  let folder: string;
  const letter = (more: object): string =>
    JSON.stringify({
      time: '2026-11-22T10:00:00.000Z',
      destination: 'splunk',
      reason: 'why',
      tag: 'a',
      ...more,
    });
  let service: Service | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  });
  afterEach(async () => {
    await service?.stop();
    service = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  test('are shown, sent again once, and marked, over a restart too', async () => {
    const replayedFile = join(folder, 'state.json.replayed');
    const file = join(folder, 'dead.ndjson');
    const lines = [
      letter({ record: '{"operation":"login","user":"1"}' }),
      letter({ event: '{"made":"already"}' }),
      letter({ record: 'no JSON' }),
      letter({ record_base64: '/w==' }),
      letter({ destination: 'other', record: '{}' }),
      'half a li',
    ];
    writeFileSync(file, `${lines[0]}\n${lines.join('\n')}`);
    const { letters, isAll } = await newestLetters(file, 'splunk');
    expect(isAll).toBe(true);
    expect(letters.map(({ obstacle }) => obstacle)).toEqual([
      'it holds bytes that are no text',
      'its record is no JSON object',
      undefined,
      undefined,
    ]);
    for (let run = 0; run < 2; run++) {
      service = await Service.start({ page: { deadLetters: { file, replayedFile } } });
      const body = JSON.stringify({ destination: 'splunk', ids: letters.map(({ id }) => id) });
      const { json } = await service.fetch('/api/dead-letters/replay', { method: 'POST', body });
      expect(json).toEqual({ sent: run === 0 ? 2 : 0 });
      expect(service.delivery.records.map((record) => record.user ?? record.made)).toEqual(
        run === 0 ? ['1', 'already'] : [],
      );
      const shown = (await service.fetch('/api/dead-letters?destination=splunk')).json;
      expect(shown.letters.map((one: object) => 'replayedAt' in one)).toEqual([false, false, true, true]);
      await service.stop();
    }
    service = undefined;
  });

  test('without service.dead_letters are nowhere to be found', async () => {
    service = await Service.start();
    const { status, json } = await service.fetch('/api/dead-letters');
    expect([status, json.error]).toEqual([409, 'no_dead_letters']);
    expect((await service.fetch('/api/state')).json.state.hasDeadLetters).toBe(false);
  });
});
