import type { FastifyInstance } from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { ForwardError } from '../fluent/forward-client.ts';
import { retryAfter } from './errors.ts';

/** `/health`: the process is up. */
export function healthRoute(server: FastifyInstance): void {
  server.get('/health', () => ({ status: 'up' }));
}

/** `/ready`: mappings are loaded and every Fluent Bit's forward input answers. */
export function readyRoute(server: FastifyInstance, destinations: ReadonlyMap<string, Destination>): void {
  server.get('/ready', async (_request, reply) => {
    const states = await Promise.all([...destinations.values()].map(describe));
    const ready = states.every((state) => state.reachable);
    if (!ready) reply.code(503).header('retry-after', retryAfter);
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
