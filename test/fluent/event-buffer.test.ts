import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventBuffer } from '../../plugin/fluent/event-buffer.ts';
import { packEvent, packRecord } from '../../plugin/fluent/forward-message.ts';

const time = { seconds: 1772438400, nanoseconds: 7 };

/** Writes lines and gives them away. */
function lend(
  events: EventBuffer,
  lines: readonly string[],
): { pieces: Buffer[]; before: Buffer; giveBack: () => void } {
  events.clear();
  for (const line of lines) events.addLine(time, line);
  const giveBack = events.lend();
  const pieces = lines.map((_, index) => events.slice(index));
  return { pieces, before: Buffer.concat(pieces), giveBack };
}

test('a line and a record are packed as events are', () => {
  const events = new EventBuffer();
  const line = 'x'.repeat(300);
  events.addLine(time, line);
  events.addRecord(time, packRecord({ a: 1 }), 7);
  expect(events.slice(1)).toEqual(packEvent(time, { a: 1 }));
  expect(events.slice(0).subarray(-300).toString()).toBe(line);
  expect([...events.sizes]).toEqual([events.lengthOf(0), 7]);
});

test('what is taken back leaves nothing', () => {
  const events = new EventBuffer();
  for (let index = 0; index < 3000; index++) events.addLine(time, `line ${index}`);
  events.truncate(1);
  events.addLine(time, 'last');
  expect([events.count, events.sizes.length]).toEqual([2, 2]);
  expect(events.slice(1).toString('latin1')).toMatch(/last$/);
  expect(events.slice(0, 2)).toHaveLength(events.lengthOf(0) + events.lengthOf(1));
});

test.each([400, 700, 2000])(
  'memory of %i lines that was given back is written again, and not before',
  (count) => {
    const lines = (letter: string): string[] => new Array(count).fill(letter.repeat(100));
    const events = new EventBuffer();
    const first = lend(events, lines('a'));
    const second = lend(events, lines('b'));
    expect(Buffer.concat(first.pieces)).toEqual(first.before);
    first.giveBack();
    second.giveBack();
    const memory = new Set([first, second].map(({ pieces }) => pieces[0]!.buffer));
    const third = lend(events, lines('c'));
    expect(memory).toContain(third.pieces[0]!.buffer);
    expect(third.pieces[0]!.toString('latin1')).toMatch(/c$/);
  },
);

test('few events hold little memory: they share what Node.js keeps for small buffers', () => {
  const memory = [1, 2, 3].map(() => lend(new EventBuffer(), ['a']).pieces[0]!.buffer);
  // It may just have been used up.
  expect(new Set(memory).size).toBeLessThan(3);
});

test('memory beyond what is kept is let go', () => {
  const events = new EventBuffer();
  const large = lend(events, ['a'.repeat(9_000_000)]);
  large.giveBack();
  const next = lend(events, ['b'.repeat(9_000_000)]);
  expect(next.pieces[0]!.buffer).not.toBe(large.pieces[0]!.buffer);
  events.clear();
  expect(events.bytes.length).toBeLessThan(9_000_000);
});

test('events under way stay as they are, whatever is written and given back meanwhile', () => {
  const lines = fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(lines, fc.nat(5)), { maxLength: 30 }), (steps) => {
      const events = new EventBuffer();
      const underWay: ReturnType<typeof lend>[] = [];
      for (const [turn, [lengths, which]] of steps.entries()) {
        underWay.push(
          lend(
            events,
            lengths.map((length) => String.fromCharCode(97 + (turn % 26)).repeat(length)),
          ),
        );
        underWay.splice(which, 1)[0]?.giveBack();
        for (const { pieces, before } of underWay) expect(Buffer.concat(pieces).equals(before)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
