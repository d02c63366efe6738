import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { idleFor, longest, Sessions, sessionCookie } from '../../plugin/http/sessions.ts';
import type { AuthSettings } from '../../plugin/mapping/service-settings.ts';
import { secret } from '../secrets/marker.ts';
import { type Answer, Service } from './helpers.ts';

const token = secret('admin');
const password = `${secret('ops')}: größer`;
const gate = secret('gate');
const auth: AuthSettings = {
  map: { tokens: [secret('collector')], users: [] },
  deliver: { tokens: [gate], users: [] },
  admin: { tokens: [token], users: [{ username: 'ops', password }] },
};
let service: Service;

beforeEach(async () => {
  service = await Service.start({ auth });
});
afterEach(() => service.stop());

const logIn = (content: unknown): Promise<Answer> =>
  service.fetch('/api/session', { method: 'POST', body: JSON.stringify(content) });
const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')!.split(';', 1)[0]!;
const ask = (path: string, cookie?: string, method = 'GET'): Promise<Answer> =>
  service.fetch(path, { method, headers: cookie === undefined ? {} : { cookie } });

describe('a session', () => {
  test.each([{ token }, { username: 'ops', password }])(
    'begins with the credentials of admin',
    async (content) => {
      const answer = await logIn(content);
      expect([answer.status, answer.json]).toEqual([200, { isNeeded: false }]);
      expect(answer.headers.get('set-cookie')).toMatch(
        /^fluent_bit_siem_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
      );
      expect((await ask('/api/state', cookieOf(answer))).status).toBe(200);
    },
  );

  test('is good for people only: neither /map nor /deliver knows it', async () => {
    const cookie = cookieOf(await logIn({ token }));
    expect((await ask('/destinations', cookie)).status).toBe(200);
    expect((await ask('/map/splunk', cookie, 'POST')).status).toBe(503);
    expect((await ask('/deliver/splunk', cookie, 'POST')).status).toBe(503);
  });

  test('ends when someone logs out, and the cookie goes', async () => {
    const cookie = cookieOf(await logIn({ token }));
    const answer = await ask('/api/session', cookie, 'DELETE');
    expect(answer.headers.get('set-cookie')).toMatch(/^fluent_bit_siem_session=; Path=\/; Max-Age=0;/);
    expect((await ask('/api/state', cookie)).status).toBe(401);
  });

  test('is not had for wrong ones, or for those of something else', async () => {
    const wrong = [{ token: gate }, { username: 'ops', password: 'x' }, { token: 1 }, {}];
    for (const content of wrong) {
      const answer = await logIn(content);
      expect([answer.status, answer.json.error]).toEqual([401, 'unauthorized']);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect((await ask('/api/state', 'fluent_bit_siem_session=made-up')).status).toBe(401);
  });

  test('after five failures a minute is waited, with the right ones, too', async () => {
    for (let attempt = 0; attempt < 5; attempt++) expect((await logIn({ token: 'no' })).status).toBe(401);
    const answer = await logIn({ token });
    expect([answer.status, answer.json.error]).toEqual([429, 'too_many_attempts']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(service.log.filter(({ msg }) => String(msg).startsWith('a login failed'))).toHaveLength(1);
    expect(JSON.stringify(service.log)).not.toContain(token);
    // Whoever has the credentials needs no form.
    expect(
      (await service.fetch('/api/state', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(200);
  });

  test('with https its cookie never goes in clear text', () => {
    expect(sessionCookie('x', true)).toMatch(/; Secure$/);
  });
});

describe('who is not logged in', () => {
  test('gets no data, and no question of the browser before the form', async () => {
    for (const path of ['/api/state', '/api/state/stream', '/api/dead-letters']) {
      const { status, headers, json } = await ask(path);
      expect([status, json.error]).toEqual([401, 'unauthorized']);
      expect(headers.get('www-authenticate')).toBe('Session realm="fluent-bit-siem"');
    }
  });

  test('learns which fields the form has, and no more', async () => {
    const { json, headers } = await ask('/api/session');
    expect(json).toEqual({ isNeeded: true, isLoggedIn: false, by: { token: true, password: true } });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a body that is no JSON is a mistake, and no more', async () => {
    const { status, json } = await service.fetch('/api/session', { method: 'POST', body: '{' });
    expect([status, json.error]).toEqual([400, 'bad_request']);
  });
});

describe('Sessions', () => {
  test('end when nobody uses them, and at last all the same', () => {
    let now = 0;
    const sessions = new Sessions(() => now);
    const cookie = (id: string): string => `a=b; fluent_bit_siem_session=${id}; c=d`;
    const idle = sessions.begin();
    const used = sessions.begin();
    now += idleFor - 1;
    expect(sessions.has(cookie(used))).toBe(true);
    now += 2;
    expect(sessions.has(cookie(idle))).toBe(false);
    while (now < longest - idleFor) {
      now += idleFor - 10;
      expect(sessions.has(cookie(used))).toBe(true);
    }
    now = longest + 1;
    expect(sessions.has(cookie(used))).toBe(false);
  });

  test('are a hundred at most: the one that was used least recently goes', () => {
    const sessions = new Sessions();
    const ids = Array.from({ length: 100 }, () => sessions.begin());
    const has = (index: number): boolean => sessions.has(`fluent_bit_siem_session=${ids[index]}`);
    expect(has(0)).toBe(true);
    sessions.begin();
    expect([has(0), has(1), has(2)]).toEqual([true, false, true]);
  });
});
