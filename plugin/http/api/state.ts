import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Destination } from '../../delivery/destination.ts';
import type { Pauses } from '../../delivery/pauses.ts';
import { ForwardError } from '../../fluent/forward-client.ts';
import type { CountedConfiguration } from '../../telemetry/configuration.ts';
import { describe } from './describe.ts';
import { History, step } from './history.ts';
import { EventStreams } from './stream.ts';
import type { State, StateAnswer } from './types.ts';

export interface StateParts {
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly pauses: Pauses;
  readonly configuration: () => CountedConfiguration | undefined;
  /** Asked, it adds up what other processes have counted until now. */
  readonly measured: () => Promise<unknown>;
  readonly version: string;
  readonly deadLetters: unknown;
  /** Whether whoever opened a stream may still see it. */
  readonly mayStay: (headers: IncomingHttpHeaders) => boolean;
}

/** At most so often is a change told, in milliseconds. */
const tellEvery = 1000;

/**
 * `/api/state` and `/api/state/stream`: how it stands with all destinations, and the last hour. As a stream: events
 * `all` at once, then `state` when something has changed and `points` with each new point of the plots.
 */
export function stateRoutes(server: FastifyInstance, parts: StateParts): void {
  const { destinations, pauses, configuration, measured, version, deadLetters, mayStay } = parts;
  const startedAt = new Date().toISOString();
  const history = new History();
  /** Why a destination's Fluent Bit can't be reached. */
  const problems = new Map<string, string>();
  const streams = new EventStreams(mayStay);
  let told = '';

  server.get('/api/state', async (): Promise<StateAnswer> => {
    await measured();
    return answer();
  });

  server.get('/api/state/stream', async (request, reply) => {
    await measured();
    const opened = streams.open(request, reply, 'all', JSON.stringify(answer()));
    void visitAll();
    return opened;
  });

  const timers: NodeJS.Timeout[] = [];
  server.addHook('onReady', (done) => {
    history.sample(destinations.values(), Date.now());
    timers.push(setInterval(sample, step), setInterval(tell, tellEvery));
    for (const timer of timers) timer.unref();
    done();
  });
  server.addHook('preClose', (done) => {
    for (const timer of timers) clearInterval(timer);
    streams.close();
    done();
  });

  function tell(): void {
    if (streams.isEmpty) return;
    const state = JSON.stringify(current());
    if (state === told) return;
    told = state;
    streams.tell('state', state);
  }

  function sample(): void {
    history.sample(destinations.values(), Date.now());
    // Connections are asked for only while someone looks.
    if (streams.isEmpty) problems.clear();
    else void visitAll();
    streams.tell('points', JSON.stringify(history.drawn(1)));
  }

  async function visitAll(): Promise<void> {
    await Promise.all([...destinations.values()].map(visit));
    for (const name of problems.keys()) if (!destinations.has(name)) problems.delete(name);
  }

  /** Asks for a connection, which is there already as a rule. */
  async function visit({ name, forward }: Destination): Promise<void> {
    try {
      await forward.connect();
      problems.delete(name);
    } catch (error) {
      if (!(error instanceof ForwardError)) throw error;
      problems.set(name, error.message);
    }
  }

  function answer(): StateAnswer {
    return { state: current(), history: history.drawn() };
  }

  function current(): State {
    return {
      version,
      startedAt,
      configuration: configuration()?.status,
      hasDeadLetters: deadLetters !== undefined,
      destinations: [...destinations.values()].map((one) => describe(one, pauses, problems.get(one.name))),
    };
  }
}
