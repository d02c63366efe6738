import type { FastifyRequest } from 'fastify';
import { tryParseJson } from '../../mapping/json.ts';
import { ServiceError } from '../errors.ts';

/** The JSON object that a request to the API holds. @throws ServiceError with 400; Fluent Bit sends nothing here */
export function jsonBody({ body }: FastifyRequest): Readonly<Record<string, unknown>> {
  // Numbers of a record keep all their digits.
  const content = tryParseJson(String(body ?? ''));
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  throw badRequest('the body is to be a JSON object');
}

export const badRequest = (message: string): ServiceError => new ServiceError(400, 'bad_request', message);
