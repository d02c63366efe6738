import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formatAddress } from '../../plugin/mapping/units.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { Folder, files } from './helpers.ts';
import { eventually, Serving } from './serving.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: Folder;
let delivery: ForwardServer;
let serving: Serving;

beforeEach(async () => {
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `service: { body_limit: 2MB, in_flight: 8MB }\n${files['mappings/destinations.yaml']}`,
  });
  delivery = await ForwardServer.start();
  serving = new Serving(folder.path, formatAddress(delivery.address));
});
afterEach(async () => {
  serving.signal('SIGKILL');
  await delivery.stop();
  folder.remove();
});

/** A million bytes that are all sent on. */
const perBody = 1000;
const body = (from: number): Buffer =>
  Buffer.from(
    Array.from({ length: perBody }, (_, n) =>
      `{"operation":"login","user":"${from + n}-${'x'.repeat(960)}"}`.padEnd(999),
    ).join('\n'),
  );

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function post(url: string, content: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${url}/map/arcsight`, { method: 'POST', agent: new Agent() }, (response) => {
      const { statusCode, headers } = response;
      response.resume().on('end', () => resolve({ status: statusCode!, retryAfter: headers['retry-after'] }));
    })
      .on('error', reject)
      .end(content);
  });
}

/** The most memory that the service ever had, in bytes. */
function peak(): number {
  const status = readFileSync(`/proc/${serving.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

test.skipIf(!existsSync('/proc/self/status'))(
  'while Fluent Bit acknowledges nothing the service stays small, and then takes everything',
  async () => {
    const url = await serving.url();
    expect((await post(url, body(0))).status).toBe(200);
    const before = peak();
    delivery.acks = 'withheld';
    const stored = delivery.messages.length;
    const total = 150;
    const answers: Answer[] = [];
    const first = Array.from({ length: total }, (_, n) => post(url, body((n + 1) * perBody)));
    for (const one of first) void one.then((answer) => answers.push(answer));
    await vi.waitFor(() => expect(answers).toHaveLength(total - 8), eventually);
    expect(new Set(answers.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(
      new Set(['503 5']),
    );
    await vi.waitFor(() => expect(delivery.messages.length).toBeGreaterThanOrEqual(stored + 8), eventually);
    // 150 MB were knocking; unbounded they take 600 MB more.
    expect(peak() - before).toBeLessThan(200_000_000);

    delivery.release();
    const statuses = (await Promise.all(first)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    for (const [n, status] of statuses.entries()) {
      if (status === 503) expect((await post(url, body((n + 1) * perBody))).status).toBe(200);
    }
    const users = delivery.records.map(({ message }) => Number(/ suser=(\d+)-/.exec(String(message))![1]));
    expect(new Set(users).size).toBe((total + 1) * perBody);
    expect(users).toHaveLength((total + 1) * perBody);
    expect(peak() - before).toBeLessThan(250_000_000);
  },
);
