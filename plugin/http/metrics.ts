import type { FastifyInstance } from 'fastify';
import type { Family } from '../telemetry/family.ts';
import { toPrometheus } from '../telemetry/prometheus.ts';

/** `/metrics`: all that is measured, as Prometheus text. */
export function metricsRoute(server: FastifyInstance, measured: () => Promise<Family[]>): void {
  server.get('/metrics', async (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return toPrometheus(await measured());
  });
}
