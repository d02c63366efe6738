import type { FastifyInstance } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import type { Measures } from '../delivery/measures.ts';
import type { Pauses } from '../delivery/pauses.ts';
import { suggestion } from '../mapping/suggest.ts';
import type { CountedConfiguration } from '../telemetry/configuration.ts';
import { ServiceError } from './errors.ts';

interface DestinationRequest {
  Params: { destination: string };
  Querystring: { by?: string };
}

/**
 * `/destinations`: how each is, and the switches of the ones with a gate: pause, resume, test. For people and their
 * tools, not for Fluent Bit: a mistake here is a 4xx.
 */
export function destinationsRoutes(
  server: FastifyInstance,
  destinations: ReadonlyMap<string, Destination>,
  pauses: Pauses,
  configuration: () => CountedConfiguration | undefined,
): void {
  server.get('/destinations', () => ({
    destinations: [...destinations.values()].map((one) => describe(one, pauses)),
    configuration: configuration()?.status,
  }));

  server.get<DestinationRequest>('/destinations/:destination', ({ params }) =>
    describe(find(params), pauses),
  );

  server.post<DestinationRequest>('/destinations/:destination/pause', async (request) => {
    const { name, gate } = withGate(find(request.params));
    const by = [request.query.by].flat()[0]?.slice(0, 100) || 'HTTP request';
    await kept(pauses.pause(name, { by, since: new Date().toISOString() }));
    gate.isPaused = true;
    request.log.warn({ destination: name, by }, 'destination paused');
    return describe(destinations.get(name)!, pauses);
  });

  server.post<DestinationRequest>('/destinations/:destination/resume', async (request) => {
    const { name, gate } = withGate(find(request.params));
    await kept(pauses.resume(name));
    gate.isPaused = false;
    request.log.info({ destination: name }, 'destination resumed');
    return describe(destinations.get(name)!, pauses);
  });

  server.post<DestinationRequest>('/destinations/:destination/test', async ({ params }) =>
    withGate(find(params)).sendTestEvent(),
  );

  function find({ destination: name }: DestinationRequest['Params']): Destination {
    const found = destinations.get(name);
    if (found) return found;
    const hint = suggestion(name, destinations.keys());
    throw new ServiceError(404, 'unknown_destination', `there is no destination '${name}': ${hint}`);
  }
}

function withGate(destination: Destination): Destination & { gate: NonNullable<Destination['gate']> } {
  if (destination.gate) return destination as Destination & { gate: NonNullable<Destination['gate']> };
  const message = `'${destination.name}' has no 'deliver:' in destinations.yaml: Fluent Bit delivers it, and can't be paused`;
  throw new ServiceError(409, 'no_gate', message);
}

/** A pause that would be forgotten at the next restart is none. */
async function kept(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    const { message } = error as Error;
    throw new ServiceError(
      500,
      'state_not_kept',
      `the state file (service.state) can't be written: ${message}`,
    );
  }
}

function describe({ name, settings, gate, counters, measures, state }: Destination, pauses: Pauses): object {
  if (!gate) return { name, format: settings.format, state };
  const pause = pauses.get(name);
  const { failure } = gate.circuit;
  return {
    name,
    format: settings.format,
    state,
    ...(pause && { paused: pause }),
    ...(failure && {
      failure: {
        since: new Date(failure.since).toISOString(),
        reason: failure.reason,
        attempts: failure.attempts,
        nextAttempt: new Date(failure.nextAttempt).toISOString(),
      },
    }),
    ...(gate.lastSuccess !== undefined && { lastSuccess: new Date(gate.lastSuccess).toISOString() }),
    waiting: gate.waiting,
    ...backlogOf(measures),
    delivered: counters.get('delivered'),
    undeliverable: counters.get('undeliverable'),
  };
}

/** What Fluent Bit is known to keep: it knocked. */
function backlogOf({ backlog }: Measures): object {
  const { count, oldest } = backlog;
  return { backlog: count, ...(oldest !== undefined && { oldestWaiting: new Date(oldest).toISOString() }) };
}
