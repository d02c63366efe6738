import { request } from 'node:http';
import { type Address, formatAddress } from '../mapping/units.ts';

/** The service does not answer, or answers with an error: the message says what to do. */
export class ServiceProblem extends Error {}

export interface ServiceAnswer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Asks the running service.
 *
 * @param body sent as it is; without it there is none
 * @throws ServiceProblem when it can't be reached
 */
export function askService(
  listen: Address,
  method: 'GET' | 'POST',
  path: string,
  body?: string | Buffer,
): Promise<ServiceAnswer> {
  const where = 'path' in listen ? { socketPath: listen.path } : { host: listen.host, port: listen.port };
  return new Promise((resolve, reject) => {
    const unreachable = (error: NodeJS.ErrnoException): void =>
      reject(
        new ServiceProblem(
          `the service at ${formatAddress(listen)} can't be reached (${error.code ?? error.message}): is it running?`,
        ),
      );
    request({ ...where, method, path }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', unreachable);
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode!, json: JSON.parse(Buffer.concat(parts).toString()) });
        } catch {
          reject(new ServiceProblem(`what answers at ${formatAddress(listen)} is not fluent-bit-siem`));
        }
      });
    })
      .on('error', unreachable)
      .end(body);
  });
}

/** The answer's content. @throws ServiceProblem when the service says no */
export function expectOk({ status, json }: ServiceAnswer): unknown {
  if (status === 200) return json;
  const { message } = (json ?? {}) as { message?: unknown };
  throw new ServiceProblem(`${status} ${String(message ?? 'the service refuses')}`);
}
