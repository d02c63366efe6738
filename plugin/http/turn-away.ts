import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Destination } from '../delivery/destination.ts';
import { tagOf } from '../fluent/tag.ts';
import { held, retryAfter } from './errors.ts';
import type { Guard } from './guard.ts';

const path = '/deliver/';

/** Why a batch can't go now, by its tag; undefined for one that is to be looked at. */
export type WhyTurnedAway = (destination: Destination, tag: string) => string | undefined;

/**
 * Answers what knocks at a gate that is shut, before Fastify sees it and without reading the body. A week's
 * backlog is tens of thousands of batches, and each knocks every minute: that must cost next to nothing, for
 * records and the other destinations go through the same process. Who has no right to know is Fastify's.
 */
export function turnAwayEarly(
  server: Server,
  destinations: ReadonlyMap<string, Destination>,
  guard: Guard,
  whyTurnedAway: WhyTurnedAway = ({ gate }, tag) => gate?.whyTurnedAway(tag),
): void {
  const [handle] = server.listeners('request') as [
    (request: IncomingMessage, response: ServerResponse) => void,
  ];
  server.off('request', handle);
  server.on('request', (request, response) => {
    const destination = knocksAt(request, destinations);
    const tag = tagOf(request.headers['fluent-tag'], undefined);
    const why = destination && whyTurnedAway(destination, tag);
    const isAllowed = why !== undefined && guard.allows('deliver', request.headers.authorization);
    if (destination && isAllowed) turnAway(server, destination, tag, why, response);
    else handle(request, response);
  });
}

/** A URL with anything unusual in it is Fastify's. */
function knocksAt(
  { method, url }: IncomingMessage,
  destinations: ReadonlyMap<string, Destination>,
): Destination | undefined {
  return method === 'POST' && url?.startsWith(path) ? destinations.get(url.slice(path.length)) : undefined;
}

function turnAway(
  server: Server,
  { name, measures }: Destination,
  tag: string,
  why: string,
  response: ServerResponse,
): void {
  measures.counters.add('held');
  measures.backlog.knocked(tag);
  const { statusCode, code, message } = held(name, why);
  const body = Buffer.from(JSON.stringify({ error: code, message }));
  // While the service stops, a connection that stays open would keep it.
  if (!server.listening) response.setHeader('connection', 'close');
  response.writeHead(statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'retry-after': String(retryAfter),
  });
  response.end(body);
}
