import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  fastify,
  LogController,
} from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import { retryAfter, ServiceError, tooLarge, unknownRoute } from './errors.ts';
import { healthRoutes } from './health.ts';
import { type LostRequests, mapRoute } from './map.ts';
import { metricsRoute } from './metrics.ts';

export interface ServerOptions {
  readonly destinations: ReadonlyMap<string, Destination>;
  /** Bytes of a request's body, packed or unpacked. */
  readonly bodyLimit: number;
  readonly logger: FastifyBaseLogger;
}

/** Builds the HTTP service; it listens when the caller says so. */
export function buildServer({ destinations, bodyLimit, logger }: ServerOptions): FastifyInstance {
  const server: FastifyInstance = fastify({
    loggerInstance: logger,
    // One line a request at info would be one a second for each collector, and say nothing new.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    forceCloseConnections: 'idle',
  });
  // What a body is, its bytes tell better than its content type.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error: FastifyError | ServiceError, request, reply) => {
    const answer = toServiceError(error, bodyLimit);
    // The message may quote the sender's own bytes in the answer; the log gets code and place only.
    const fields = { url: request.url, status: answer.statusCode, code: answer.code, offset: answer.offset };
    if (answer.code === 'internal') request.log.error({ ...fields, err: error }, 'request failed');
    else
      request.log.warn(
        fields,
        answer.statusCode < 500 ? 'request refused for good' : 'request refused, to be repeated',
      );
    if (answer.statusCode === 503) reply.header('retry-after', retryAfter);
    return reply
      .code(answer.statusCode)
      .send({ error: answer.code, message: answer.message, offset: answer.offset });
  });
  // A collector with a slip in its URI must keep its chunks, so a POST to nowhere is no 404.
  server.setNotFoundHandler((request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw unknownRoute(request.method, request.url);
    return reply.code(404).send({ error: 'not_found', message: `there is nothing at ${request.url}` });
  });
  const lost: LostRequests = { count: 0 };
  mapRoute(server, destinations, bodyLimit, lost);
  healthRoutes(server, destinations);
  metricsRoute(server, destinations, lost);
  return server;
}

function toServiceError(error: FastifyError | ServiceError, bodyLimit: number): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimit);
  // A body that breaks off is repeated whole; a mistake of ours may be mended before the next try.
  return new ServiceError(503, 'internal', 'the request could not be processed');
}
