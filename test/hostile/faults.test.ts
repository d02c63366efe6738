import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Sender } from '../../plugin/delivery/sender.ts';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { Folder, files } from '../cli/helpers.ts';
import { destination } from '../helpers.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { RawClient } from './raw-client.ts';

vi.setConfig({ testTimeout: 120_000 });
const eventually = { timeout: 60_000, interval: 50 };

let folder: Folder;
let delivery: ForwardServer;
let services: Limited[] = [];
beforeEach(async () => {
  folder = new Folder(files);
  delivery = await ForwardServer.start();
});
afterEach(async () => {
  for (const service of services) service.kill();
  services = [];
  await delivery.stop();
  folder.remove();
});

/** `serve` in a process of its own, with less of something than it needs. */
class Limited {
  readonly #child;
  readonly ended: Promise<string | number | null>;
  output = '';

  /** @param limits a shell's commands before it. @param flags of Node.js */
  constructor(limits: string, flags: string[] = [], args: string[] = []) {
    const command = [process.execPath, ...flags, join(packageRoot, 'dist', 'main.js'), 'serve', ...args];
    this.#child = spawn('sh', ['-c', `${limits} exec "$@"`, 'sh', ...command], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        FLUENT_BIT_SIEM_LISTEN: '127.0.0.1:0',
        FLUENT_BIT_SIEM_FORWARD: formatAddress(delivery.address),
        FLUENT_BIT_SIEM_STATE: join(folder.path, 'state', 'state.json'),
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (part) => {
        this.output += part;
      });
    this.ended = new Promise((resolve) =>
      this.#child.once('exit', (code, signal) => resolve(signal ?? code)),
    );
    services.push(this);
  }

  /** Waits until it listens. */
  async port(): Promise<number> {
    return vi.waitFor(() => {
      const [, port] = /Server listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(this.output)!;
      return Number(port);
    }, eventually);
  }

  /** Seconds of CPU it has used. */
  get cpu(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const login = (user: string): string => `{"operation":"login","user":"${user}"}`;
const post = async (port: number, body: string | Buffer, path = '/map/archive?tag=audit'): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body })).status;
const health = async (port: number): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } })).status;
const users = (): unknown[] => delivery.records.map(({ suser }) => suser);

test('without descriptors it turns connections away, does not spin, and goes on when there are some', async () => {
  const service = new Limited('ulimit -n 400;');
  const port = await service.port();
  expect(await post(port, login('ana'))).toBe(200);
  const clients = await Promise.all(Array.from({ length: 600 }, () => RawClient.connect(port)));
  const before = service.cpu;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  // To try to accept again and again would take all of them.
  expect(service.cpu - before).toBeLessThan(1.5);
  for (const client of clients) client.destroy();
  await vi.waitFor(async () => expect(await health(port)).toBe(200), eventually);
  expect(await post(port, login('ben'))).toBe(200);
  expect(users()).toEqual(['ana', 'ben']);
});

describe('without memory', () => {
  // Each takes 56 bytes and more when it is read: a body of 8 MB becomes sixty.
  const large = Buffer.from(`[${login('ana')}${',{"a":1}'.repeat(950_000)}]`);

  test('the process ends, and what it had not answered is repeated to the next one', async () => {
    const service = new Limited('', ['--max-old-space-size=40']);
    const answer = post(await service.port(), large, '/map/arcsight?tag=audit').catch(
      (error: Error) => error.message,
    );
    expect(await service.ended).toBe('SIGABRT');
    expect(await answer).toBe('fetch failed');
    expect(delivery.records).toEqual([]);
    const next = new Limited('');
    expect(await post(await next.port(), large, '/map/arcsight?tag=audit')).toBe(200);
    expect(delivery.records).toHaveLength(1);
  });
});

describe('a file', () => {
  test('that is half written is refused while the service runs, and taken once it is whole', async () => {
    const service = new Limited('');
    const port = await service.port();
    const path = join(folder.path, 'mappings', 'audit.yaml');
    const whole = files['mappings/audit.yaml'].replace('suser: $user', 'suser: $operation');
    writeFileSync(path, whole.slice(0, whole.indexOf('$operation') - 3));
    await vi.waitFor(() => expect(service.output).toContain('the one before stays in use'), eventually);
    expect(await post(port, login('ana'))).toBe(200);
    writeFileSync(path, whole);
    await vi.waitFor(() => expect(service.output).toContain('the configuration is taken over'), eventually);
    expect(await post(port, login('ana'))).toBe(200);
    expect(users()).toEqual(['ana', 'login']);
  });

  test.each([
    ['half of one', '{"version":1,"paus'],
    ['keys that mean something to JavaScript', '{"paused":{"__proto__":7}}'],
  ])('of the state that has %s is set aside, and the service starts', async (_, text) => {
    folder.remove();
    folder = new Folder({ ...files, 'state/state.json': text });
    const service = new Limited('');
    expect(await health(await service.port())).toBe(200);
    expect(service.output).toContain('set aside');
    expect(readFileSync(join(folder.path, 'state', 'state.json.unreadable'), 'utf8')).toBe(text);
  });

  test('of the state that can not be written, as on a full disk, refuses a pause and changes nothing', async () => {
    const gate = "    deliver: { to: 'http://127.0.0.1:9/' }\n";
    folder.remove();
    folder = new Folder({
      ...files,
      'mappings/destinations.yaml': `${files['mappings/destinations.yaml']}${gate}`,
    });
    // No file may have a byte: what a disk without room does to whoever writes.
    const service = new Limited('ulimit -f 0; trap "" XFSZ;');
    const port = await service.port();
    const status = await post(port, '', '/destinations/archive/pause');
    expect(status).toBeGreaterThanOrEqual(500);
    const shown = await (await fetch(`http://127.0.0.1:${port}/destinations`)).json();
    expect(JSON.stringify(shown)).not.toContain('"paused"');
    expect(await health(port)).toBe(200);
    expect(await post(port, login('ana'))).toBe(200);
  });
});

test('a SIEM whose name is not known fails with the reason, and is asked again', async () => {
  const { deliver } = destination('json, deliver: { to: "https://siem.invalid/in", timeout: 20s }');
  const sender = new Sender({ settings: deliver!, environment: {}, userAgent: 'test' });
  for (let count = 0; count < 2; count++)
    await expect(sender.send(Buffer.from('[]'), 'application/json')).rejects.toThrow(
      /siem\.invalid|ENOTFOUND|EAI_AGAIN/,
    );
  await sender.close();
});
