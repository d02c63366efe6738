import type { FastifyInstance } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { retryAfter } from './errors.ts';
import type { Guard } from './guard.ts';

/** `/health`: the process is up. */
export function healthRoute(server: FastifyInstance): void {
  server.get('/health', () => ({ status: 'up' }));
}

/**
 * `/ready`: mappings are loaded and every Fluent Bit's forward input answers. Anyone may know whether; which one does
 * not, and why, only who may do the rest.
 */
export function readyRoute(
  server: FastifyInstance,
  destinations: ReadonlyMap<string, Destination>,
  guard: Guard,
): void {
  server.get('/ready', async (request, reply) => {
    const states = await Promise.all([...destinations.values()].map(describe));
    const ready = states.every((state) => state.reachable);
    if (!ready) reply.code(503).header('retry-after', retryAfter);
    if (!guard.allows('admin', request.headers.authorization)) return { ready };
    return { ready, destinations: Object.fromEntries(states.map(({ name, ...state }) => [name, state])) };
  });
}

async function describe({
  name,
  forward,
}: Destination): Promise<{ name: string; forward: string; reachable: boolean; reason?: string }> {
  try {
    await forward.connect();
    return { name, forward: forward.address, reachable: true };
  } catch (error) {
    if (!(error instanceof ForwardError)) throw error;
    return { name, forward: forward.address, reachable: false, reason: error.message };
  }
}
