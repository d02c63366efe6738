import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { Intake, type Receipt } from '../delivery/intake.ts';
import type { RepeatMemory } from '../delivery/repeats.ts';
import { BodyError } from '../fluent/entry.ts';
import { fromMilliseconds } from '../fluent/event-time.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { suggestion } from '../mapping/suggest.ts';
import { notAcknowledged, undecodable, unknownDestination } from './errors.ts';
import { tagOf } from './tag.ts';
import { unpackBody } from './unpack.ts';

interface MapRequest {
  Params: { destination: string };
  Querystring: { tag?: string; as?: string };
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
  repeats?: RepeatMemory,
): void {
  const intake = new Intake(repeats);
  const isDue = oncePer(60_000);

  server.post<MapRequest>('/map/:destination', { onSend: count }, async (request, reply) => {
    const { destination: name } = request.params;
    const destination = destinations.get(name);
    if (!destination) throw unknownDestination(name, suggestion(name, destinations.keys()));
    const raw = await unpackBody(
      request.body ?? Buffer.alloc(0),
      request.headers['content-encoding'],
      bodyLimit,
    );
    const tag = tagOf(request.headers['fluent-tag'], request.query.tag);
    const { unheard, failedFunction, ...receipt } = await settled(
      intake.take(
        destination,
        tag,
        raw,
        fromMilliseconds(Date.now()),
        [request.query.as].flat()[0] === 'events',
      ),
    );
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) unheard();
    });
    if (reply.raw.destroyed) unheard();
    if (failedFunction !== undefined && isDue(failedFunction)) {
      request.log.warn(
        { destination: name, function: failedFunction },
        'a mapping function fails; its values are left out',
      );
    }
    request.log.debug({ destination: name, tag, ...receipt }, 'mapped');
    return receipt;
  });

  /** Every request counts, those too that Fastify refuses before the handler sees them. */
  function count(
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ): void {
    const counters = destinations.get((request.params as MapRequest['Params']).destination)?.counters;
    if (!counters) lost.count++;
    counters?.add('requests');
    if (reply.statusCode >= 400)
      counters?.add(reply.statusCode < 500 ? 'requestsUndecodable' : 'requestsRefused');
    done(null, payload);
  }
}

/** What Fluent Bit did not acknowledge is to be repeated; what no repeat will help is refused. */
async function settled(receipt: Promise<Receipt>): Promise<Receipt> {
  try {
    return await receipt;
  } catch (error) {
    if (error instanceof BodyError) throw undecodable(error.message, error.offset);
    throw error instanceof ForwardError ? notAcknowledged(error.message) : error;
  }
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
