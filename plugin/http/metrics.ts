import type { FastifyInstance } from 'fastify';
import { type CounterName, counterHelp } from '../delivery/counters.ts';
import type { Destination } from '../delivery/destination.ts';
import { type CountedConfiguration, configurationFamilies } from './configuration.ts';
import type { LostRequests } from './map.ts';

/**
 * `/metrics`: the counters of every destination as Prometheus text (exposition format 0.0.4).
 *
 * @param gather adds up what other processes have counted until now
 */
export function metricsRoute(
  server: FastifyInstance,
  destinations: ReadonlyMap<string, Destination>,
  lost: LostRequests,
  gather: () => Promise<void>,
  configuration: () => CountedConfiguration | undefined,
): void {
  server.get('/metrics', async (_request, reply) => {
    await gather();
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    const families = (Object.keys(counterHelp) as CounterName[]).map((name) => family(name, destinations));
    const counted = configuration();
    return families.join('') + lostFamilies(lost) + (counted ? configurationFamilies(counted) : '');
  });
}

function family(name: CounterName, destinations: ReadonlyMap<string, Destination>): string {
  const metric = `fluent_bit_siem_${inSnakeCase(name)}_total`;
  // Destination names are [a-z0-9_-] only: nothing in them needs escaping.
  const samples = [...destinations.values()].map(
    ({ name: destination, counters }) => `${metric}{destination="${destination}"} ${counters.get(name)}\n`,
  );
  return `# HELP ${metric} ${counterHelp[name]}\n# TYPE ${metric} counter\n${samples.join('')}`;
}

const lostHelp: Readonly<Record<keyof LostRequests, string>> = {
  unknownDestination: 'Requests to /map for a destination that does not exist.',
  unauthorized: 'Requests without the credentials that they need (service.auth).',
};

function lostFamilies(lost: LostRequests): string {
  return (Object.keys(lostHelp) as (keyof LostRequests)[])
    .map((name) => {
      const metric = `fluent_bit_siem_requests_${inSnakeCase(name)}_total`;
      return `# HELP ${metric} ${lostHelp[name]}\n# TYPE ${metric} counter\n${metric} ${lost[name]}\n`;
    })
    .join('');
}

function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
