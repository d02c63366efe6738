import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { Intake, type Receipt } from '../delivery/intake.ts';
import type { RepeatMemory } from '../delivery/repeats.ts';
import type { SeenRecords } from '../delivery/seen-records.ts';
import { BodyError, TooManyRecords } from '../fluent/entry.ts';
import { fromMilliseconds } from '../fluent/event-time.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { tagOf } from '../fluent/tag.ts';
import { suggestion } from '../mapping/suggest.ts';
import type { LostRequests } from '../telemetry/lost-requests.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { notAcknowledged, tooManyRecords, undecodable, unknownDestination } from './errors.ts';
import { boundBodies, InFlight, type Load } from './in-flight.ts';
import { oncePer } from './once-per.ts';
import { timed } from './timed.ts';

interface MapRequest {
  Params: { destination: string };
  Querystring: { tag?: string; as?: string };
  Body: Buffer | undefined;
}

/** What bounds the memory that bodies take, in bytes. */
export interface BodyLimits {
  /** Of one body, packed or unpacked. */
  readonly bodyLimit: number;
  /** Of all bodies under way at a time. */
  readonly inFlight: number;
}

export interface MapOptions {
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly limits: BodyLimits;
  /** Counts the requests that no destination can count. */
  readonly lost: LostRequests;
  /** One for all processes that may get the repeat of a request; without it one of its own. */
  readonly repeats?: RepeatMemory | undefined;
  readonly tracing?: Tracing | undefined;
  /** Keeps the last records. */
  readonly seen?: SeenRecords | undefined;
}

/**
 * `POST /map/<destination>`: records in, and 200 only when every one is acknowledged by Fluent Bit,
 * filtered or unmapped by a rule, or acknowledged as a dead letter.
 */
export function mapRoute(server: FastifyInstance, options: MapOptions): void {
  const { destinations, limits, lost, repeats, tracing, seen } = options;
  const intake = new Intake(repeats, seen);
  const isDue = oncePer(60_000);
  const inFlight = new InFlight(limits.inFlight, limits.bodyLimit);
  const { hooks, within, isRefused } = boundBodies(inFlight);

  server.post<MapRequest>(
    '/map/:destination',
    { ...hooks, onSend: count, onResponse: timed(destinations, 'map') },
    (request, reply) => within(request, (load) => map(request, reply, load)),
  );

  async function map(
    request: FastifyRequest<MapRequest>,
    reply: FastifyReply,
    load: Load,
  ): Promise<Pick<Receipt, 'records' | 'events' | 'deadLetters'>> {
    const { destination: name } = request.params;
    const destination = destinations.get(name);
    if (!destination) throw unknownDestination(name, suggestion(name, destinations.keys()));
    const raw = await inFlight.unpack(
      load,
      request.body ?? Buffer.alloc(0),
      request.headers['content-encoding'],
    );
    // What it is packed in is not needed while Fluent Bit is waited for.
    request.body = undefined;
    const tag = tagOf(request.headers['fluent-tag'], request.query.tag);
    const { unheard, failedFunction, batches, ...receipt } = await settled(
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
    tracing?.tell(request, { ...receipt, batches, outcome: 'acknowledged' });
    request.log.debug({ destination: name, tag, ...receipt }, 'mapped');
    return receipt;
  }

  /** Every request counts, those too that Fastify refuses before the handler sees them. */
  function count(
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ): void {
    const counters = destinations.get((request.params as MapRequest['Params']).destination)?.counters;
    if (!counters) lost.unknownDestination++;
    counters?.add('requests');
    if (isRefused(request)) counters?.add('requestsOverLimit');
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
    if (error instanceof TooManyRecords) throw tooManyRecords(error.message);
    if (error instanceof BodyError) throw undecodable(error.message, error.offset);
    throw error instanceof ForwardError ? notAcknowledged(error.message) : error;
  }
}
