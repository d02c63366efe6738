import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { parsePrometheus } from '../prometheus.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { Folder, files, run } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 120_000 });

const maps = 'mappings/audit.yaml';
const config = 'mappings/destinations.yaml';
const audit = files[maps];
/** The same mapping with another name for the event. */
const saying = (name: string): string => audit.replace('eventName: login', `eventName: ${name}`);

let folder: Folder;
let delivery: ForwardServer;
let serving: Serving;
let url: string;
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  folder = new Folder(files);
  delivery = await ForwardServer.start();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await delivery.stop();
  expect(delivery.violations).toEqual([]);
  folder.remove();
});

async function serve(...args: string[]): Promise<void> {
  const environment = { TMPDIR: folder.path, FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json') };
  serving = new Serving(folder.path, formatAddress(delivery.address), environment, args);
  const started = serving;
  stops.push(async () => {
    started.signal('SIGKILL');
    await started.result;
  });
  url = await serving.url();
  // From then on SIGHUP means something.
  await said('ready for');
}

const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);

const logged = (part: string) => serving.log.filter(({ msg }) => String(msg).includes(part));

/** Waits until it has said so this many times. */
async function said(part: string, times = 1): Promise<Record<string, unknown>> {
  return vi.waitFor(() => {
    const lines = logged(part);
    expect(lines.length).toBeGreaterThanOrEqual(times);
    return lines.at(-1)!;
  }, eventually);
}
const taken = (times = 1) => said('is taken over', times);
const refused = (times = 1) => said('has errors', times);

function post(path: string, body: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { method: 'POST', agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    })
      .on('error', reject)
      .end(body);
  });
}

const login = '{"operation":"login","user":"ana"}';

/** The event's name in the CEF line that a login becomes now. */
async function nameNow(destination = 'arcsight'): Promise<string> {
  expect(await post(`/map/${destination}`, login)).toBe(200);
  return String(delivery.records.at(-1)!.message).split('|')[5]!;
}

const configuration = async () =>
  ((await (await fetch(`${url}/destinations`)).json()) as { configuration: Record<string, unknown> })
    .configuration;

async function metrics(): Promise<Record<string, number>> {
  const samples = parsePrometheus(await (await fetch(`${url}/metrics`)).text());
  return Object.fromEntries(
    samples
      .filter(({ name }) => name.startsWith('fluent_bit_siem_config_'))
      .map(({ name, labels, value }) => [
        [name.slice('fluent_bit_siem_config_'.length), labels.result].filter(Boolean).join(' '),
        value,
      ]),
  );
}

test('a changed mapping is taken over, and counted', async () => {
  await serve();
  expect(await nameNow()).toBe('login');
  const before = await configuration();
  write(maps, saying('signin'));
  const { digest } = await taken();
  expect(await nameNow()).toBe('signin');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(digest).not.toBe(before.digest);
  expect(await configuration()).toEqual({ loadedAt: expect.any(String), digest });
  expect(await metrics()).toEqual({
    'loads_total success': 2,
    'loads_total failure': 0,
    load_time_seconds: Math.floor(Date.parse(String((await configuration()).loadedAt)) / 1000),
    last_load_successful: 1,
    info: 1,
  });
  // The same connection, and the same batch.
  expect(delivery.connections).toBe(1);
  expect(delivery.byTag.size).toBe(1);
});

test('with an error the old one stays, says so everywhere, and a good one mends it', async () => {
  await serve();
  const { digest } = await configuration();
  write(maps, saying('signin').replace('eventClass', 'eventKlass'));
  const { findings } = await refused();
  // As `validate` prints them.
  expect((findings as string[]).join('\n')).toMatch(
    /^mappings\/audit\.yaml:4:\d+: error M\d+: unknown key 'eventKlass'/m,
  );
  expect(await nameNow()).toBe('login');
  expect(await configuration()).toEqual({
    loadedAt: expect.any(String),
    digest,
    error: { since: expect.any(String), findings },
  });
  expect(await metrics()).toMatchObject({ 'loads_total failure': 1, last_load_successful: 0 });
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'up' });

  const { code, stdout } = await run(folder.path, ['status'], '', {
    FLUENT_BIT_SIEM_LISTEN: url.slice('http://'.length),
  });
  expect(stdout).toContain('refused since');
  expect(stdout).toMatch(/in use: mappings\/audit\.yaml:4:5: error /);
  expect(code).toBe(1);

  write(maps, audit);
  await said('is the same');
  expect(await configuration()).not.toHaveProperty('error');
  expect(logged('has errors')).toHaveLength(1);
});

describe('is taken over however it is written:', () => {
  test('in two steps, of which the first leaves nothing that could be used', async () => {
    await serve();
    const whole = saying('signin');
    write(maps, whole.slice(0, whole.indexOf('map:') + 8));
    await refused();
    expect(await nameNow()).toBe('login');
    write(maps, whole);
    await taken();
    expect(await nameNow()).toBe('signin');
  });

  test('another file renamed over it, again and again', async () => {
    await serve();
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      write('mappings/.audit.yaml.new', saying(name));
      renameSync(join(folder.path, 'mappings/.audit.yaml.new'), join(folder.path, maps));
      await taken(index + 1);
      expect(await nameNow()).toBe(name);
    }
  });

  test('links exchanged, as Kubernetes does for a ConfigMap', async () => {
    const at = (...path: string[]): string => join(folder.path, 'mounted', ...path);
    const version = (name: string, text: string): void => {
      mkdirSync(at(name), { recursive: true });
      writeFileSync(at(name, 'audit.yaml'), text);
      writeFileSync(at(name, 'destinations.yaml'), files[config]);
      symlinkSync(name, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    version('..1', audit);
    for (const name of ['audit.yaml', 'destinations.yaml']) symlinkSync(`..data/${name}`, at(name));
    await serve('--config', 'mounted/destinations.yaml');
    version('..2', saying('signin'));
    await taken();
    expect(await nameNow()).toBe('signin');
  });

  test('a new file that a pattern finds, a secret, and own functions', async () => {
    write('mappings/secret', 'one\n');
    write('mappings/own.mjs', 'export const own = () => "first";\n');
    write('mappings/a-1.yaml', audit.replace('id: login', 'id: logout'));
    write(
      config,
      `functions: own.mjs
destinations:
  arcsight:
    format: cef
    device: { vendor: '\${file:secret}', product: p, version: '1' }
    mappings: ['a-*.yaml']
`,
    );
    await serve();
    write(
      'mappings/a-2.yaml',
      audit.replace('extension: {', 'extension: { cs1Label: l, cs1: { call: own, args: [] },'),
    );
    await taken();
    expect(await nameNow()).toBe('login');
    expect(String(delivery.records.at(-1)!.message)).toContain('|one|');
    write('mappings/secret', 'two\n');
    await taken(2);
    write('mappings/own.mjs', 'export const own = () => "second";\n');
    await taken(3);
    await nameNow();
    const line = String(delivery.records.at(-1)!.message);
    expect(line).toContain('|two|');
    expect(line).toContain('cs1=second');
  });
});

test('own functions of a CommonJS module are taken over, too', async () => {
  write('mappings/own.cjs', 'exports.own = () => "first";\n');
  write(config, `functions: own.cjs\n${files[config]}`);
  write(maps, audit.replace('eventName: login', 'eventName: { call: own, args: [] }'));
  await serve();
  expect(await nameNow()).toBe('first');
  write('mappings/own.cjs', 'exports.own = () => "second";\n');
  await taken();
  expect(await nameNow()).toBe('second');
});

test('destinations come and go; what a running process cannot change is said', async () => {
  await serve();
  const changed = files[config]
    .replace('archive:', 'vault:')
    .replace('destinations:', 'service: { in_flight: 100MB }\ndestinations:');
  write(config, changed);
  await taken();
  expect(await post('/map/vault', login)).toBe(200);
  expect(await post('/map/archive', login)).toBe(503);
  expect((await said('started again')).settings).toEqual(['in_flight']);
});

test('without watching only SIGHUP has it read again', async () => {
  await serve('--no-watch');
  serving.signal('SIGHUP');
  await said('is the same');
  write(maps, saying('signin'));
  serving.signal('SIGHUP');
  expect(await taken()).toMatchObject({ why: 'SIGHUP' });
  expect(await nameNow()).toBe('signin');
});

test('all workers take it over, and one that starts later has it, whatever the files are then', async () => {
  await serve('--workers', '2');
  write(maps, saying('signin'));
  await taken();
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  stops.push(() => {
    for (const agent of agents) agent.destroy();
  });
  for (const agent of agents) expect(await post('/map/arcsight', login, agent)).toBe(200);
  // One of each worker.
  expect(delivery.connections).toBe(2);
  const names = () => delivery.records.map(({ message }) => String(message).split('|')[5]);
  expect(names()).toEqual(['signin', 'signin']);

  write(maps, 'mapings: []\n');
  await refused();
  const ready = logged('worker ready');
  for (const { workerPid } of ready) process.kill(workerPid as number, 'SIGKILL');
  await said('worker ready', 4);
  expect(await nameNow()).toBe('signin');
});

test('a hundred configurations under load: no request fails, and each record is mapped by one of them', async () => {
  await serve('--no-watch');
  const agent = new Agent({ keepAlive: true });
  stops.push(() => agent.destroy());
  const statuses = new Map<number, number>();
  let isOver = false;
  const senders = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const status = await post('/map/arcsight', login, agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  for (let n = 1; n <= 100; n++) {
    // Now and then one with an error, which changes nothing.
    if (n % 10 === 0) {
      write(maps, 'mapings: []\n');
      serving.signal('SIGHUP');
      await refused(n / 10);
    }
    write(maps, saying(`login${n}`));
    serving.signal('SIGHUP');
    await taken(n);
  }
  isOver = true;
  await Promise.all(senders);
  expect([...statuses.keys()]).toEqual([200]);
  expect(delivery.records).toHaveLength(statuses.get(200)!);
  expect(await nameNow()).toBe('login100');
  expect(delivery.connections).toBe(1);
  expect(readFileSync(join(folder.path, maps), 'utf8')).toContain('login100');
});
