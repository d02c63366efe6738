import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { tooLarge, undecodable, unknownEncoding } from './errors.ts';

const unzip = promisify(gunzip);

/**
 * Undoes a body's Content-Encoding.
 *
 * @param limit most bytes the unpacked body may have: a small request can hold a huge body
 * @throws ServiceError
 */
export async function unpackBody(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return body; // Fastify has seen to the limit
  if (name !== 'gzip' && name !== 'x-gzip') throw unknownEncoding(name);
  try {
    return await unzip(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw undecodable(`the body is no gzip: ${(error as Error).message}`);
  }
}
