import { describe, expect, test } from 'vitest';
import { Circuit } from '../../plugin/delivery/circuit.ts';

const second = 1000;
const retry = { every: 60 * second, for: 300 * second, later: 900 * second };

/** A circuit and a clock that only moves when told. */
function setUp() {
  const clock = { now: 0 };
  return { clock, circuit: new Circuit(retry, () => clock.now) };
}

/** Has a failing SIEM knocked at by thousands of batches, each once a minute, and tells when it was asked. */
function attemptsDuring(minutes: number, knocksEach: number): number[] {
  const { clock, circuit } = setUp();
  const attempts: number[] = [];
  circuit.failed('pass', 'refused');
  for (; clock.now < minutes * 60 * second; clock.now += (60 * second) / knocksEach) {
    if (circuit.admit() !== 'probe') continue;
    attempts.push(clock.now / second);
    circuit.failed('probe', 'refused');
  }
  return attempts;
}

describe('a SIEM that fails is asked by the schedule, one request each time', () => {
  test('every 60 s five times, then every 15 minutes', () => {
    expect(attemptsDuring(60, 2000).map(Math.round)).toEqual([60, 120, 180, 240, 300, 1200, 2100, 3000]);
  });
  test('with one batch that knocks each minute too', () => {
    expect(attemptsDuring(60, 1)).toEqual([60, 120, 180, 240, 300, 1200, 2100, 3000]);
  });
  test('the SIEM may ask for a longer wait, and never for a shorter one', () => {
    const { clock, circuit } = setUp();
    circuit.failed('pass', '429', 600 * second);
    expect(circuit.failure!.nextAttempt).toBe(600 * second);
    clock.now = 600 * second;
    expect(circuit.admit()).toBe('probe');
    circuit.failed('probe', '429', 1);
    expect(circuit.failure!.nextAttempt).toBe(660 * second);
    clock.now = 660 * second;
    expect(circuit.admit()).toBe('probe');
    circuit.failed('probe', '429', 1e12);
    expect(circuit.failure!.nextAttempt).toBe(clock.now + 86_400 * second);
  });
});

test('a clock set back does not make the wait longer', () => {
  const { clock, circuit } = setUp();
  clock.now = 1e12;
  circuit.failed('pass', 'x');
  clock.now = 0;
  expect(circuit.admit()).toBe('wait');
  clock.now = 60 * second;
  expect(circuit.admit()).toBe('probe');
});

describe('while one request tries it', () => {
  test('all others wait', () => {
    const { clock, circuit } = setUp();
    circuit.failed('pass', 'x');
    clock.now = 60 * second;
    expect(circuit.admit()).toBe('probe');
    expect(circuit.admit()).toBe('wait');
  });
  test('one that never reached it makes room for the next', () => {
    const { clock, circuit } = setUp();
    circuit.failed('pass', 'x');
    clock.now = 60 * second;
    circuit.admit();
    circuit.abandoned();
    expect(circuit.admit()).toBe('probe');
  });
  test('those that were under way when it began to fail change the reason only', () => {
    const { clock, circuit } = setUp();
    expect(circuit.failed('pass', 'first')).toBe(true);
    clock.now = 30 * second;
    expect(circuit.failed('pass', 'second')).toBe(false);
    expect(circuit.failure).toEqual({ since: 0, reason: 'second', attempts: 1, nextAttempt: 60 * second });
  });
});

test('the first success opens it to all', () => {
  const { circuit } = setUp();
  expect(circuit.admit()).toBe('pass');
  circuit.failed('pass', 'x');
  expect(circuit.admit()).toBe('wait');
  circuit.succeeded();
  expect(circuit.failure).toBeUndefined();
  expect([circuit.admit(), circuit.admit()]).toEqual(['pass', 'pass']);
});
