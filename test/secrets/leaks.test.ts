import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { run } from '../cli/helpers.ts';
import { setup, teardown } from '../setup/secrets.ts';
import { collect, collectedIn } from './collect.ts';
import { leaksIn } from './leaks.ts';
import { marker, secret } from './marker.ts';

const one = secret('token');

describe('a secret is found', () => {
  test.each([
    ['as it is', `"authorization":"Bearer ${one}"`],
    ['as it is', encodeURIComponent(`a:b/${one}=`)],
    ['as it is', one.toUpperCase()],
    ['in hexadecimal', Buffer.from(one).toString('hex')],
    [
      'percent-encoded',
      [...Buffer.from(one)]
        .map((byte) => `%${byte.toString(16)}`)
        .join('')
        .toUpperCase(),
    ],
  ])('%s: %s', (form, text) => {
    expect(leaksIn(text).map((leak) => leak.form)).toContain(form);
  });
  test.each(['', 'a', 'ab', 'ops:', 'collector:'])('in base64, behind %j', (before) => {
    for (const after of ['', 'x', 'yz']) {
      const text = Buffer.from(`${before}${one}${after}`).toString('base64');
      expect(leaksIn(`Basic ${text}`)).toMatchObject([{ form: 'in base64' }]);
      expect(leaksIn(Buffer.from(`${before}${marker}${after}`).toString('base64url'))).toHaveLength(1);
    }
  });
});

test('every time, with the text around it', () => {
  const [first, second, third] = leaksIn(`said ${one} once, ${'.'.repeat(500)} and ${one} again`);
  expect(first!.excerpt).toMatch(/^said token-.* once/);
  expect(second!.excerpt).toMatch(/and token-.* again$/);
  expect(third).toBeUndefined();
});

test('what is no secret is not', () => {
  expect(leaksIn(`token=*** ${marker.slice(0, -1)} ${Buffer.from('ops:other').toString('base64')}`)).toEqual(
    [],
  );
});

test('what a service process prints is collected', async () => {
  const folder = process.env[collectedIn]!;
  const said = `no-such-command-${process.pid}`;
  const { stderr } = await run('.', [said]);
  expect(stderr).toContain(said);
  const all = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('');
  await vi.waitFor(() => expect(all()).toContain(said), 30_000);
});

test('a run in which one was said fails, and tells where', () => {
  const own = process.env[collectedIn]!;
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    setup();
    collect('one.stdout', 'nothing of it');
    collect('two.stdout', `{"token":"${one}"}`);
    teardown();
    expect(process.exitCode).toBe(1);
    expect(told.mock.calls.join()).toMatch(/two\.stdout, as it is: {"token":"token-/);
  } finally {
    process.exitCode = undefined;
    rmSync(process.env[collectedIn]!, { recursive: true });
    process.env[collectedIn] = own;
    told.mockRestore();
  }
});
