import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from 'fastify';
import type { Destination } from '../delivery/destination.ts';
import type { Pauses } from '../delivery/pauses.ts';
import type { RepeatMemory } from '../delivery/repeats.ts';
import type { SeenRecords } from '../delivery/seen-records.ts';
import type { Pem } from '../mapping/pem.ts';
import type { AuthSettings } from '../mapping/service-settings.ts';
import type { Address } from '../mapping/units.ts';
import type { CountedConfiguration } from '../telemetry/configuration.ts';
import type { Family } from '../telemetry/family.ts';
import { type LostRequests, noneLost } from '../telemetry/lost-requests.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { DeadLetterParts } from './api/dead-letters.ts';
import { apiRoutes } from './api/index.ts';
import { BrokenRequests } from './broken-requests.ts';
import { deliverRoute } from './deliver.ts';
import { destinationsRoutes } from './destinations.ts';
import { retryAfter, ServiceError, tooLarge, unknownRoute } from './errors.ts';
import { Guard, guardRoutes } from './guard.ts';
import { healthRoute, readyRoute } from './health.ts';
import { type BodyLimits, mapRoute } from './map.ts';
import { metricsRoute } from './metrics.ts';
import { refuseOtherSites } from './other-sites.ts';
import { pageRoutes } from './page.ts';
import { relayRoutes } from './relay.ts';
import { Sessions, sessionIn } from './sessions.ts';
import { turnAwayEarly, type WhyTurnedAway } from './turn-away.ts';

/** How long a sender may take. */
export interface Patience {
  /** Milliseconds for the head of a request, and for the handshake of TLS. */
  readonly headers: number;
  /** Milliseconds for all of a request. */
  readonly request: number;
}

interface CommonOptions extends BodyLimits {
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly logger: FastifyBaseLogger;
  /** Counted here, for whoever else adds it up. */
  readonly lost?: LostRequests;
  /** Who may do what; without it everyone may do all. */
  readonly auth?: AuthSettings;
  readonly patience?: Patience;
  /** Keeps the last records that came. */
  readonly seen?: SeenRecords | undefined;
  /** For https; a `ca` asks clients for a certificate. */
  readonly tls?: Pem | undefined;
  readonly tracing?: Tracing | undefined;
}

export interface ServerOptions extends CommonOptions {
  readonly pauses: Pauses;
  /** All that is measured, that of other processes added up. */
  readonly measured: () => Promise<Family[]>;
  /** How it stands with the configuration; it may be exchanged. */
  readonly configuration?: () => CountedConfiguration;
  /** Where the whole service listens, for browsers: this server may be behind it. */
  readonly listen?: Address;
  /** Whether browsers come by https, here or before. */
  readonly isSecure?: boolean;
  /** `service.dead_letters`. */
  readonly deadLetters?: DeadLetterParts['deadLetters'];
  /** Of the package. */
  readonly version?: string;
  /** Folder of the web page's files. */
  readonly page?: string;
  /** What the page's workbench asks. */
  readonly workbench?: Workbench;
}

export interface WorkerServerOptions extends CommonOptions {
  readonly repeats: RepeatMemory;
  readonly whyTurnedAway: WhyTurnedAway;
  /** Unix socket of the whole service. */
  readonly primary: string;
}

// Fluent Bit 5.x takes an answer over 4 KB for a failure, whatever its status.
const longestMessage = 2000;

const saidElsewhere = new Set(['held', 'too_much_in_flight', 'unauthorized']);

/** Builds the HTTP service; it listens when the caller says so. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { destinations, pauses, lost = noneLost(), auth = {}, measured, tracing, listen, page } = options;
  const {
    deadLetters,
    version = '',
    configuration = () => undefined,
    isSecure = options.tls !== undefined,
  } = options;
  const guard = new Guard(auth);
  const sessions = new Sessions();
  const server = emptyServer(options);
  const refused = (): void => void lost.unauthorized++;
  guardRoutes(server, guard, refused, (cookie) => sessions.has(cookie));
  refuseOtherSites(server, listen, auth.admin === undefined);
  mapRoute(server, { destinations, limits: options, lost, tracing, seen: options.seen });
  deliverRoute(server, destinations, options, tracing);
  destinationsRoutes(server, destinations, pauses, configuration);
  healthRoute(server);
  readyRoute(server, destinations, guard);
  metricsRoute(server, measured);
  apiRoutes(server, {
    destinations,
    pauses,
    configuration,
    measured,
    version,
    deadLetters,
    guard,
    sessions,
    isSecure,
    refused,
    workbench: options.workbench,
    mayStay: ({ authorization, cookie }) => guard.allows('admin', authorization) || sessions.has(cookie),
  });
  if (page !== undefined) pageRoutes(server, page);
  turnAwayEarly(server.server, destinations, guard);
  return server;
}

/** Builds what one of several processes serves: it maps, and relays all else to the one that has the whole service. */
export function buildWorkerServer(options: WorkerServerOptions): FastifyInstance {
  const { destinations, lost = noneLost(), auth = {}, repeats, whyTurnedAway, primary, tracing } = options;
  const guard = new Guard(auth);
  const server = emptyServer(options);
  // Who has logged in the primary knows, which looks again.
  const mayHaveSession = (cookie: string | undefined): boolean => sessionIn(cookie) !== undefined;
  guardRoutes(server, guard, () => lost.unauthorized++, mayHaveSession);
  refuseOtherSites(server, undefined, false);
  mapRoute(server, { destinations, limits: options, lost, repeats, tracing, seen: options.seen });
  healthRoute(server);
  relayRoutes(server, primary);
  turnAwayEarly(server.server, destinations, guard, whyTurnedAway);
  return server;
}

/**
 * Fluent Bit sends a chunk of a few MB at once. A batch that knocks at a gate waits in line before its body is read, for
 * less than that. How long an answer takes is not bounded here: it may be all that a SIEM is given.
 */
const usualPatience: Patience = { headers: 30_000, request: 120_000 };

/** No route has a schema: Fastify's own compilers would be read and made ready at each start for nothing. */
const withoutSchemas = { buildValidator: refuseSchema, buildSerializer: refuseSchema };

function refuseSchema(): never {
  throw new Error('no route has a schema');
}

/** A server without routes, that answers mistakes as Fluent Bit needs it. */
function emptyServer(options: CommonOptions): FastifyInstance {
  const { bodyLimit, logger, tls, tracing, patience = usualPatience } = options;
  const broken = new BrokenRequests();
  const server: FastifyInstance = fastify({
    loggerInstance: logger,
    // One line a request at info would be one a second for each collector, and say nothing new.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    forceCloseConnections: 'idle',
    requestTimeout: patience.request,
    clientErrorHandler: (error, socket) => broken.answer(error, socket),
    // What the router refuses by itself (a URL that can't be decoded, a name that is too long) would be a 4xx.
    frameworkErrors: (_error, request, reply) =>
      void answerWith(reply as FastifyReply, unknownRoute(request.method, request.url)),
    ...connectionsOf(patience, tls),
    schemaController: { compilersFactory: withoutSchemas },
  });
  tracing?.watch(server);
  takeAnyBody(server);
  closeConnectionsAtTheEnd(server);
  broken.watch(server.server);
  takeAnyExpectation(server);
  server.setErrorHandler((error: FastifyError | ServiceError, request, reply) => {
    const answer = toServiceError(error, bodyLimit);
    tracing?.tell(request, { outcome: answer.code });
    // The message may quote the sender's own bytes in the answer; the log gets code and place only.
    const fields = { url: request.url, status: answer.statusCode, code: answer.code, offset: answer.offset };
    if (answer.code === 'internal') request.log.error({ ...fields, err: error }, 'request failed');
    // Thousands of batches may knock each minute; that the SIEM fails, or who paused it, is said once.
    else if (saidElsewhere.has(answer.code)) request.log.debug(fields, 'request turned away');
    else
      request.log.warn(
        fields,
        answer.statusCode < 500 ? 'request refused for good' : 'request refused, to be repeated',
      );
    return answerWith(reply, answer);
  });
  // A collector with a slip in its URI must keep its chunks, so a POST to nowhere is no 404.
  server.setNotFoundHandler((request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw unknownRoute(request.method, request.url);
    return reply.code(404).send({ error: 'not_found', message: `there is nothing at ${request.url}` });
  });
  return server;
}

/** An https server has all that is used here of an http one, whatever the types say. */
function connectionsOf({ headers, request }: Patience, tls: Pem | undefined): object {
  const http = {
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: Math.min(5_000, headers),
    // Node.js would answer 400.
    requireHostHeader: false,
  };
  if (!tls) return { http };
  return { https: { ...tls, ...http, requestCert: tls.ca !== undefined, handshakeTimeout: headers } };
}

/** Node.js would answer 417 to any expectation but 100-continue. */
function takeAnyExpectation({ server }: FastifyInstance): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** What a body is, its bytes tell better than its content type, which may be missing, empty or nonsense. */
function takeAnyBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', (request, _reply, done) => {
    request.raw.headers['content-type'] = 'application/octet-stream';
    done();
  });
}

/** A connection that is busy when the server begins to close would be kept alive for a next request. */
function closeConnectionsAtTheEnd(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
}

function answerWith(reply: FastifyReply, { statusCode, code, message, offset }: ServiceError): FastifyReply {
  if (statusCode === 503) reply.header('retry-after', retryAfter);
  return reply.code(statusCode).send({ error: code, message: message.slice(0, longestMessage), offset });
}

function toServiceError(error: FastifyError | ServiceError, bodyLimit: number): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimit);
  // A body that breaks off is repeated whole; a mistake of ours may be mended before the next try.
  return new ServiceError(503, 'internal', 'the request could not be processed');
}
