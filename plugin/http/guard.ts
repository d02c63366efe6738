import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Area, AuthSettings, Credentials } from '../mapping/service-settings.ts';
import { unauthorized } from './errors.ts';
import { oncePer } from './once-per.ts';

/** The credentials of an area. */
interface Known {
  readonly digests: readonly Buffer[];
  readonly challenge: string;
  /** Whether there is one of the kind. */
  readonly token: boolean;
  readonly password: boolean;
}

/** Checks who asks. An area without credentials is open. */
export class Guard {
  readonly #areas: ReadonlyMap<Area, Known>;

  constructor(auth: AuthSettings) {
    this.#areas = new Map(
      Object.entries(auth).map(([area, credentials]) => [
        area as Area,
        {
          digests: digestsOf(credentials),
          challenge: challengeOf(credentials),
          token: credentials.tokens.length > 0,
          password: credentials.users.length > 0,
        },
      ]),
    );
  }

  /**
   * Whether a request may. Digests are compared, all of them and each to its end: how long it takes says nothing.
   *
   * @param authorization the header as it came
   */
  allows(area: Area, authorization: string | undefined): boolean {
    const known = this.#areas.get(area);
    if (!known) return true;
    const given = presented(authorization);
    let isKnown = false;
    if (given) for (const digest of known.digests) isKnown = timingSafeEqual(digest, given) || isKnown;
    return isKnown;
  }

  /** What opens an area. */
  waysInto(area: Area): { readonly token: boolean; readonly password: boolean } {
    const known = this.#areas.get(area);
    return { token: known?.token ?? false, password: known?.password ?? false };
  }

  /** What WWW-Authenticate says (RFC 9110, section 11.6.1). */
  challenge(area: Area): string {
    return this.#areas.get(area)?.challenge ?? '';
  }
}

/**
 * Answers whoever may not, before a body is read. For people and their tools that is 401; what Fluent Bit may have sent
 * is 503, for it drops a chunk on 401, and another setting cures it.
 *
 * @param refused is told of each
 * @param hasSession whether a request's cookie is of someone who has logged in: that is as good as the credentials of admin
 */
export function guardRoutes(
  server: FastifyInstance,
  guard: Guard,
  refused: () => void,
  hasSession: (cookie: string | undefined) => boolean = () => false,
): void {
  const isDue = oncePer(60_000);
  server.addHook('onRequest', (request, reply, done) => {
    const area = areaOf(request);
    if (area === undefined || guard.allows(area, request.headers.authorization)) return done();
    if (area === 'admin' && hasSession(request.headers.cookie)) return done();
    refused();
    if (isDue(request.ip)) {
      const given = request.headers.authorization === undefined ? 'none' : 'wrong';
      const fields = { peer: request.ip, url: request.url, needs: `service.auth.${area}`, given };
      request.log.warn(fields, 'credentials are missing or wrong; of this peer that is said once a minute');
    }
    const isAnswered401 = isReading(request) || /^\/(?:destinations|api)\//.test(request.url);
    if (isAnswered401)
      reply.header('www-authenticate', isByPage(request) ? pageChallenge : guard.challenge(area));
    done(unauthorized(isAnswered401 ? 401 : 503, area));
  });
}

/** The page has a form of its own: no browser is to put its own question for a password before it. */
const pageChallenge = 'Session realm="fluent-bit-siem"';

function isByPage({ url, headers }: FastifyRequest): boolean {
  return url.startsWith('/api/') || headers['x-requested-with'] !== undefined;
}

/** Whether it is something that people do in a browser; Fluent Bit, probes and scrapers do the rest. */
export function isForPeople({ routeOptions }: FastifyRequest): boolean {
  const { url = '' } = routeOptions;
  return url === '/' || /^\/(?:api|assets|destinations)(?:\/|$)/.test(url);
}

/** What a request is for, as the router understands it: it knows all ways to write a path. undefined: for anyone. */
function areaOf(request: FastifyRequest): Area | undefined {
  switch (request.routeOptions.url) {
    case '/map/:destination':
      return 'map';
    case '/deliver/:destination':
      return 'deliver';
    case '/health':
    case '/ready':
    // The page's program, and how one logs in.
    case '/':
    case '/assets/*':
    case '/api/session':
      return undefined;
    case '/*':
      return relayedAreaOf(request);
    default:
      return 'admin';
  }
}

/** A worker's relay: the first process looks again, so what is written in an unusual way may be held for more here. */
function relayedAreaOf(request: FastifyRequest): Area | undefined {
  if (request.url.startsWith('/deliver/')) return 'deliver';
  const isOpen = isReading(request)
    ? /^\/(?:(?:ready|api\/session)?(?:\?|$)|assets\/)/
    : /^\/api\/session(?:\?|$)/;
  return isOpen.test(request.url) ? undefined : 'admin';
}

export function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function digestsOf({ tokens, users }: Credentials): Buffer[] {
  return [
    ...tokens.map((token) => digest('bearer', token)),
    ...users.map(({ username, password }) => digest('basic', `${username}:${password}`)),
  ];
}

function challengeOf({ tokens, users }: Credentials): string {
  const realm = 'realm="fluent-bit-siem"';
  return [
    ...(tokens.length > 0 ? [`Bearer ${realm}`] : []),
    ...(users.length > 0 ? [`Basic ${realm}, charset="UTF-8"`] : []),
  ].join(', ');
}

/** RFC 6750, section 2.1, and RFC 7617, section 2. */
function presented(authorization: string | undefined): Buffer | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  return /^bearer$/i.test(scheme)
    ? digest('bearer', value)
    : digest('basic', Buffer.from(value, 'base64').toString('utf8'));
}

function digest(scheme: string, text: string): Buffer {
  return createHash('sha256').update(`${scheme}\n${text}`).digest();
}
