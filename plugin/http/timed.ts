import type { onResponseHookHandler } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import type { Timed } from '../delivery/measures.ts';

/** A hook of a route with `:destination` in its path: measures how long each of its requests took, by status. */
export function timed(destinations: ReadonlyMap<string, Destination>, kind: Timed): onResponseHookHandler {
  return (request, reply, done) => {
    const { destination } = request.params as { destination: string };
    const durations = destinations.get(destination)?.measures.durations;
    durations?.[kind].record(`${reply.statusCode}`, reply.elapsedTime);
    done();
  };
}
