import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { countersOf, parsePrometheus } from '../prometheus.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { Folder, files, run } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: Folder;
let delivery: ForwardServer;
let serving: Serving;
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  folder = new Folder(files);
  delivery = await ForwardServer.start();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await delivery.stop();
  folder.remove();
});

/** `serve --workers 2`, whose temporary files are the folder's; the base URL. */
async function serve(environment: Record<string, string> = {}): Promise<string> {
  serving = new Serving(
    folder.path,
    formatAddress(delivery.address),
    { TMPDIR: folder.path, FLUENT_BIT_SIEM_STATE: join(folder.path, 'state.json'), ...environment },
    ['--workers', '2'],
  );
  const started = serving;
  stops.push(() => started.signal('SIGKILL'));
  return serving.url();
}

/** Process ids of the workers, by number. */
function workers(): Map<number, number> {
  const ready = serving.log.filter(({ msg }) => msg === 'worker ready');
  return new Map(ready.map(({ worker, workerPid }) => [worker as number, workerPid as number]));
}

const isRunning = (pid: number): boolean => {
  try {
    // A zombie is gone, too.
    return !/^\s*Z/.test(execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return false;
  }
};

const login = (user: string): string => `{"operation":"login","user":"${user}"}`;

/** Posts on a connection of its own, as another sender would, unless there is an agent. */
function post(
  url: string,
  path: string,
  body: string,
  headers: Record<string, string> = {},
  agent = new Agent(),
): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
      response.on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
}

async function counters(url: string, destination = 'arcsight'): Promise<Record<string, number>> {
  return countersOf(parsePrometheus(await (await fetch(`${url}/metrics`)).text()), destination);
}

const usersOf = (server: ForwardServer): string[] =>
  server.records.map(({ message }) => / suser=(\S+)/.exec(String(message))![1]!);

test('requests are shared among the workers, and their counters add up', async () => {
  const url = await serve();
  for (let n = 0; n < 10; n++) expect(await post(url, '/map/arcsight', login(`u${n}`))).toBe(200);
  expect(await post(url, '/map/arcsight', 'nonsense')).toBe(400);
  expect(await post(url, '/map/nobody', login('x'))).toBe(503);
  expect(await counters(url)).toMatchObject({
    requests: 11,
    requests_undecodable: 1,
    requests_unknown_destination: 1,
    records: 10,
    mapped: 10,
    events_acked: 10,
  });
  // Each worker has a connection of its own to Fluent Bit, and batches of its own.
  expect(delivery.connections).toBe(2);
  expect(delivery.byTag.size).toBe(2);
  expect(usersOf(delivery).sort()).toEqual(Array.from({ length: 10 }, (_, n) => `u${n}`));
});

test('what is not for a worker is answered as without workers', async () => {
  const url = await serve();
  const answers = await Promise.all(
    ['/health', '/ready', '/destinations', '/destinations/archive', '/nothing'].map(async (path) => {
      const response = await fetch(url + path);
      return [path, response.status, await response.json()];
    }),
  );
  expect(answers).toEqual([
    ['/health', 200, { status: 'up' }],
    ['/ready', 200, expect.objectContaining({ ready: true })],
    [
      '/destinations',
      200,
      { destinations: [expect.anything(), expect.anything()], configuration: expect.anything() },
    ],
    ['/destinations/archive', 200, { name: 'archive', format: 'json', state: 'direct' }],
    ['/nothing', 404, { error: 'not_found', message: 'there is nothing at /nothing' }],
  ]);
  const page = await fetch(`${url}/destinations/archive/pause`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example.com' },
  });
  expect([page.status, await page.json()]).toMatchObject([403, { error: 'other_site' }]);
});

describe('kill -9 of a worker', () => {
  test('under load loses nothing, counts on, and another one takes its place', async () => {
    const url = await serve();
    const before = workers();
    const total = 2000;
    const sent = Array.from({ length: total }, (_, n) => `u${n}`);
    const open = [...sent];
    let broken = 0;
    let requests = 0;
    const seen: number[] = [];
    const sender = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true });
      for (let user = open.pop(); user !== undefined; user = open.pop()) {
        const status = await post(url, '/map/arcsight', login(user), {}, agent).catch(() => 0);
        if (status === 0) broken++;
        if (status !== 200) open.push(user);
        if (++requests === total / 4) process.kill(before.get(1)!, 'SIGKILL');
        if (requests % 100 === 0) {
          // It may be the worker that was killed who is asked.
          const counted = await counters(url).catch(() => undefined);
          if (counted) seen.push(counted.requests!);
        }
      }
      agent.destroy();
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    expect(broken).toBeGreaterThan(0);
    expect(new Set(usersOf(delivery))).toEqual(new Set(sent));
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.every((value, index) => index === 0 || value >= seen[index - 1]!)).toBe(true);
    await vi.waitFor(() => expect(workers().get(1)).not.toBe(before.get(1)), eventually);
    expect(workers().get(2)).toBe(before.get(2));
    expect(serving.log).toContainEqual(
      expect.objectContaining({ level: 50, worker: 1, workerPid: before.get(1), reason: 'SIGKILL' }),
    );
    await vi.waitFor(async () => {
      await post(url, '/map/arcsight', login('after'));
      expect(delivery.connections).toBe(3);
    }, eventually);
  });

  test('closes the connection that was on its way to it', async () => {
    const url = await serve();
    const [first] = workers().values();
    process.kill(first!, 'SIGSTOP');
    const { port } = new URL(url);
    const sockets = [1, 2].map(() => createConnection({ host: '127.0.0.1', port: Number(port) }));
    const closed = Promise.race(sockets.map((socket) => once(socket, 'close')));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.on('error', () => {});
    process.kill(first!, 'SIGKILL');
    await closed;
    for (const socket of sockets) socket.destroy();
  });

  test('of all of them: who comes meanwhile waits for the next one', async () => {
    const url = await serve();
    const before = [...workers().values()];
    for (const pid of before) process.kill(pid, 'SIGKILL');
    const ended = (): unknown[] => serving.log.filter(({ msg }) => String(msg).startsWith('a worker ended'));
    await vi.waitFor(() => expect(ended()).toHaveLength(2), eventually);
    expect(await post(url, '/map/arcsight', login('ana'))).toBe(200);
  });
});

test('a repeat sends only the rest, whichever worker it comes to', async () => {
  const url = await serve();
  const records = Array.from({ length: 250 }, (_, n) => login(`u${n}`)).join('\n');
  delivery.closeAfter = { messages: 1, acknowledged: true };
  expect(await post(url, '/map/arcsight', records)).toBe(503);
  const acked = delivery.events.length;
  expect(acked).toBe(100);
  // The worker that knows the rest is not the one to get the next connection. Each connects to Fluent Bit again first.
  const settled = (): Promise<void> =>
    vi.waitFor(async () => expect(await post(url, '/map/arcsight', records)).toBe(200), eventually);
  await settled();
  expect(usersOf(delivery).toSorted()).toEqual(Array.from({ length: 250 }, (_, n) => `u${n}`).toSorted());
  // It is forgotten everywhere: an equal body is now one of its own.
  for (let n = 0; n < 2; n++) await settled();
  expect(delivery.events).toHaveLength(750);
  expect((await counters(url)).events_repeated).toBe(100);
});

test('there is one gate for all: what one worker relays, the other knows', async () => {
  const siem = new JsonReceiver('Bearer t');
  await siem.listen();
  stops.push(() => siem.close());
  folder.remove();
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `destinations:
  archive:
    format: json
    mappings: [audit.yaml]
    deliver: { to: '${siem.url}', headers: { Authorization: Bearer t }, retry: { every: 60s, for: 5m, then: 15m } }
`,
  });
  const url = await serve();
  let batches = 0;
  const tag = (at = Date.now()): string => `siem.archive.${at}-0a1b2c3d4e-${batches++}`;
  const knock = (fluentTag = tag()): Promise<number> =>
    post(url, '/deliver/archive', '{"id":1}\n', { 'fluent-tag': fluentTag });

  for (let n = 0; n < 4; n++) expect(await knock()).toBe(200);
  expect(siem.records).toHaveLength(4);
  // Brought back: whichever worker gets it, it is known to be delivered.
  const known = tag();
  for (let n = 0; n < 4; n++) expect(await knock(known)).toBe(200);
  expect(siem.records).toHaveLength(5);

  const control = (command: string): ReturnType<typeof run> => runWith(url, [command, 'archive']);
  expect((await control('pause')).stdout).toMatch(/^archive {2}paused/);
  for (let n = 0; n < 20; n++) expect(await knock()).toBe(503);
  expect(siem.records).toHaveLength(5);
  // A batch whose time is over goes to the dead letters all the same.
  expect(await knock(tag(Date.now() - 8 * 86_400_000))).toBe(200);
  expect(await counters(url, 'archive')).toMatchObject({ held: 20, delivered: 5, expired: 1 });
  expect((await control('resume')).code).toBe(0);
  await vi.waitFor(async () => expect(await knock()).toBe(200), eventually);

  siem.refuseWith = 503;
  const asked = siem.requests.length;
  for (let n = 0; n < 20; n++) expect(await knock()).toBe(503);
  expect(siem.requests.length).toBe(asked + 1);
  expect(await (await fetch(`${url}/destinations/archive`)).json()).toMatchObject({ state: 'failing' });
});

/** The command line beside the running service. */
function runWith(url: string, args: string[]): ReturnType<typeof run> {
  return run(folder.path, args, '', { FLUENT_BIT_SIEM_LISTEN: new URL(url).host });
}

test('connections that come while the workers start are shared among all', async () => {
  const path = join(folder.path, 'service.sock');
  const isReady = serve({ FLUENT_BIT_SIEM_LISTEN: `unix:${path}` });
  await vi.waitFor(() => expect(existsSync(path)).toBe(true), { ...eventually, interval: 1 });
  const body = login('early');
  const head = `POST /map/arcsight HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`;
  const senders = Array.from({ length: 8 }, () => createConnection(path));
  for (const sender of senders) stops.push(() => sender.destroy());
  expect(workers().size).toBe(0);
  await isReady;
  const answers = senders.map(async (sender) => {
    sender.write(head + body);
    return String((await once(sender, 'data'))[0]).split(' ')[1];
  });
  expect(await Promise.all(answers)).toEqual(senders.map(() => '200'));
  // A batch of each worker.
  expect([...delivery.byTag.values()].map((records) => records.length)).toEqual([4, 4]);
});

test('it listens on a unix socket as well', async () => {
  const path = join(folder.path, 'http.sock');
  expect(await serve({ FLUENT_BIT_SIEM_LISTEN: `unix:${path}` })).toBe(path);
  const answers = Array.from({ length: 4 }, async () => {
    const [response] = await once(
      request({ socketPath: path, path: '/map/arcsight', method: 'POST', agent: new Agent() }).end(
        login('ana'),
      ),
      'response',
    );
    response.resume();
    return response.statusCode;
  });
  expect(await Promise.all(answers)).toEqual([200, 200, 200, 200]);
  expect(delivery.connections).toBe(2);
  serving.signal('SIGTERM');
  expect((await serving.result).code).toBe(0);
  expect(existsSync(path)).toBe(false);
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test.each(['the first process', 'the whole group'])(
    'to %s lets requests under way be answered, and ends all',
    async (whom) => {
      const url = await serve();
      delivery.acks = 'withheld';
      const posting = Promise.all(
        ['ana', 'bob', 'cy', 'dan'].map((user) => post(url, '/map/arcsight', login(user))),
      );
      await vi.waitFor(() => expect(delivery.messages).toHaveLength(4), eventually);
      const pids = [...workers().values()];
      serving.signal(signal);
      if (whom === 'the whole group') for (const pid of pids) process.kill(pid, signal);
      await vi.waitFor(() => expect(serving.log.at(-1)!.msg).toBe('stopping'), eventually);
      await vi.waitFor(() => expect(fetch(`${url}/health`)).rejects.toThrow(), eventually);
      delivery.release();
      expect(await posting).toEqual([200, 200, 200, 200]);
      expect(await serving.result).toMatchObject({ code: 0, stderr: '' });
      expect(pids.some(isRunning)).toBe(false);
      expect(leftovers()).toEqual([]);
    },
  );
});

test('when the first process is killed with -9, the workers end', async () => {
  const url = await serve();
  const pids = [...workers().values()];
  // One is busy with a request.
  delivery.acks = 'withheld';
  const posting = post(url, '/map/arcsight', login('ana')).catch(() => 0);
  await vi.waitFor(() => expect(delivery.messages).toHaveLength(1), eventually);
  serving.signal('SIGKILL');
  await vi.waitFor(() => expect(pids.some(isRunning)).toBe(false), eventually);
  expect(await posting).toBe(0);
  expect(leftovers()).toEqual([]);
});

/** What is left of the sockets between the processes. */
function leftovers(): string[] {
  return readdirSync(folder.path).filter((name) => name.startsWith('fluent-bit-siem-'));
}

describe('it does not start', () => {
  test('when the port is taken: that is said once', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    stops.push(() => other.close());
    const { port } = other.address() as { port: number };
    const listen = `127.0.0.1:${port}`;
    const { code, stderr } = await run(folder.path, ['serve', '--workers', '2'], '', {
      FLUENT_BIT_SIEM_LISTEN: listen,
      TMPDIR: folder.path,
    });
    expect(code).toBe(1);
    expect(stderr).toBe(`fluent-bit-siem serve: listen EADDRINUSE: address already in use ${listen}\n`);
    expect(leftovers()).toEqual([]);
  });

  test('on a mistake in the configuration: that is said once', async () => {
    folder.remove();
    folder = new Folder({ ...files, 'mappings/audit.yaml': 'mapings: []\n' });
    const { code, stderr } = await run(folder.path, ['serve', '--workers', '2']);
    expect(code).toBe(1);
    expect(stderr.match(/unknown key 'mapings'/g)).toHaveLength(1);
  });

  test.each(['0', '65', '1.5', 'many', ''])('with --workers %j', async (text) => {
    const { code, stderr } = await run(folder.path, ['serve', '--workers', text]);
    expect(code).toBe(2);
    expect(stderr).toContain('--workers is a number from 1 to 64');
  });
});

test('where there is no place for temporary files it takes the folder of its state', async () => {
  const state = new Folder({});
  stops.push(() => state.remove());
  await serve({
    TMPDIR: join(folder.path, 'nonexistent'),
    FLUENT_BIT_SIEM_STATE: join(state.path, 'state.json'),
  });
  expect(readdirSync(state.path)).toEqual([expect.stringMatching(/^fluent-bit-siem-workers-/)]);
  serving.signal('SIGTERM');
  expect((await serving.result).code).toBe(0);
  expect(readdirSync(state.path)).toEqual([]);
});

test('service.workers says how many, without the option', async () => {
  folder.remove();
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `service: { workers: 3 }\n${files['mappings/destinations.yaml']}`,
  });
  serving = new Serving(folder.path, formatAddress(delivery.address), { TMPDIR: folder.path });
  stops.push(() => serving.signal('SIGKILL'));
  await serving.url();
  expect(workers().size).toBe(3);
  await vi.waitFor(
    () => expect(serving.log.at(-1)!.msg).toBe('ready for 2 destinations, 3 workers'),
    eventually,
  );
});
