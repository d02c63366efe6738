import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';
import type { Chunk } from './chunks.ts';

/** Sends one chunk and settles when it was taken. */
export type Send = (chunk: Chunk) => Promise<void>;

/** What feeds a subject. */
export interface Load {
  readonly send: Send;
  readonly close: () => void;
}

/**
 * Sends chunks for so long, some at a time, and waits for the last.
 *
 * @param parallel chunks under way at a time
 * @returns records that were taken
 */
export async function sendFor(
  send: Send,
  chunks: readonly Chunk[],
  milliseconds: number,
  parallel: number,
): Promise<number> {
  const end = performance.now() + milliseconds;
  let turn = 0;
  let records = 0;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (performance.now() < end) {
        const chunk = chunks[turn++ % chunks.length]!;
        await send(chunk);
        records += chunk.records;
      }
    }),
  );
  return records;
}

/** Posts as Fluent Bit's out_http does. @throws Error when the answer is not 200 */
export function httpLoad(port: number, path: string, tag: string): Load {
  const agent = new Agent({ keepAlive: true });
  const send: Send = ({ bytes }) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/msgpack',
        'content-length': bytes.length,
        'fluent-tag': tag,
      };
      const post = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode} ${text}`)),
        );
      });
      post.once('error', reject);
      post.end(bytes);
    });
  return { send, close: () => agent.destroy() };
}

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Sends as Fluent Bit's out_forward does, with acknowledgements. */
export async function forwardLoad(port: number, tag: string): Promise<Load> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.setNoDelay(true);
  const waiting = new Map<string, () => void>();
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
  });
  readAcks(socket, (chunk) => {
    waiting.get(chunk)?.();
    waiting.delete(chunk);
  });
  const head = Buffer.concat([Buffer.of(0x93), Buffer.from(packr.pack(tag)), Buffer.of(0xc6)]);
  let count = 0;
  const send: Send = ({ bytes, records }) => {
    if (failure || socket.closed) throw failure ?? new Error('the connection was closed');
    const chunk = `bench-${count++}`;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    const options = Buffer.from(packr.pack({ chunk, size: records }));
    return new Promise((resolve) => {
      waiting.set(chunk, resolve);
      socket.write(Buffer.concat([head, length, bytes, options]));
    });
  };
  return { send, close: () => socket.destroy() };
}

/** Fluent Bit writes each `{ack: chunk}` on its own; several may come in one piece, and one in two. */
function readAcks(socket: Socket, onAck: (chunk: string) => void): void {
  const unpackr = new Unpackr({ useRecords: false });
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let end = 0;
    try {
      unpackr.unpackMultiple(rest, (value: unknown, _start?: number, after?: number) => {
        end = after!;
        onAck((value as { ack: string }).ack);
      });
    } catch (error) {
      if (!(error as { incomplete?: boolean }).incomplete) throw error;
    }
    rest = rest.subarray(end);
  });
}

/** Writes lines to a TCP socket. */
export async function lineLoad(port: number): Promise<Load> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  // Taken is what the other side has read off the socket; it says no more.
  const send: Send = ({ bytes }) =>
    new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  return { send, close: () => socket.end() };
}
