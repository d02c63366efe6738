import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../../plugin/fluent/entry.ts';
import { parseJson } from '../../plugin/mapping/json.ts';

/** A receiver of JSON arrays over HTTP that refuses everything else: wrong authorization, type or shape. */
export class JsonReceiver {
  readonly records: Readonly<Record<string, unknown>>[] = [];
  readonly statuses: number[] = [];
  readonly #authorization: string;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  /** @param authorization the header's value that is asked for */
  constructor(authorization: string) {
    this.#authorization = authorization;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { authorization, 'content-type': type, 'content-encoding': encoding } = request.headers;
    const packed = Buffer.concat(parts);
    const body = parseJson((encoding === 'gzip' ? gunzipSync(packed) : packed).toString());
    let status = 200;
    if (authorization !== this.#authorization) status = 401;
    else if (type !== 'application/json') status = 415;
    else if (!Array.isArray(body) || !body.every(isRecord)) status = 422;
    else this.records.push(...body);
    this.statuses.push(status);
    response.writeHead(status).end();
  }
}
