import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { type Entry, Held } from '../delivery/gate.ts';
import { NoPlace } from '../delivery/turnstile.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { tagOf } from '../fluent/tag.ts';
import { suggestion } from '../mapping/suggest.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { held, noGate, notAcknowledged, unknownDestination } from './errors.ts';
import { boundBodies, InFlight } from './in-flight.ts';
import type { BodyLimits } from './map.ts';
import { timed } from './timed.ts';

interface DeliverRequest {
  Params: { destination: string };
  Body: Buffer | undefined;
}

/**
 * `POST /deliver/<destination>`: a batch from Fluent Bit's http output (json_lines), and 200 only when each of its
 * records is taken by the SIEM or acknowledged as a dead letter. Whether it may go is decided before its body
 * is read; most that may not, `turnAwayEarly` answers.
 */
export function deliverRoute(
  server: FastifyInstance,
  destinations: ReadonlyMap<string, Destination>,
  { inFlight: most, bodyLimit }: BodyLimits,
  tracing?: Tracing,
): void {
  const inFlight = new InFlight(most, bodyLimit);
  const { hooks, within } = boundBodies(inFlight);
  const entries = new WeakMap<FastifyRequest, { entry: Entry; isBusy: boolean; isClosed: boolean }>();

  server.post<DeliverRequest>(
    '/deliver/:destination',
    {
      // A place first: those in line are not read.
      onRequest: [enter, hooks.onRequest],
      preParsing: hooks.preParsing,
      onResponse: timed(destinations, 'deliver'),
    },
    async (request) => {
      const { name, gate, counters } = gateOf(request);
      const visit = entries.get(request)!;
      visit.isBusy = true;
      try {
        await within(request, async (load) => {
          const body = request.body ?? Buffer.alloc(0);
          const raw = await inFlight.unpack(load, body, request.headers['content-encoding']);
          const tag = tagOf(request.headers['fluent-tag'], undefined);
          const deliver = () => gate.deliver(visit.entry, tag, raw);
          const delivered = await (tracing ? tracing.within(request, deliver) : deliver());
          tracing?.tell(request, { ...delivered, batches: 1, outcome: 'delivered' });
        });
        return { delivered: true };
      } catch (error) {
        if (error instanceof ForwardError) throw notAcknowledged(error.message);
        if (!(error instanceof Held)) throw error;
        counters.add('held');
        throw held(name, error.message);
      } finally {
        visit.isBusy = false;
        if (visit.isClosed) visit.entry.leave();
      }
    },
  );

  async function enter(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name, gate, counters } = gateOf(request);
    try {
      const entry = await gate.enter(tagOf(request.headers['fluent-tag'], undefined));
      const visit = { entry, isBusy: false, isClosed: false };
      entries.set(request, visit);
      // The sender may go away before its body is here; while the SIEM is asked the place is not free, though.
      reply.raw.once('close', () => {
        visit.isClosed = true;
        if (!visit.isBusy) entry.leave();
      });
      if (reply.raw.destroyed) entry.leave();
    } catch (error) {
      if (!(error instanceof Held || error instanceof NoPlace)) throw error;
      counters.add('held');
      throw held(name, error.message);
    }
  }

  function gateOf(request: FastifyRequest): Destination & { gate: NonNullable<Destination['gate']> } {
    const { destination: name } = request.params as DeliverRequest['Params'];
    const destination = destinations.get(name);
    if (!destination) throw unknownDestination(name, suggestion(name, destinations.keys()));
    if (!destination.gate) throw noGate(name);
    return destination as Destination & { gate: NonNullable<Destination['gate']> };
  }
}
