import type { FastifyInstance } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { Intake } from '../delivery/intake.ts';
import { decodeBody } from '../fluent/decode.ts';
import { BodyError, type DecodedBody } from '../fluent/entry.ts';
import { fromMilliseconds } from '../fluent/event-time.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { suggestion } from '../mapping/suggest.ts';
import { notAcknowledged, ServiceError, tooLarge, undecodable, unknownDestination } from './errors.ts';
import { unpackBody } from './unpack.ts';

interface MapRequest {
  Params: { destination: string };
  Querystring: { tag?: string };
  Body: Buffer | undefined;
}

/** Requests for a destination that does not exist: no destination can count them. */
export interface LostRequests {
  count: number;
}

/**
 * `POST /map/<destination>`: records in, and 200 only when every one is acknowledged by Fluent Bit,
 * filtered or unmapped by a rule, or acknowledged as a dead letter.
 */
export function mapRoute(
  server: FastifyInstance,
  destinations: ReadonlyMap<string, Destination>,
  bodyLimit: number,
  lost: LostRequests,
): void {
  const intake = new Intake();
  const isDue = oncePer(60_000);

  server.post<MapRequest>('/map/:destination', async (request, reply) => {
    const { destination: name } = request.params;
    const destination = destinations.get(name);
    if (!destination) {
      lost.count++;
      throw unknownDestination(name, suggestion(name, destinations.keys()));
    }
    const { counters } = destination;
    counters.add('requests');
    try {
      const packed = request.body ?? Buffer.alloc(0);
      const raw = await unpackBody(packed, request.headers['content-encoding'], bodyLimit);
      if (raw.length > bodyLimit) throw tooLarge(bodyLimit);
      const body = decode(raw, request.headers['content-type']);
      const tag = tagOf(request.headers['fluent-tag'], request.query.tag);
      const { unheard, failedFunction, ...receipt } = await intake.take(destination, tag, raw, body);
      if (failedFunction !== undefined && isDue(failedFunction)) {
        request.log.warn(
          { destination: name, function: failedFunction },
          'a mapping function fails; its values are left out',
        );
      }
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) unheard();
      });
      if (reply.raw.destroyed) unheard();
      request.log.debug({ destination: name, tag, ...receipt }, 'mapped');
      return receipt;
    } catch (error) {
      const answer = error instanceof ForwardError ? notAcknowledged(error.message) : error;
      const isFinal = answer instanceof ServiceError && answer.statusCode < 500;
      counters.add(isFinal ? 'requestsUndecodable' : 'requestsRefused');
      throw answer;
    }
  });
}

function decode(raw: Buffer, contentType: string | undefined): DecodedBody {
  try {
    return decodeBody(raw, contentType, fromMilliseconds(Date.now()));
  } catch (error) {
    if (error instanceof BodyError) throw undecodable(error.message, error.offset);
    throw error;
  }
}

/** Fluent Bit's `header_tag FLUENT-TAG`; a sender that can't set headers puts `?tag=` in the URL. */
function tagOf(header: string | string[] | undefined, query: string | undefined): string {
  return [header].flat()[0] ?? [query].flat()[0] ?? '';
}

/** Tells whether something is worth a line in the log: the same thing once in so many milliseconds. */
function oncePer(interval: number): (what: string) => boolean {
  const last = new Map<string, number>();
  return (what) => {
    const now = Date.now();
    if (now - (last.get(what) ?? Number.NEGATIVE_INFINITY) < interval) return false;
    last.set(what, now);
    return true;
  };
}
