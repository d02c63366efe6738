import { createHash, randomBytes } from 'node:crypto';

/** A session nobody uses ends after it, and every session after the longer one. Milliseconds. */
export const idleFor = 12 * 3_600_000;
export const longest = 7 * 24 * 3_600_000;

/** One more, and the one that was used least recently ends. */
const mostSessions = 100;

const cookieName = 'fluent_bit_siem_session';

interface Session {
  readonly since: number;
  lastUse: number;
}

/**
 * Who logged in on the page. Kept in memory: a restart ends all. What is kept is a digest, which opens nothing.
 */
export class Sessions {
  readonly #open = new Map<string, Session>();
  readonly #now: () => number;

  /** @param now a clock that nobody sets, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns the id of a new session */
  begin(): string {
    const id = randomBytes(32).toString('base64url');
    if (this.#open.size >= mostSessions) this.#open.delete(this.#open.keys().next().value!);
    const now = this.#now();
    this.#open.set(digest(id), { since: now, lastUse: now });
    return id;
  }

  /** Whether a request's cookie is that of an open session, which counts as used then. */
  has(cookie: string | undefined): boolean {
    const id = sessionIn(cookie);
    if (id === undefined) return false;
    const key = digest(id);
    const session = this.#open.get(key);
    if (!session) return false;
    const now = this.#now();
    this.#open.delete(key);
    if (now - session.lastUse > idleFor || now - session.since > longest) return false;
    session.lastUse = now;
    this.#open.set(key, session);
    return true;
  }

  /** Ends the session of a request's cookie. */
  end(cookie: string | undefined): void {
    const id = sessionIn(cookie);
    if (id !== undefined) this.#open.delete(digest(id));
  }
}

/** The id in a Cookie header (RFC 6265, section 4.2), of whatever session. */
export function sessionIn(cookie: string | undefined): string | undefined {
  for (const part of (cookie ?? '').split(';')) {
    const [name, value] = part.split('=', 2);
    if (name?.trim() === cookieName && value !== undefined) return value.trim();
  }
  return undefined;
}

/**
 * A Set-Cookie header (RFC 6265, section 4.1): no script sees it, and no other site's page has it sent.
 *
 * @param id undefined to have the browser forget it
 */
export function sessionCookie(id: string | undefined, isSecure: boolean): string {
  const age = id === undefined ? 0 : longest / 1000;
  const secure = isSecure ? '; Secure' : '';
  return `${cookieName}=${id ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
