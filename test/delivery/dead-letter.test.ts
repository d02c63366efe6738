import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import { type DeadLetter, packDeadLetter } from '../../plugin/delivery/dead-letter.ts';

const unpackr = new Unpackr({ useRecords: false });
const letter: DeadLetter = {
  time: { seconds: 1772438437, nanoseconds: 123456789 },
  reason: 'no record at byte 5',
  content: '[1,2]',
  tag: 'filecloud.audit',
};

const recordOf = (one: DeadLetter): Record<string, unknown> =>
  unpackr.unpack(packDeadLetter(one, 'splunk').subarray(11));

test('a dead letter tells when, where to, why, and what it was', () => {
  expect(recordOf(letter)).toEqual({
    time: '2026-03-02T08:00:37.123Z',
    destination: 'splunk',
    reason: 'no record at byte 5',
    tag: 'filecloud.audit',
    record: '[1,2]',
  });
});

test('it has the time of the record', () => {
  expect(packDeadLetter(letter, 'splunk').subarray(1, 11).toString('hex')).toBe('d70069a543a5075bcd15');
});

test('a long one is cut, and says how long it was', () => {
  const { record, record_length } = recordOf({ ...letter, content: 'é'.repeat(1_000_001) });
  expect(record).toBe('é'.repeat(1_000_000));
  expect(record_length).toBe(1_000_001);
});

test('the longest one fits a message to Fluent Bit', () => {
  expect(packDeadLetter({ ...letter, content: '日'.repeat(5_000_000) }, 'splunk').length).toBeLessThan(
    6_000_000,
  );
});

test('half a character, where it was cut or came so, is replaced', () => {
  const { record } = recordOf({ ...letter, content: `\ud83d ${'😀'.repeat(600_000)}` });
  expect((record as string).startsWith('\ufffd 😀')).toBe(true);
  expect((record as string).isWellFormed()).toBe(true);
});
