import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Address, isLocal } from '../mapping/units.ts';
import { ServiceError } from './errors.ts';
import { isForPeople, isReading } from './guard.ts';

/**
 * Keeps web pages of other sites out, which an administrator's browser may show: they must not change anything here, and
 * where no credentials are needed not read anything either; nor may they write records.
 *
 * @param listen where the whole service listens
 * @param isOpen whether people need no credentials
 */
export function refuseOtherSites(
  server: FastifyInstance,
  listen: Address | undefined,
  isOpen: boolean,
): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (isForCollectors(request) && isFromOtherSite(request.headers)) return done(pageOfOtherSite());
    if (!isForPeople(request)) return done();
    if (isOpen && listen && !isOwnHost(request.headers.host, listen)) return done(otherHost());
    if (!isReading(request) && isFromOtherSite(request.headers)) return done(otherSite());
    done();
  });
}

/** No collector says what browsers say: a page must not write records into the audit trail. */
function isForCollectors({ routeOptions }: FastifyRequest): boolean {
  return /^\/(?:map|deliver)\//.test(routeOptions.url ?? '');
}

/** Browsers say where a request comes from: by Fetch Metadata, and by Origin (RFC 6454, section 7). Others say nothing. */
export function isFromOtherSite(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
}

/**
 * Whether a Host header names this machine by itself. The name of a hostile site may be made to lead to 127.0.0.1 (DNS
 * rebinding), and then its page and this service are the same site to a browser, but the name is still its own.
 */
export function isOwnHost(host: string | undefined, listen: Address): boolean {
  // No browser connects to a unix socket; and whoever sends no name is none.
  if ('path' in listen || host === undefined || host === '') return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isLocal({ host: name, port: 0 }) || name === listen.host.toLowerCase();
}

const otherSite = (): ServiceError =>
  new ServiceError(403, 'other_site', 'this is not for pages of other sites');

/** 503 and not 403: should something on the way put such a header there, that can be mended, and the chunk must be kept. */
const pageOfOtherSite = (): ServiceError =>
  new ServiceError(503, 'other_site', 'records are not taken from pages of other sites');

const otherHost = (): ServiceError =>
  new ServiceError(
    403,
    'other_host',
    'without service.auth.admin this is for a browser on this machine: open it as 127.0.0.1 or localhost',
  );
