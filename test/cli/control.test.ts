import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePorts } from '../../plugin/cli/demo/ports.ts';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { ended, Folder, files, type Result, run, start } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });

const token = `Bearer ${secret('control')}`;
let folder: Folder;
let fluentBit: ForwardServer;
let siem: JsonReceiver;
let service: ReturnType<typeof start>;
let serviceEnded: Promise<Result>;

beforeEach(async () => {
  fluentBit = await ForwardServer.start();
  siem = new JsonReceiver(token);
  await siem.listen();
  const [port] = await freePorts(1);
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `service:
  listen: 127.0.0.1:${port}
  forward: ${formatAddress(fluentBit.address)}
  state: ./state.json
destinations:
  siem:
    format: json
    mappings: [audit.yaml]
    deliver: { to: '${siem.url}/in', headers: { Authorization: '${token}' } }
  direct: { format: json, mappings: [audit.yaml] }
`,
  });
  service = start(folder.path, ['serve']);
  serviceEnded = ended(service);
  await vi.waitFor(async () => expect((await control('status')).code).toBe(0), {
    timeout: 30_000,
    interval: 100,
  });
});
afterEach(async () => {
  service.kill('SIGTERM');
  await serviceEnded;
  await fluentBit.stop();
  await siem.close();
  folder.remove();
});

const control = (...args: string[]): Promise<Result> => run(folder.path, args);

test('status has a line for each destination', async () => {
  const { code, stdout } = await control('status');
  expect([code, stdout]).toEqual([0, 'siem  delivering\ndirect  direct\n']);
  expect((await control('status', 'direct')).stdout).toBe('direct  direct\n');
});

test('test sends an event and says what the SIEM answered', async () => {
  const { code, stdout } = await control('test', 'siem');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^taken: 200\nid of the event: [0-9a-f-]{36}\n$/);
  expect(siem.records).toHaveLength(1);
  siem.refuseWith = 403;
  const refused = await control('test', 'siem');
  expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/^not taken: 403/)]);
});

test('pause and resume do what they say, and status shows it', async () => {
  const paused = await control('pause', 'siem');
  expect([paused.code, paused.stdout]).toEqual([
    0,
    expect.stringMatching(/^siem {2}paused {2}since \S+ by \S+\n$/),
  ]);
  expect(JSON.parse(readFileSync(join(folder.path, 'mappings', 'state.json'), 'utf8'))).toMatchObject({
    paused: { siem: {} },
  });
  expect((await control('status', 'siem')).stdout).toContain('paused');
  expect((await control('resume', 'siem')).stdout).toBe('siem  delivering\n');
});

describe('what can not be done is said', () => {
  test('a destination that is not there, or has no gate', async () => {
    const unknown = await control('pause', 'sim');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("did you mean 'siem'?")]);
    const direct = await control('pause', 'direct');
    expect([direct.code, direct.stderr]).toEqual([1, expect.stringContaining("has no 'deliver:'")]);
  });
  test('wrong use', async () => {
    for (const args of [['pause'], ['test'], ['resume', 'a', 'b']])
      expect((await control(...args)).code).toBe(2);
  });
  test('a service that does not run', async () => {
    service.kill('SIGKILL');
    await serviceEnded;
    const { code, stderr } = await control('status');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/can't be reached \(ECONNREFUSED\): is it running\?/),
    ]);
  });
});

describe('replay', () => {
  const letter = (more: object): string =>
    JSON.stringify({ destination: 'siem', tag: 'audit', reason: 'x', ...more });
  const record = JSON.stringify({ operation: 'login', user: 'ana\u2028' });

  test('maps records anew and sends events as they are', async () => {
    const event = '{"time":"t","any":12345678901234567890}';
    const lines = [letter({ record }), letter({ event, tag: 'siem.siem.1-a-1' }), letter({ record })];
    const dead = new Folder({ 'dead.ndjson': `${lines.join('\n')}\n` });
    const { code, stdout } = await control('replay', join(dead.path, 'dead.ndjson'));
    expect([code, stdout]).toEqual([0, '3 letters sent\n']);
    expect(fluentBit.records).toMatchObject([
      { eventClass: 'Auth', suser: 'ana\u2028' },
      { time: 't' },
      { eventClass: 'Auth' },
    ]);
    dead.remove();
  });
  test('tells what it can not send, by line, and sends the rest', async () => {
    const lines = [
      'no json',
      letter({}),
      letter({ record: 'no json' }),
      letter({ record_base64: 'AAAA' }),
      letter({ record, record_length: 2_000_000 }),
      '{"reason":"x"}',
      '',
      letter({ record }),
      letter({ record, destination: 'direct' }),
    ];
    const dead = new Folder({ 'dead.ndjson': lines.join('\n') });
    const { code, stdout, stderr } = await control(
      'replay',
      '--destination',
      'siem',
      join(dead.path, 'dead.ndjson'),
    );
    expect([code, stdout]).toEqual([1, '1 letter sent\n']);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'line 1: no JSON object',
      'line 2: it holds bytes that are no text',
      'line 3: its record is no JSON object',
      'line 4: it holds bytes that are no text',
      'line 5: its record was too long to be kept whole',
      'line 6: no dead letter: it names no destination',
    ]);
    dead.remove();
  });
  test('a service that refuses ends it with the reason', async () => {
    await fluentBit.stop();
    const dead = new Folder({ 'dead.ndjson': letter({ record }) });
    const { code, stderr } = await control('replay', join(dead.path, 'dead.ndjson'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('503')]);
    dead.remove();
  });
});
