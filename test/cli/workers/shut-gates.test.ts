import { expect, test } from 'vitest';
import { ShutGates } from '../../../plugin/cli/workers/shut-gates.ts';
import { destination } from '../../helpers.ts';

const settings = destination("json, deliver: { to: 'https://siem.example.com' }", { name: 'splunk' });
const tag = (at = Date.now()): string => `siem.splunk.${at}-0a1b2c3d4e-0`;
const why = 'failing: 503';

let now = 0;
function heard(milliseconds: number): (batch?: string) => string | undefined {
  const gates = new ShutGates(() => now);
  gates.hear([{ destination: 'splunk', why, milliseconds }]);
  return (batch = tag()) => gates.whyTurnedAway({ name: 'splunk', settings }, batch);
}

test('nothing is shut that nobody said is', () => {
  expect(new ShutGates().whyTurnedAway({ name: 'splunk', settings }, tag())).toBeUndefined();
});

test('it is shut for as long as was said, and to no more', () => {
  const ask = heard(300);
  now += 299;
  expect(ask()).toBe(why);
  now += 1;
  expect(ask()).toBeUndefined();
});

test('what was said is believed for a second', () => {
  const ask = heard(Number.MAX_SAFE_INTEGER);
  now += 999;
  expect(ask()).toBe(why);
  now += 1;
  expect(ask()).toBeUndefined();
});

test('a batch whose time is over is for the primary to set aside', () => {
  const ask = heard(1000);
  expect(ask(tag(Date.now() - settings.deliver!.retention - settings.batch.age - 60_000))).toBeUndefined();
  expect(ask('no batch')).toBe(why);
});

test('what is said no more is open', () => {
  const gates = new ShutGates(() => now);
  gates.hear([{ destination: 'splunk', why, milliseconds: 1000 }]);
  gates.hear([{ destination: 'other', why, milliseconds: 1000 }]);
  expect(gates.whyTurnedAway({ name: 'splunk', settings }, tag())).toBeUndefined();
});
