import { codes } from './diagnostic.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { type Address, parseAddress, parseDuration, parseSize } from './units.ts';

/** A length of time in milliseconds; a finding, and the fallback, where what is written is none. */
export function readDuration(
  source: SourceFile,
  at: PathInFile,
  text: string | undefined,
  fallback: number,
): number {
  const duration = text === undefined ? fallback : parseDuration(text);
  if (duration === undefined)
    source.error(codes.wrongShape, at, 'this is no length of time', 'write 500ms, 30s, 5m, 12h or 7d');
  return duration ?? fallback;
}

/** A size in bytes; a finding, and the fallback, where what is written is none. */
export function readSize(
  source: SourceFile,
  at: PathInFile,
  text: string | number | undefined,
  fallback: number,
): number {
  const size = text === undefined ? fallback : parseSize(text);
  if (size === undefined)
    source.error(codes.wrongShape, at, 'this is no size', 'write 1000000, 900KB, 64MB or 1MiB');
  return size ?? fallback;
}

/**
 * An address; a finding where what is written is none.
 *
 * @param variable the environment's, when the text comes from there
 */
export function readAddress(source: SourceFile, at: PathInFile, text: string, variable?: string): Address {
  const address = parseAddress(text);
  if (address) return address;
  const what = variable === undefined ? 'this' : `the environment's ${variable}`;
  const hint = 'write host:port, for example 127.0.0.1:24224, or unix:/path';
  source.error(codes.badAddress, at, `${what} is no address`, hint);
  return { host: '127.0.0.1', port: 0 };
}
