import { describe, expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileAge } from '../../plugin/delivery/event-age.ts';
import { formats } from '../../plugin/format/index.ts';
import { toJsonText } from '../../plugin/mapping/json.ts';
import { destination, eventOf } from '../helpers.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const hour = 3_600_000;

/** What becomes of an event of this age (ms; below zero: ahead) at a destination of these settings. */
function aged(settings: string, age: number) {
  const one = destination(
    `${settings.split(' ')[0]}, deliver: { to: 'https://x/', ${settings.split(' ').slice(1).join(' ')} }`,
  );
  const line = toJsonText(formats.get(one.format)!.compile(one)(eventOf({ time: now - age }), noProblems()));
  return { line, result: compileAge(one.format, one.deliver!)(line, now) };
}

describe('an event older than the SIEM takes is sent with the time of sending, its own beside it', () => {
  test.each([
    ['datadog', 18 * hour, 'timestamp', now, 'original_timestamp', (time: number) => time],
    ['newrelic', 48 * hour, 'timestamp', now, 'original_timestamp', (time: number) => time],
    [
      'sumo',
      365 * 24 * hour,
      'timestamp',
      new Date(now).toISOString(),
      'original_timestamp',
      (time: number) => new Date(time).toISOString(),
    ],
    [
      'sentinel oldest_event: 2d',
      48 * hour,
      'TimeGenerated',
      new Date(now).toISOString(),
      'OriginalTime',
      (time: number) => new Date(time).toISOString(),
    ],
    [
      'json oldest_event: 1h',
      hour,
      'time',
      new Date(now).toISOString(),
      'original_timestamp',
      (time: number) => new Date(time).toISOString(),
    ],
  ])('%s', (settings, limit, key, stamp, original, written) => {
    const fits = aged(settings, limit);
    expect(fits.result).toEqual({ kind: 'send', line: fits.line });
    const { line, result } = aged(settings, limit + 1);
    expect(result.kind).toBe('restamped');
    const restamped = JSON.parse((result as { line: string }).line);
    expect(restamped).toEqual({
      ...JSON.parse(line),
      [key]: stamp,
      [original]: written(now - limit - 1),
    });
  });
});

describe('an event too far ahead', () => {
  test.each([
    ['datadog', 2 * hour],
    ['sumo', 48 * hour],
    ['newrelic newest_event: 1h', hour],
  ])('%s', (settings, limit) => {
    expect(aged(settings, -limit).result.kind).toBe('send');
    expect(aged(settings, -limit - 1).result.kind).toBe('restamped');
  });
});

test('may be set aside instead, or sent as it is', () => {
  expect(aged('datadog when_older: dead-letter', 19 * hour).result).toEqual({
    kind: 'refused',
    reason: "the event's time is older than the SIEM takes",
  });
  expect(aged('datadog when_older: dead-letter', -3 * hour).result).toMatchObject({ kind: 'refused' });
  const { line, result } = aged('datadog when_older: send', 19 * hour);
  expect(result).toEqual({ kind: 'send', line });
});

test("in Splunk's envelope the own time is an indexed field", () => {
  const { line, result } = aged('splunk-hec oldest_event: 18h', 18 * hour + 500);
  expect(result.kind).toBe('restamped');
  const time = (now - 18 * hour - 500) / 1000;
  expect(JSON.parse((result as { line: string }).line)).toEqual({
    ...JSON.parse(line),
    time: now / 1000,
    fields: { original_timestamp: String(time) },
  });
});

test('other formats have no such limit', () => {
  for (const settings of ['json', 'splunk-hec', 'sentinel', 'ecs']) {
    expect(aged(settings, 10_000 * 24 * hour).result.kind).toBe('send');
  }
});

test('what has no time in front is sent as it is, and a look-alike further back is no time', () => {
  const one = destination("datadog, deliver: { to: 'https://x/' }");
  const age = compileAge('datadog', one.deliver!);
  for (const line of [
    '{}',
    'no json',
    '{"message":"\\"timestamp\\":1"}',
    '{"a":1,"timestamp":1}',
    '{"timestamp":{}}',
  ]) {
    expect(age(line, now)).toEqual({ kind: 'send', line });
  }
  expect(age('{ "timestamp" : 1 }', now)).toEqual({
    kind: 'restamped',
    line: `{"timestamp":${now},"original_timestamp":1 }`,
  });
});

test.each(['1-1', '1e', '+5', '.', '--'])(
  "a time that is no JSON, %s, is nobody else's matter: it is sent as it is",
  (time) => {
    const { deliver } = destination("datadog, deliver: { to: 'https://x/' }");
    const line = `{"timestamp":${time},"a":1}`;
    expect(compileAge('datadog', deliver!)(line, now)).toEqual({ kind: 'send', line });
  },
);
