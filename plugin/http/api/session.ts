import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError, unauthorized } from '../errors.ts';
import type { Guard } from '../guard.ts';
import { oncePer } from '../once-per.ts';
import { type Sessions, sessionCookie } from '../sessions.ts';
import { jsonBody } from './body.ts';
import type { SessionState } from './types.ts';

export interface SessionParts {
  readonly guard: Guard;
  readonly sessions: Sessions;
  /** Whether the page comes by https. */
  readonly isSecure: boolean;
  /** Told of each attempt that fails. */
  readonly refused: () => void;
}

/** Of a peer, in so many milliseconds; after that none of it is looked at until they are over. */
const mostFailures = 5;
const failuresWithin = 60_000;
const mostPeers = 1000;

/**
 * `/api/session`: how a person gets in without the browser's own question, which knows no tokens. What is sent is
 * checked like the credentials of any request; then a cookie stands for it.
 */
export function sessionRoutes(server: FastifyInstance, parts: SessionParts): void {
  const { guard, sessions, isSecure, refused } = parts;
  const failures = new Failures();
  const isDue = oncePer(60_000);

  server.get('/api/session', (request): SessionState => {
    const isLoggedIn = sessions.has(request.headers.cookie);
    return {
      isNeeded: !isLoggedIn && !guard.allows('admin', request.headers.authorization),
      isLoggedIn,
      by: guard.waysInto('admin'),
    };
  });

  server.post('/api/session', { bodyLimit: 16_384 }, (request, reply) => {
    const wait = failures.wait(request.ip);
    if (wait > 0) {
      reply.header('retry-after', Math.ceil(wait / 1000));
      throw new ServiceError(429, 'too_many_attempts', 'too many attempts failed; try again in a minute');
    }
    if (!guard.allows('admin', authorizationIn(request))) {
      refused();
      failures.add(request.ip);
      if (isDue(request.ip)) {
        const fields = { peer: request.ip, needs: 'service.auth.admin' };
        request.log.warn(fields, 'a login failed; of this peer that is said once a minute');
      }
      throw unauthorized(401, 'admin');
    }
    sessions.end(request.headers.cookie);
    reply.header('set-cookie', sessionCookie(sessions.begin(), isSecure));
    return { isNeeded: false };
  });

  server.delete('/api/session', (request, reply) => {
    sessions.end(request.headers.cookie);
    reply.header('set-cookie', sessionCookie(undefined, isSecure));
    return { isNeeded: true };
  });
}

/** What was typed, as the header that other requests have. */
function authorizationIn(request: FastifyRequest): string | undefined {
  const { token, username, password } = jsonBody(request);
  if (typeof token === 'string') return `Bearer ${token.trim()}`;
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Failed attempts of the last while, by peer. Behind a proxy, and with workers, all people are one peer. */
class Failures {
  readonly #peers = new Map<string, { count: number; until: number }>();

  /** Milliseconds until a peer may try again; 0: now. */
  wait(peer: string): number {
    const known = this.#peers.get(peer);
    if (!known || known.count < mostFailures) return 0;
    return Math.max(0, known.until - performance.now());
  }

  add(peer: string): void {
    const now = performance.now();
    const known = this.#peers.get(peer);
    const isOver = !known || known.until <= now;
    this.#peers.delete(peer);
    this.#peers.set(
      peer,
      isOver ? { count: 1, until: now + failuresWithin } : { ...known, count: known.count + 1 },
    );
    if (this.#peers.size > mostPeers) this.#peers.delete(this.#peers.keys().next().value!);
  }
}
