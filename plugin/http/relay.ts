import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noPrimary } from './errors.ts';

/** Of one connection, and not of the request (RFC 9110, section 7.6.1); Node.js has answered `expect` already. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/**
 * Relays every request that has no other route to the process behind a unix socket, and its answer back. Nothing is
 * gathered here: a body goes on as it comes, and may be answered before its end.
 */
export function relayRoutes(server: FastifyInstance, socketPath: string): void {
  const agent = new Agent({ keepAlive: true });
  /** They have no end of their own: a service that stops would wait for them. */
  const streams = new Set<IncomingMessage>();
  server.addHook('preClose', (done) => {
    for (const stream of streams) stream.destroy();
    done();
  });
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    scope.all('/*', async (request, reply) => {
      const answer = await relay(request, reply, socketPath, agent);
      for (const [name, value] of pairsOf(answer.rawHeaders)) {
        if (!hopByHop.has(name.toLowerCase())) reply.header(name, value);
      }
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        streams.add(answer);
        answer.once('close', () => streams.delete(answer));
      }
      return reply.code(answer.statusCode!).send(answer);
    });
  });
}

function relay(
  { raw: incoming }: FastifyRequest,
  { raw: outgoing }: FastifyReply,
  socketPath: string,
  agent: Agent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, url: path } = incoming;
    const request = httpRequest({ socketPath, agent, method, path, setHost: false }, resolve);
    // As they came: the tag is bytes of UTF-8, and the host tells whether a page's origin is this service.
    for (const [name, value] of pairsOf(incoming.rawHeaders)) {
      if (!hopByHop.has(name.toLowerCase())) request.appendHeader(name, value);
    }
    request.on('error', (error) => reject(noPrimary(error.message)));
    outgoing.once('close', () => {
      if (outgoing.writableFinished && request.writableFinished) return;
      // The sender went away, and its place in the line is free; or it was answered, and nobody wants the rest.
      incoming.unpipe(request);
      incoming.resume();
      request.destroy();
    });
    // The headers at once: a batch may be turned away before its body is there. (flushHeaders would make UTF-8 of Latin-1.)
    if ('content-length' in incoming.headers || 'transfer-encoding' in incoming.headers)
      request.write(Buffer.alloc(0));
    incoming.pipe(request);
  });
}

function* pairsOf(rawHeaders: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index < rawHeaders.length; index += 2)
    yield [rawHeaders[index]!, rawHeaders[index + 1]!];
}
