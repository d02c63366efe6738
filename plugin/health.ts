import { once } from 'node:events';
import {
  request as askPlainly,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as askEncrypted } from 'node:https';
import { parseAddress } from './mapping/units.ts';

/**
 * `node dist/health.js`: exits with 0 when the service runs, for the health check of its container. It knows where by
 * FLUENT_BIT_SIEM_LISTEN alone, for destinations.yaml may be half edited while the service goes on by the old one. So it tries
 * whether TLS is spoken there; whose certificate that is does not matter to who sends nothing and asks yes or no.
 */

/** Milliseconds; the container's own limit is 5 s. */
const timeout = 4000;

async function isFine(asked: ClientRequest): Promise<boolean> {
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  asked.on('error', () => {});
  response.resume();
  return response.statusCode === 200;
}

async function isHealthy(listen: string): Promise<boolean> {
  const address = parseAddress(listen);
  if (!address) return false;
  const where = 'path' in address ? { socketPath: address.path } : address;
  const signal = AbortSignal.timeout(timeout);
  const options: RequestOptions = { ...where, path: '/health', agent: false, signal };
  try {
    return await isFine(askPlainly(options));
  } catch {
    try {
      return await isFine(askEncrypted({ ...options, rejectUnauthorized: false }));
    } catch (error) {
      // It asks for a certificate of the client's (service.tls.ca), which shows as well that it runs.
      return (error as NodeJS.ErrnoException).code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
    }
  }
}

process.exitCode = (await isHealthy(process.env.FLUENT_BIT_SIEM_LISTEN ?? '127.0.0.1:2021')) ? 0 : 1;
