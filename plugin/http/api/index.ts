import type { FastifyInstance } from 'fastify';
import { browserHeaders } from '../page.ts';
import { type DeadLetterParts, deadLetterRoutes } from './dead-letters.ts';
import { type MappingsParts, mappingsRoute } from './mappings.ts';
import { type SessionParts, sessionRoutes } from './session.ts';
import { type StateParts, stateRoutes } from './state.ts';

export type ApiParts = SessionParts & StateParts & DeadLetterParts & MappingsParts;

/** `/api/*`: what the web page asks. Answers are for the one who asks, and for now. */
export function apiRoutes(server: FastifyInstance, parts: ApiParts): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', (_request, reply, done) => {
      reply.headers({ ...browserHeaders, 'cache-control': 'no-store' });
      done();
    });
    sessionRoutes(scope, parts);
    stateRoutes(scope, parts);
    deadLetterRoutes(scope, parts);
    mappingsRoute(scope, parts);
  });
}
