import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Batcher } from '../../plugin/delivery/batch.ts';
import { Circuit } from '../../plugin/delivery/circuit.ts';
import { Destination, type GateParts } from '../../plugin/delivery/destination.ts';
import { Held } from '../../plugin/delivery/gate.ts';
import { Intake, type Receipt } from '../../plugin/delivery/intake.ts';
import type { Answer } from '../../plugin/delivery/sender.ts';
import { Turnstile } from '../../plugin/delivery/turnstile.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { compiledOf, type DestinationOptions, forwardTo, logins } from './helpers.ts';

const eventually = { timeout: 30_000, interval: 5 };
const now = { seconds: 1772438437, nanoseconds: 0 };
const batch = { records: 3, bytes: 1_000_000, age: 3_600_000, by: 'destination' } as const;
const renamed = `
mappings:
  - id: login
    map: { eventClass: Auth, eventName: login, severity: 3, extension: { who: $user } }
`;

let server: ForwardServer;
let other: ForwardServer;
let destination: Destination;
const intake = new Intake();

beforeEach(async () => {
  server = await ForwardServer.start();
  other = await ForwardServer.start();
  destination = new Destination(compiledOf({ name: 'splunk', batch }), forwardTo(server.address));
});
afterEach(async () => {
  await destination.close();
  await server.stop();
  await other.stop();
  expect([...server.violations, ...other.violations]).toEqual([]);
});

const take = (...users: string[]): Promise<Receipt> =>
  intake.take(destination, 'audit', Buffer.from(JSON.stringify(logins(...users))), now);

/** Another configuration; the connection to Fluent Bit is the same unless there is another. */
function use(options: DestinationOptions, forward = destination.forward): void {
  destination.apply(compiledOf({ name: 'splunk', batch, ...options }), forward);
}

describe('another configuration', () => {
  test('maps the next request, and keeps counters, connection and the open batch', async () => {
    await take('ana');
    use({ mapping: renamed });
    await take('ben');
    expect(server.records.map(({ user, who }) => user ?? who)).toEqual(['ana', 'ben']);
    expect(server.records[1]).toMatchObject({ who: 'ben' });
    expect(server.connections).toBe(1);
    expect(server.byTag.size).toBe(1);
    expect(destination.counters.get('records')).toBe(2);
  });

  test('a request under way is acknowledged by the Fluent Bit it went to; then that connection ends', async () => {
    server.acks = 'withheld';
    const under = take('ana');
    await vi.waitFor(() => expect(server.messages).toHaveLength(1), eventually);
    const old = destination.forward;
    use({}, forwardTo(other.address));
    await take('ben');
    expect(other.records.map(({ user }) => user)).toEqual(['ben']);
    expect(old.isConnected).toBe(true);
    server.release();
    expect(await under).toMatchObject({ events: 1 });
    expect(old.isConnected).toBe(false);
  });

  test('what still has the old connection gets its message through', async () => {
    const old = destination.forward;
    await take('ana');
    use({}, forwardTo(other.address));
    expect(old.isConnected).toBe(false);
    await old.connect();
    await vi.waitFor(() => expect(server.connections).toBe(2), eventually);
    expect(old.isConnected).toBe(false);
  });

  test('what was acknowledged of a request is not sent again, unless it is mapped otherwise now', async () => {
    const { unheard } = await take('ana');
    unheard();
    use({ batch: { ...batch, records: 50 } });
    expect((await take('ana')).events).toBe(1);
    expect(server.records).toHaveLength(1);

    (await take('ana')).unheard();
    use({ mapping: renamed });
    await take('ana');
    // By the old indexes a record could be left out that nobody has.
    expect(server.records.at(-1)).toMatchObject({ who: 'ana' });
  });
});

test('room of a batch is used up; another limit holds from the next one', () => {
  const limits = (records: number) => ({ ...batch, records });
  const batcher = new Batcher('splunk', limits(3));
  const [first] = batcher.allocate([1, 1]);
  batcher.limits = limits(1);
  const portions = batcher.allocate([1, 1, 1]);
  expect(portions.map(({ start, end }) => end - start)).toEqual([1, 1, 1]);
  expect(portions[0]!.tag).toBe(first!.tag);
  batcher.limits = limits(5);
  expect(batcher.allocate([1])[0]!.tag).not.toBe(portions[2]!.tag);
});

test('more places let in who waits; with fewer those inside may stay', async () => {
  const turnstile = new Turnstile(1, 10, 3_600_000);
  await turnstile.enter();
  const second = turnstile.enter();
  turnstile.places = 2;
  await second;
  turnstile.places = 1;
  const third = turnstile.enter();
  turnstile.leave();
  expect(turnstile.waiting).toBe(1);
  turnstile.leave();
  await third;
});

test('a SIEM that fails may be tried at once', () => {
  const circuit = new Circuit({ every: 60_000, for: 300_000, later: 900_000 }, () => 1_000_000);
  circuit.failed('pass', '401');
  expect(circuit.admit()).toBe('wait');
  circuit.tryNow();
  expect(circuit.failure).toMatchObject({ reason: '401', attempts: 1 });
  expect(circuit.admit()).toBe('probe');
});

describe('a gate', () => {
  const to = (port: number): string => `{ to: 'http://127.0.0.1:${port}/' }`;
  const ok: Answer = { status: 200, retryAfter: undefined, text: '' };
  let asked: string[];
  let closed: string[];

  /** Parts that note what they are asked, and answer when `answer` says what. */
  function parts(name: string, answer: () => Promise<Answer> = async () => ok): GateParts {
    return {
      send: (body) => {
        asked.push(`${name} ${body}`);
        return answer();
      },
      close: async () => void closed.push(name),
    };
  }

  function gated(given: GateParts): DestinationOptions {
    const options = { name: 'splunk', batch, deliver: to(1) };
    destination = new Destination(compiledOf(options), forwardTo(server.address), given);
    return options;
  }

  async function deliver(tag: string): Promise<void> {
    const gate = destination.gate!;
    const entry = await gate.enter(tag);
    try {
      await gate.deliver(entry, tag, Buffer.from(`{"tag":"${tag}"}`));
    } finally {
      entry.leave();
    }
  }

  beforeEach(() => {
    asked = [];
    closed = [];
  });

  test('knows what it knew, and sends the new way; the old one closes when its batch is through', async () => {
    let answer!: (answer: Answer) => void;
    const options = gated(parts('old', () => new Promise((resolve) => (answer = resolve))));
    const { gate } = destination;
    const under = deliver('a');
    await vi.waitFor(() => expect(asked).toHaveLength(1), eventually);
    const lines = { ...options, deliver: "{ to: 'http://127.0.0.1:2/', body: lines }" };
    destination.apply(compiledOf(lines), destination.forward, parts('new'));
    await deliver('b');
    expect(closed).toEqual([]);
    answer(ok);
    await under;
    await vi.waitFor(() => expect(closed).toEqual(['old']), eventually);
    expect(destination.gate).toBe(gate);
    // The same batch again, as after a kill of Fluent Bit: it is known to be taken.
    await deliver('a');
    expect(asked.map((one) => one.split(' ')[0])).toEqual(['old', 'new']);
  });

  test('that fails is tried at the next knock when the way is another one, and not when it is the same', async () => {
    const failing = parts('old', async () => ({ ...ok, status: 401 }));
    const options = gated(failing);
    await expect(deliver('a')).rejects.toThrow(Held);
    destination.apply(compiledOf(options), destination.forward, failing);
    await expect(deliver('a')).rejects.toThrow(Held);
    expect(asked).toHaveLength(1);
    destination.apply(compiledOf(options), destination.forward, parts('new'));
    expect(destination.gate!.circuit.failure).toMatchObject({ attempts: 1 });
    await deliver('a');
    expect(destination.gate!.circuit.failure).toBeUndefined();
  });

  test('a batch that was let in is delivered, though its destination has none any more', async () => {
    const options = gated(parts('old'));
    const gate = destination.gate!;
    const entry = await gate.enter('a');
    destination.apply(compiledOf({ ...options, deliver: undefined } as never), destination.forward);
    expect(destination.gate).toBeUndefined();
    await gate.deliver(entry, 'a', Buffer.from('{}'));
    expect(closed).toEqual([]);
    entry.leave();
    await vi.waitFor(() => expect(closed).toEqual(['old']), eventually);
  });
});
