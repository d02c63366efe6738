import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Destination } from '../../plugin/delivery/destination.ts';
import { Intake, type Receipt } from '../../plugin/delivery/intake.ts';
import { ForwardError } from '../../plugin/fluent/forward-client.ts';
import { ForwardServer } from '../receivers/forward-server.ts';
import { type DestinationOptions, destinationOf, logins, numbers } from './helpers.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 5 };

let server: ForwardServer;
let intake: Intake;
let destination: Destination;

/** Starts over with other settings of the destination. */
function use(options: DestinationOptions): void {
  destination?.forward.close();
  destination = destinationOf(server.address, { name: 'splunk', ...options });
}

beforeEach(async () => {
  server = await ForwardServer.start();
  intake = new Intake();
  use({ batch: { records: 10, bytes: 1_000_000, age: 3_600_000, by: 'destination' } });
});
afterEach(async () => {
  destination.forward.close();
  await server.stop();
  expect(server.violations).toEqual([]);
});

const now = { seconds: 1772438437, nanoseconds: 0 };

/** Takes records as a body of NDJSON; a text is a line as it is. */
function take(records: (Record<string, unknown> | string)[], tag = ''): Promise<Receipt> {
  const lines = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  const raw = Buffer.from(lines.join('\n'));
  return intake.take(destination, tag, raw, now);
}

/** Takes the same again and again, as Fluent Bit does, until it is settled. */
async function takeUntilSettled(records: (Record<string, unknown> | string)[]): Promise<Receipt> {
  return vi.waitFor(() => take(records), eventually);
}

const usersAt = (one: ForwardServer): unknown[] => one.records.map(({ user }) => user);
const names = (count: number): string[] => numbers(count).map((number) => `user${number}`);

/** Records under each tag. */
const counts = (): number[] =>
  [...server.byTag.values()].map((messages) => messages.flatMap(({ events }) => events).length);

test('a request is settled with what became of its records', async () => {
  const receipt = await take([
    ...logins('ana', 'ben'),
    { operation: 'heartbeat' },
    { operation: 'x' },
    'no json',
  ]);
  expect(receipt).toMatchObject({ records: 5, events: 2, deadLetters: 1 });
  expect(usersAt(server)).toEqual(['ana', 'ben', undefined]);
});

test('events go under tags of at most so many records, in order', async () => {
  await take(logins(...names(25)));
  expect(usersAt(server)).toEqual(names(25));
  expect(counts()).toEqual([10, 10, 5]);
  expect([...server.byTag.keys()].every((tag) => /^siem\.splunk\.\d{13}-/.test(tag))).toBe(true);
});

test('successive requests share a tag', async () => {
  await take(logins(...names(4)));
  await take(logins(...names(4)));
  await take(logins(...names(4)));
  expect(counts()).toEqual([10, 2]);
});

test('an event has the time of its record', async () => {
  await take(logins('ana'));
  expect(server.events[0]).toMatchObject(now);
});

test('dead letters go to siem.dead.<name>, and their neighbours where they belong', async () => {
  await take([...logins('ana'), 'no json', ...logins('ben')], 'filecloud.audit');
  const [events, dead] = [...server.byTag];
  expect(events![0]).toMatch(/^siem\.splunk\./);
  expect(dead![0]).toMatch(/^siem\.dead\.splunk\.\d{13}-/);
  expect(dead![1].flatMap((message) => message.events.map(({ record }) => record))).toEqual([
    {
      time: '2026-03-02T08:00:37.000Z',
      destination: 'splunk',
      reason: expect.stringContaining('is no JSON object'),
      tag: 'filecloud.audit',
      record: 'no json',
    },
  ]);
});

test('an event over 6,000,000 bytes is dead-lettered and its neighbours arrive', async () => {
  const large = { operation: 'login', user: 'large', text: 'x'.repeat(6_000_000) };
  expect(await take([...logins('ana'), large, ...logins('ben')])).toMatchObject({
    events: 2,
    deadLetters: 1,
  });
  expect(usersAt(server)).toEqual(['ana', 'ben', undefined]);
});

test('events of nearly 6,000,000 bytes are taken, whatever the limit of a batch', async () => {
  use({ batch: { records: 10, bytes: 64_000_000, age: 3_600_000, by: 'destination' } });
  const large = (user: string): Record<string, unknown> => ({
    operation: 'login',
    user,
    text: 'x'.repeat(5_900_000),
  });
  await take([large('ana'), large('ben')]);
  expect(usersAt(server)).toEqual(['ana', 'ben']);
});

test('with batches by tag, each tag has its own, and stands in theirs', async () => {
  use({ batch: { records: 10, bytes: 1_000_000, age: 3_600_000, by: 'tag' } });
  for (const tag of ['filescom.sftp_action', 'filescom.sync', '', '../a b|é', 'filescom.sync']) {
    await take(logins(tag), tag);
  }
  const tags = server.messages.map(({ tag }) => tag.replace(/[^.]*$/, '<id>'));
  expect(tags).toEqual([
    'siem.splunk.filescom.sftp_action.<id>',
    'siem.splunk.filescom.sync.<id>',
    'siem.splunk.untagged.<id>',
    'siem.splunk..._a_b__.<id>',
    'siem.splunk.filescom.sync.<id>',
  ]);
  expect(server.messages[4]!.tag).toBe(server.messages[1]!.tag);
});

test('a sender that makes up tags fills no memory, and no batch gets more than its own', async () => {
  use({ batch: { records: 2, bytes: 1_000_000, age: 3_600_000, by: 'tag' } });
  for (const number of numbers(1100)) await take(logins(number), `t${number}`);
  for (const number of numbers(3)) await take(logins(number), 't0');
  const perTag = new Map<string, number>();
  for (const { tag } of server.messages) perTag.set(tag, (perTag.get(tag) ?? 0) + 1);
  expect(Math.max(...perTag.values())).toBeLessThanOrEqual(2);
});

test('a request without events is settled without Fluent Bit', async () => {
  await server.stop();
  expect(await take([{ operation: 'heartbeat' }])).toMatchObject({ records: 1, events: 0 });
});

describe('a request that failed and is repeated', () => {
  test('sends only what was not acknowledged: every event is there once', async () => {
    server.closeAfter = { messages: 2, acknowledged: true };
    const records = logins(...names(35));
    await expect(take(records)).rejects.toThrow(ForwardError);
    expect(usersAt(server)).toEqual(names(20));
    expect(await takeUntilSettled(records)).toMatchObject({ records: 35, events: 35 });
    // A repeat during which the back-off ends sends its later messages, and the next one the earlier.
    expect(usersAt(server).toSorted()).toEqual(names(35).toSorted());
  });

  test('keeps the limits, counting what may have arrived already', async () => {
    server.closeAfter = { messages: 2, acknowledged: false };
    const records = logins(...names(35));
    await expect(take(records)).rejects.toThrow(ForwardError);
    await takeUntilSettled(records);
    expect(new Set(usersAt(server))).toEqual(new Set(names(35)));
    // The second message was stored and not acknowledged: its events are there twice, under another tag.
    expect(usersAt(server)).toHaveLength(45);
    expect(Math.max(...counts())).toBeLessThanOrEqual(10);
  });

  test('may fail again and again, and is still there once', async () => {
    const records = logins(...names(60));
    for (let failure = 0; failure < 5; failure++) {
      server.closeAfter = { messages: 1, acknowledged: true };
      await vi.waitFor(async () => {
        await take(records).catch(() => {});
        expect(server.closeAfter).toBeUndefined();
      }, eventually);
    }
    await takeUntilSettled(records);
    // What came over a connection that is gone may be stored after what came over the next one.
    expect(usersAt(server).sort()).toEqual(names(60).sort());
  });

  test('has its dead letters once as well', async () => {
    const records = [...logins(...names(10)), ...Array<string>(15).fill('no json')];
    server.closeAfter = { messages: 2, acknowledged: true };
    await expect(take(records)).rejects.toThrow(ForwardError);
    await takeUntilSettled(records);
    expect(server.records).toHaveLength(25);
    expect(counts()).toEqual([10, 10, 5]);
  });

  test('counts its records once, when it is settled', async () => {
    const records = [...logins(...names(20)), { operation: 'heartbeat' }];
    server.closeAfter = { messages: 1, acknowledged: true };
    await expect(take(records)).rejects.toThrow(ForwardError);
    const read = (): number[] =>
      (['records', 'mapped', 'filtered', 'events', 'eventsAcked', 'eventsRepeated'] as const).map((name) =>
        destination.counters.get(name),
      );
    expect(read()).toEqual([0, 0, 0, 0, 10, 0]);
    await takeUntilSettled(records);
    expect(read()).toEqual([21, 20, 1, 20, 20, 10]);
  });

  test('is no repeat when a byte or the tag is another', async () => {
    server.closeAfter = { messages: 1, acknowledged: true };
    await expect(take(logins(...names(20)), 'a')).rejects.toThrow(ForwardError);
    await vi.waitFor(() => take(logins(...names(20)), 'b'), eventually);
    expect(server.records).toHaveLength(30);
  });

  test('is no repeat once it was settled', async () => {
    await take(logins('ana'));
    await take(logins('ana'));
    expect(usersAt(server)).toEqual(['ana', 'ana']);
  });

  test('sends nothing when only the answer was lost', async () => {
    const receipt = await take(logins('ana'));
    receipt.unheard();
    expect(await take(logins('ana'))).toMatchObject({ records: 1, events: 1 });
    expect(usersAt(server)).toEqual(['ana']);
  });
});

test('a Fluent Bit that is down fails the request, and nothing is counted', async () => {
  await server.stop();
  await expect(take(logins('ana'))).rejects.toThrow(ForwardError);
  expect(destination.counters.get('records')).toBe(0);
});

test('requests at the same time keep the limits and all arrive', async () => {
  await Promise.all(numbers(30).map((request) => take(logins(...numbers(7).map((n) => `${request}-${n}`)))));
  expect(new Set(usersAt(server)).size).toBe(210);
  expect(counts()).toEqual(Array(21).fill(10));
});

test('events that wait for their acknowledgement are not written over by those of other requests', async () => {
  const waiting: { message: readonly Buffer[]; before: Buffer; acknowledge: () => void }[] = [];
  vi.spyOn(destination.forward, 'send').mockImplementation(
    (message) =>
      new Promise((resolve) => {
        waiting.push({ message, before: Buffer.concat(message), acknowledge: resolve });
      }),
  );
  const check = (): void => {
    for (const { message, before } of waiting) expect(Buffer.concat(message).equals(before)).toBe(true);
  };
  const receipts: Promise<Receipt>[] = [];
  for (let turn = 0; turn < 12; turn++) {
    // Some in a piece of their own, others copied out of a larger one, and dead letters.
    const many = names(turn % 3 === 0 ? 2000 : 3).map((name) => `${name}-${turn}`);
    receipts.push(take([...logins(...many), `no json ${turn}`]));
    await vi.waitFor(() => expect(waiting.at(-1)?.before.includes(`no json ${turn}`)).toBe(true), eventually);
    check();
    // The first request under way is settled, and its memory free.
    if (turn % 2 === 1) {
      const first = receipts.shift();
      const own = waiting.splice(0, waiting.findIndex(({ before }) => before.includes('no json')) + 1);
      for (const { acknowledge } of own) acknowledge();
      await first;
    }
  }
  check();
  expect(receipts).toHaveLength(6);
  for (const { acknowledge } of waiting) acknowledge();
  await Promise.all(receipts);
});
