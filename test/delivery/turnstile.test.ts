import { describe, expect, test } from 'vitest';
import { NoPlace, Turnstile } from '../../plugin/delivery/turnstile.ts';

const longest = 60_000;

describe('a turnstile', () => {
  test('lets so many in, and the others in the order they came', async () => {
    const turnstile = new Turnstile(2, 10, longest);
    const order: number[] = [];
    const visits = [0, 1, 2, 3].map(async (number) => {
      await turnstile.enter();
      order.push(number);
    });
    await Promise.all(visits.slice(0, 2));
    expect([order, turnstile.waiting]).toEqual([[0, 1], 2]);
    turnstile.leave();
    await visits[2];
    turnstile.leave();
    await visits[3];
    expect([order, turnstile.waiting]).toEqual([[0, 1, 2, 3], 0]);
  });
  test('has places again when all have left', async () => {
    const turnstile = new Turnstile(1, 0, longest);
    for (let round = 0; round < 3; round++) {
      await turnstile.enter();
      await expect(turnstile.enter()).rejects.toThrow(NoPlace);
      turnstile.leave();
    }
  });
  test('lets nobody wait for too long', async () => {
    const turnstile = new Turnstile(1, 10, 10);
    await turnstile.enter();
    await expect(turnstile.enter()).rejects.toThrow('no place became free in time');
    expect(turnstile.waiting).toBe(0);
  });
  test('may turn away all who wait, and nobody inside', async () => {
    const turnstile = new Turnstile(1, 10, longest);
    await turnstile.enter();
    const waits = [turnstile.enter(), turnstile.enter()];
    turnstile.turnAway(new Error('closed'));
    for (const wait of waits) await expect(wait).rejects.toThrow('closed');
    turnstile.leave();
    await turnstile.enter();
  });
});
