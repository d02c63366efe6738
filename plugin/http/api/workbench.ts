import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { suggestion } from '../../mapping/suggest.ts';
import type { RenderRequest } from '../../workbench/answer.ts';
import { type Workbench, WorkbenchError } from '../../workbench/workbench.ts';
import { ServiceError } from '../errors.ts';
import { badRequest, jsonBody } from './body.ts';

/** Bytes of a request: a record, a map, or both. */
const mostBytes = 1024 * 1024;

const statuses: Readonly<Record<WorkbenchError['reason'], number>> = {
  busy: 429,
  too_slow: 422,
  failed: 422,
};

/** `/api/workbench/*`: what a record becomes, tried without sending anything. Nothing here changes the service. */
export function workbenchRoutes(server: FastifyInstance, workbench: Workbench): void {
  const posted = { bodyLimit: mostBytes, errorHandler };

  server.post('/api/workbench/render', posted, (request, reply) =>
    workbench.render(renderRequest(jsonBody(request)), whileWaiting(reply)),
  );

  server.post('/api/workbench/import', posted, (request, reply) => {
    const { text, file = 'auditmap.php' } = jsonBody(request);
    if (typeof text !== 'string' || typeof file !== 'string')
      throw badRequest("'text' is to be a PHP file's content, 'file' its name");
    return workbench.import(text, file.slice(0, 200), whileWaiting(reply));
  });

  server.get('/api/workbench/schema', () => workbench.schema());

  server.get('/api/workbench/samples', () => ({ samples: workbench.samples() }));

  server.get('/api/workbench/seen', async () => {
    const records = await workbench.seen();
    return { isKept: records !== undefined, records: records ?? [] };
  });

  server.get<{ Querystring: { file?: string | string[] } }>('/api/workbench/mapping', ({ query }) => {
    const [file = ''] = [query.file ?? ''].flat();
    // A name among those of the configuration: never a path that is opened.
    const text = workbench.mappingText(file);
    if (text !== undefined) return { file, text };
    const hint = suggestion(file.slice(0, 200), workbench.schema().files);
    throw new ServiceError(404, 'unknown_mapping', `no mapping file in use has this name: ${hint}`);
  });
}

function renderRequest(body: Readonly<Record<string, unknown>>): RenderRequest {
  const { record, tag, destination, mapping } = body;
  if (record === undefined) throw badRequest("'record' is missing");
  const { text, file } = (mapping ?? {}) as { text?: unknown; file?: unknown };
  if (mapping !== undefined && typeof text !== 'string')
    throw badRequest("'mapping' is to be { text, file }, or to be left out");
  for (const [name, value] of Object.entries({ tag, destination, 'mapping.file': file })) {
    if (value !== undefined && typeof value !== 'string') throw badRequest(`'${name}' is to be a text`);
  }
  return {
    record,
    ...(typeof tag === 'string' && { tag }),
    ...(typeof destination === 'string' && { destination }),
    ...(typeof text === 'string' && { mapping: { text, ...(typeof file === 'string' && { file }) } }),
  };
}

/** Ends when whoever asks goes away before the answer: a page does as soon as something else is typed. */
function whileWaiting({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** @throws ServiceError */
function errorHandler(error: FastifyError | Error, _request: FastifyRequest, _reply: FastifyReply): never {
  if (error instanceof WorkbenchError)
    throw new ServiceError(statuses[error.reason], `workbench_${error.reason}`, error.message);
  if ('code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const message = `a record and a map may have ${mostBytes} bytes together here`;
    throw new ServiceError(413, 'body_too_large', message);
  }
  throw error;
}
