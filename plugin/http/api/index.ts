import type { FastifyInstance } from 'fastify';
import type { Workbench } from '../../workbench/workbench.ts';
import { browserHeaders } from '../page.ts';
import { type DeadLetterParts, deadLetterRoutes } from './dead-letters.ts';
import { type MappingsParts, mappingsRoute } from './mappings.ts';
import { type SessionParts, sessionRoutes } from './session.ts';
import { type StateParts, stateRoutes } from './state.ts';
import { workbenchRoutes } from './workbench.ts';

export type ApiParts = SessionParts &
  StateParts &
  DeadLetterParts &
  MappingsParts & { readonly workbench: Workbench | undefined };

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
    if (parts.workbench) workbenchRoutes(scope, parts.workbench);
  });
}
