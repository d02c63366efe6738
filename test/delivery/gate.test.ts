import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Counters } from '../../plugin/delivery/counters.ts';
import type { DeadLetter } from '../../plugin/delivery/dead-letter.ts';
import { Gate, type GateOptions, Held } from '../../plugin/delivery/gate.ts';
import { Measures } from '../../plugin/delivery/measures.ts';
import { type Answer, SendError } from '../../plugin/delivery/sender.ts';
import { ForwardError } from '../../plugin/fluent/forward-client.ts';
import { destination } from '../helpers.ts';

const minute = 60_000;
const day = 86_400_000;
/** Records that come back as text; a SIEM that takes lists of them. */
type Siem = (records: string[]) => Answer | Promise<Answer>;

const ok: Answer = { status: 200, retryAfter: undefined, text: '' };
const answer = (status: number, text = ''): Answer => ({ status, retryAfter: undefined, text });

let clock: number;
let taken: string[];
let letters: DeadLetter[];
let requests: string[][];
let changes: string[];
let counters: Counters;
let siem: Siem;
let buryFails: boolean;
let measures: Measures;

beforeEach(() => {
  clock = Date.parse('2026-11-22T12:00:00Z');
  taken = [];
  letters = [];
  requests = [];
  changes = [];
  measures = new Measures(() => clock);
  counters = measures.counters;
  siem = () => ok;
  buryFails = false;
});

function gateOf(settings = 'json', more = 'body: lines'): Gate {
  const one = destination(`${settings}, deliver: { to: 'https://siem/', ${more} }`);
  return new Gate({
    settings: one as GateOptions['settings'],
    isText: false,
    measures,
    now: () => clock,
    send: async (body) => {
      const records = body.toString().trimEnd().split('\n');
      requests.push(records);
      const result = await siem(records);
      if (result.status < 300) taken.push(...records);
      return result;
    },
    bury: async (some) => {
      if (buryFails) throw new ForwardError('Fluent Bit is gone');
      letters.push(...some);
    },
    onChange: (state, reason) => changes.push(`${state}: ${reason}`),
  });
}

const batchTag = (at = clock, number = 0): string => `siem.x.${at}-0a1b2c3d4e-${number}`;
const batch = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `{"id":${from + index}}`);

/** Knocks with a batch, as Fluent Bit does; gives what it is told. */
async function knock(gate: Gate, records: string[], tag = batchTag()): Promise<'done' | string> {
  // What is told early must be what would be told later.
  const early = gate.whyTurnedAway(tag);
  try {
    const entry = await gate.enter(tag);
    try {
      expect(early).toBeUndefined();
      await gate.deliver(entry, tag, Buffer.from(records.join('\n')));
      return 'done';
    } finally {
      entry.leave();
    }
  } catch (error) {
    if (!(error instanceof Held || error instanceof ForwardError)) throw error;
    expect(early ?? error.message).toBe(error.message);
    return error.message;
  }
}

const idsOf = (lines: readonly string[]): number[] => lines.map((line) => JSON.parse(line).id);

describe('a batch that the SIEM takes', () => {
  test('is done, and counted', async () => {
    expect(await knock(gateOf(), batch(100))).toBe('done');
    expect(requests.map(({ length }) => length)).toEqual([100]);
    expect([counters.get('delivered'), counters.get('deliveries')]).toEqual([100, 1]);
  });
  test('is not sent again when Fluent Bit, killed before it deleted it, brings it back', async () => {
    const gate = gateOf();
    await knock(gate, batch(3));
    expect(await knock(gate, batch(3))).toBe('done');
    expect(taken).toHaveLength(3);
    // Another chunk of the same tag is another batch.
    expect(await knock(gate, batch(3, 3))).toBe('done');
    expect(taken).toHaveLength(6);
  });
  test('is sent once when it knocks again while it is under way', async () => {
    let release = (): void => {};
    siem = () =>
      new Promise((resolve) => {
        release = () => resolve(ok);
      });
    const gate = gateOf();
    const first = knock(gate, batch(3));
    await expect.poll(() => requests.length).toBe(1);
    const second = knock(gate, batch(3));
    release();
    expect([await first, await second]).toEqual(['done', 'done']);
    expect(requests).toHaveLength(1);
  });
  test('an empty one asks nobody', async () => {
    expect(await knock(gateOf(), [])).toBe('done');
    expect(requests).toEqual([]);
  });
});

describe('a SIEM that fails', () => {
  test('holds everything, and is asked by the schedule', async () => {
    siem = () => answer(503, 'busy');
    const gate = gateOf();
    expect(await knock(gate, batch(2))).toBe('failing: 503 busy');
    for (let number = 1; number < 50; number++) {
      expect(await knock(gate, batch(2), batchTag(clock, number))).toBe('failing: 503 busy');
    }
    expect(requests).toHaveLength(1);
    clock += minute;
    await knock(gate, batch(2));
    expect(requests).toHaveLength(2);
    siem = () => ok;
    clock += minute;
    expect(await knock(gate, batch(2))).toBe('done');
    expect(await knock(gate, batch(2, 2), batchTag(clock, 9))).toBe('done');
    expect(changes).toEqual(['failing: 503 busy', 'delivering: it failed 2 times before']);
  });
  test.each<[what: string, failure: Siem, reason: string]>([
    [
      'refuses connections',
      () => Promise.reject(new SendError('refused (ECONNREFUSED)')),
      'refused (ECONNREFUSED)',
    ],
    ['knows the token no more', () => answer(401, 'Invalid token'), '401 Invalid token'],
    ['forbids', () => answer(403), '403'],
    ['has moved', () => answer(302), '302'],
    ['has no such path', () => answer(404), '404'],
  ])('%s: nothing is lost', async (_, failure, reason) => {
    siem = failure;
    const gate = gateOf();
    expect(await knock(gate, batch(2))).toBe(`failing: ${reason}`);
    siem = () => ok;
    clock += minute;
    expect(await knock(gate, batch(2))).toBe('done');
    expect([taken.length, letters.length]).toEqual([2, 0]);
  });
  test('Retry-After is honoured', async () => {
    siem = () => ({ status: 429, retryAfter: 10 * minute, text: '' });
    const gate = gateOf();
    await knock(gate, batch(1));
    siem = () => ok;
    clock += 9 * minute;
    expect(await knock(gate, batch(1))).toBe('failing: 429');
    clock += minute;
    expect(await knock(gate, batch(1))).toBe('done');
  });
  test('turns away those in line at once', async () => {
    let fail = (): void => {};
    siem = () =>
      new Promise((resolve) => {
        fail = () => resolve(answer(500));
      });
    const gate = gateOf('json', 'body: lines, connections: 1');
    const knocks = [0, 1, 2, 3].map((number) => knock(gate, batch(1, number), batchTag(clock, number)));
    await expect.poll(() => gate.waiting).toBe(3);
    fail();
    expect(await Promise.all(knocks)).toEqual(Array(4).fill('failing: 500'));
    expect(requests).toHaveLength(1);
  });
  test('a probe whose sender went away makes room for the next', async () => {
    siem = () => answer(500);
    const gate = gateOf();
    await knock(gate, batch(1));
    clock += minute;
    (await gate.enter(batchTag())).leave();
    siem = () => ok;
    expect(await knock(gate, batch(1))).toBe('done');
  });
});

describe('a refused batch is split until the records at fault stand alone', () => {
  const refuses =
    (...bad: number[]): Siem =>
    (records) =>
      idsOf(records).some((id) => bad.includes(id)) ? answer(400, `no ${bad}`) : ok;

  test('the others arrive, in their order', async () => {
    siem = refuses(3, 42);
    const gate = gateOf();
    expect(await knock(gate, batch(100))).toBe('done');
    expect(idsOf(taken)).toEqual(idsOf(batch(100)).filter((id) => id !== 3 && id !== 42));
    expect(letters.map(({ content, reason, isEvent, tag }) => [content, reason, isEvent, tag])).toEqual([
      ['{"id":3}', 'the SIEM refused it: 400 no 3,42', true, batchTag()],
      ['{"id":42}', 'the SIEM refused it: 400 no 3,42', true, batchTag()],
    ]);
    expect([counters.get('delivered'), counters.get('undeliverable')]).toEqual([98, 2]);
  });
  test('when it is too large, by halves', async () => {
    siem = (records) => (records.length > 30 ? answer(413) : ok);
    expect(await knock(gateOf(), batch(100))).toBe('done');
    expect(idsOf(taken)).toEqual(idsOf(batch(100)));
    expect(requests.map(({ length }) => length)).toEqual([100, 50, 25, 25, 50, 25, 25]);
  });
  test('what was taken before the SIEM failed is not sent again', async () => {
    let calls = 0;
    siem = (records) => (++calls === 4 ? answer(503) : refuses(99)(records));
    const gate = gateOf();
    const tag = batchTag();
    expect(await knock(gate, batch(100), tag)).toBe('failing: 503');
    const before = taken.length;
    expect(before).toBeGreaterThan(0);
    clock += minute;
    expect(await knock(gate, batch(100), tag)).toBe('done');
    expect(idsOf(taken).sort((a, b) => a - b)).toEqual(idsOf(batch(99)));
    expect(letters).toHaveLength(1);
  });
  test('when Fluent Bit can not keep the dead letters, the batch is not done, and nothing is sent twice', async () => {
    siem = refuses(1);
    const gate = gateOf();
    buryFails = true;
    expect(await knock(gate, batch(4))).toBe('Fluent Bit is gone');
    buryFails = false;
    expect(await knock(gate, batch(4))).toBe('done');
    expect(idsOf(taken).sort()).toEqual([0, 2, 3]);
    expect(letters).toHaveLength(1);
  });
});

describe("Splunk's answer names the bad event, and those before it are taken", () => {
  test('so they are not sent again', async () => {
    siem = (records) => {
      const at = idsOf(records).findIndex((id) => id % 10 === 5);
      if (at < 0) return ok;
      taken.push(...records.slice(0, at));
      return answer(
        400,
        JSON.stringify({ text: 'Event field cannot be blank', code: 13, 'invalid-event-number': at }),
      );
    };
    expect(await knock(gateOf('splunk-hec'), batch(30))).toBe('done');
    expect(idsOf(taken)).toEqual(idsOf(batch(30)).filter((id) => id % 10 !== 5));
    expect(letters.map(({ content }) => content)).toEqual(['{"id":5}', '{"id":15}', '{"id":25}']);
    expect(requests).toHaveLength(4);
  });
});

test('a batch that was refused whole, and is alone, waits no longer when the clock is set back', async () => {
  siem = () => answer(400, 'no such stream');
  const gate = gateOf();
  const tag = batchTag();
  await knock(gate, batch(1), tag);
  siem = () => ok;
  clock -= 30 * day;
  expect(await knock(gate, batch(1), tag)).toMatch(/^failing/);
  clock += 3 * minute;
  expect(await knock(gate, batch(1), tag)).toBe('done');
});

describe('a SIEM that refuses every record', () => {
  test('and never took one has something wrong with it: nothing is lost', async () => {
    siem = () => answer(400, 'no such stream');
    const gate = gateOf();
    expect(await knock(gate, batch(100))).toBe('failing: it refuses every record: 400 no such stream');
    expect(requests.length).toBeLessThan(40);
    expect(letters).toEqual([]);
    siem = () => ok;
    clock += minute;
    expect(await knock(gate, batch(100))).toBe('done');
    expect(taken).toHaveLength(100);
  });
  test('does not hold up the batches behind one that is bad: another shows that the SIEM takes some', async () => {
    siem = (records) => (idsOf(records).some((id) => id < 10) ? answer(400, 'bad') : ok);
    const gate = gateOf();
    const bad = batchTag(clock, 1);
    const good = batchTag(clock, 2);
    expect(await knock(gate, batch(5), bad)).toMatch(/^failing/);
    // Both knock once a minute, the bad one just when the SIEM is to be tried again.
    clock += minute;
    expect(await knock(gate, batch(5), bad)).toMatch(/^failing/);
    clock += 30_000;
    expect(await knock(gate, batch(5, 50), good)).toBe('done');
    clock += 30_000;
    expect(await knock(gate, batch(5), bad)).toBe('done');
    expect([idsOf(taken), letters.length]).toEqual([[50, 51, 52, 53, 54], 5]);
  });
  test('is tried with the same batch when there is no other', async () => {
    siem = () => answer(400, 'no such stream');
    const gate = gateOf();
    const tag = batchTag();
    await knock(gate, batch(5), tag);
    const before = requests.length;
    clock += 2 * minute;
    await knock(gate, batch(5), tag);
    expect(requests).toHaveLength(before);
    clock += minute / 2;
    await knock(gate, batch(5), tag);
    expect(requests.length).toBeGreaterThan(before);
  });
  test('after it took others: these are at fault', async () => {
    const gate = gateOf();
    await knock(gate, batch(1));
    siem = () => answer(400, 'bad');
    expect(await knock(gate, batch(3, 10), batchTag(clock, 1))).toBe('done');
    expect(letters).toHaveLength(3);
  });
  test('again and again: it is not the records, and what comes next is kept', async () => {
    const gate = gateOf();
    await knock(gate, batch(1));
    siem = () => answer(400, 'bad');
    const told: string[] = [];
    for (let number = 1; number <= 5; number++)
      told.push(await knock(gate, batch(20, number * 100), batchTag(clock, number)));
    expect(told.slice(0, 3)).toEqual(['done', 'done', 'done']);
    expect(told.slice(3)).toEqual(Array(2).fill(expect.stringMatching(/^failing: it refuses every record/)));
    expect(letters).toHaveLength(60);
  });
});

describe("the bulk answer's own word for each record", () => {
  test('those to be tried again are, later; the others are settled', async () => {
    let isBusy = true;
    siem = (records) => {
      const items = idsOf(records.filter((_, index) => index % 2 === 1)).map((id) => ({
        create: { status: id === 1 ? 400 : id === 2 && isBusy ? 429 : 201 },
      }));
      return answer(200, JSON.stringify({ errors: true, items }));
    };
    const gate = gateOf('ecs', 'body: bulk');
    const tag = batchTag();
    expect(await knock(gate, batch(4), tag)).toBe('failing: it could not take 1 of 4 records');
    isBusy = false;
    clock += minute;
    expect(await knock(gate, batch(4), tag)).toBe('done');
    expect(requests.map((lines) => lines.length / 2)).toEqual([4, 2]);
    expect(letters.map(({ content }) => content)).toEqual(['{"id":1}']);
  });
});

describe('a batch whose time is over', () => {
  const old = (): string => batchTag(clock - 7 * day - minute - 1);

  test('is set aside, not sent and not forgotten; one a little younger is sent', async () => {
    const gate = gateOf();
    expect(await knock(gate, batch(2), old())).toBe('done');
    expect([taken.length, letters.length, counters.get('expired')]).toEqual([0, 2, 2]);
    expect(letters[0]!.reason).toBe('expired: the service took it more than 7 days ago');
    expect(await knock(gate, batch(2, 5), batchTag(clock - 7 * day - minute))).toBe('done');
    expect(taken).toHaveLength(2);
  });
  test('also while the SIEM fails, and while it is paused', async () => {
    siem = () => answer(500);
    const gate = gateOf();
    await knock(gate, batch(1));
    expect(await knock(gate, batch(2), old())).toBe('done');
    gate.isPaused = true;
    expect(await knock(gate, batch(2, 5), old())).toBe('done');
    expect(letters).toHaveLength(4);
    expect(requests).toHaveLength(1);
  });
  test('what has no batch id, or one of the future, is never too old', async () => {
    const gate = gateOf();
    for (const tag of ['', 'other', 'siem.x.1-zz-1', batchTag(clock + 30 * day)]) {
      expect(await knock(gate, batch(1, Math.random()), tag)).toBe('done');
    }
    expect(letters).toEqual([]);
  });
});

test('a paused destination holds everything without asking, until it goes on', async () => {
  const gate = gateOf();
  gate.isPaused = true;
  expect(await knock(gate, batch(2))).toBe('paused');
  expect(requests).toEqual([]);
  gate.isPaused = false;
  expect(await knock(gate, batch(2))).toBe('done');
});

test('an event too old for the SIEM is sent with the time of sending, and counted', async () => {
  const gate = gateOf('datadog');
  const lines = [`{"timestamp":${clock - 19 * 3_600_000},"id":1}`, `{"timestamp":${clock},"id":2}`];
  expect(await knock(gate, lines)).toBe('done');
  expect(taken.map((line) => JSON.parse(line))).toEqual([
    { timestamp: clock, original_timestamp: clock - 19 * 3_600_000, id: 1 },
    { timestamp: clock, id: 2 },
  ]);
  expect(counters.get('restamped')).toBe(1);
});

test('whatever the SIEM does, each record is in the end taken once or set aside once', async () => {
  const fate = fc.constantFrom('ok', 'ok', 'ok', 400, 413, 401, 503, 'refused', 'bury');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { maxLength: 60 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 10 }),
      fc.constantFrom('json', 'splunk-hec'),
      async (fates, bad, format) => {
        taken = [];
        letters = [];
        requests = [];
        const gate = gateOf(format);
        const script = [...fates];
        siem = (records) => {
          const next = script.shift() ?? 'ok';
          buryFails = next === 'bury';
          if (next === 'refused') throw new SendError('refused');
          if (typeof next === 'number' && (next !== 400 || records.length > 1)) return answer(next);
          const at = idsOf(records).findIndex((id) => bad.includes(id));
          if (at < 0) return ok;
          if (format !== 'splunk-hec') return answer(400, 'bad');
          taken.push(...records.slice(0, at));
          return answer(400, JSON.stringify({ code: 6, 'invalid-event-number': at }));
        };
        const batches = [batch(20), batch(20, 20), batch(20, 40)];
        const open = new Set(batches.keys());
        for (let round = 0; open.size > 0 && round < 500; round++) {
          for (const number of [...open]) {
            if ((await knock(gate, batches[number]!, batchTag(0 + clock, number))) === 'done')
              open.delete(number);
          }
          // Tags must stay what they were: time is another's business here.
          clock += 0;
          if (gate.circuit.failure) gate.circuit.succeeded();
          buryFails = false;
        }
        expect(open.size).toBe(0);
        const settled = [...idsOf(taken), ...letters.map(({ content }) => JSON.parse(content).id)];
        expect(settled.sort((a, b) => a - b)).toEqual(idsOf(batch(60)));
        expect(Math.max(...requests.map(({ length }) => length))).toBeLessThanOrEqual(20);
      },
    ),
    { numRuns: 300 },
  );
});
