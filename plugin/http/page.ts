import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Made at build time, the smallest first. */
const packings = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const;

/** The page may load its own files and ask its own service, and nothing else; nobody may put it in a frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What every answer to a browser says, whatever it is. */
export const browserHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * `/` and `/assets/*`: the web page's own files, open to anyone, for there is nothing in them but the program. Only what
 * the folder holds when the service starts is served: no path of a request ever becomes a path of a file.
 *
 * @param folder where the build put them; one that is not there has no page
 */
export function pageRoutes(server: FastifyInstance, folder: string): void {
  const names = existsSync(join(folder, 'index.html')) ? namesIn(folder) : new Set<string>();
  server.get('/', (request, reply) => send(request, reply, 'index.html'));
  server.get<{ Params: { '*': string } }>('/assets/*', (request, reply) =>
    send(request, reply, `assets/${request.params['*']}`),
  );

  async function send(request: FastifyRequest, reply: FastifyReply, name: string): Promise<unknown> {
    const type = types[extname(name)];
    reply.headers(browserHeaders);
    if (!names.has(name) || type === undefined) return reply.callNotFound();
    const accepted = acceptedEncodings(request.headers['accept-encoding']);
    const packing = packings.find(
      ({ encoding, ending }) => accepted.has(encoding) && names.has(name + ending),
    );
    const content = await readFile(join(folder, name + (packing?.ending ?? '')));
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    // The name of an asset has a hash of its content in it.
    const isForever = name.startsWith('assets/');
    reply
      .type(type)
      .header('vary', 'accept-encoding')
      .header('etag', etag)
      .header('cache-control', isForever ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    if (packing) reply.header('content-encoding', packing.encoding);
    return reply.send(content);
  }
}

/** Files of a folder and its folders, as an address names them. */
function namesIn(folder: string): ReadonlySet<string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Set(entries.map((name) => name.replaceAll('\\', '/')));
}

/** RFC 9110, section 12.5.3; what has a weight of 0 is not accepted. */
function acceptedEncodings(header: string | string[] | undefined): ReadonlySet<string> {
  const parts = [header ?? []].flat().join(',').toLowerCase().split(',');
  return new Set(
    parts.flatMap((part) => (/;\s*q=0(?:\.0*)?\s*$/.test(part) ? [] : [part.split(';')[0]!.trim()])),
  );
}
