import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * The lines of a stream, split at LF only. Node's readline also splits at U+2028 and U+2029, which may
 * stand inside JSON text.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  for await (const lines of lineGroupsOf(stream)) yield* lines;
}

/** The same lines, those together that came together: to wait for each costs more than to map it. */
export async function* lineGroupsOf(stream: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of stream) {
    const lines = (rest + decoder.write(bytes as Buffer)).split('\n');
    rest = lines.pop()!;
    yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}
