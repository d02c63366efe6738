import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { collect } from '../secrets/collect.ts';
import { Message } from './protobuf.ts';

type Attributes = Record<string, string | number | boolean>;

export interface Span {
  readonly resource: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for none. */
  readonly parentId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Nanoseconds. */
  readonly duration: number;
  readonly attributes: Attributes;
  readonly events: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string };
}

export interface Metric {
  readonly resource: Attributes;
  readonly name: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  readonly points: readonly {
    readonly attributes: Attributes;
    readonly value: number;
    readonly counts: readonly number[];
    readonly bounds: readonly number[];
  }[];
}

/**
 * A receiver of OTLP over HTTP with binary protobuf (opentelemetry.io, "OTLP Specification", 1.x), on loopback. It refuses
 * what a real one refuses: another path, method or content type, what is no protobuf, and ids of the wrong length.
 */
export class OtlpReceiver {
  readonly spans: Span[] = [];
  /** Of the last request with metrics. */
  metrics: Metric[] = [];
  readonly refused: string[] = [];
  readonly headers: Record<string, unknown>[] = [];
  /** Never answers. */
  hangs = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.headers.push(request.headers);
        if (this.hangs) return;
        const answer = this.#take(request.method!, request.url!, request.headers, parts);
        response.writeHead(answer, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A metric's points by one of their attributes. */
  points(name: string): Metric['points'] {
    return this.metrics.find((metric) => metric.name === name)?.points ?? [];
  }

  #take(
    method: string,
    path: string,
    headers: NodeJS.Dict<string | string[]>,
    parts: readonly Buffer[],
  ): number {
    try {
      if (method !== 'POST' || !/^\/v1\/(?:traces|metrics)$/.test(path)) throw new Error(`${method} ${path}`);
      if (headers['content-type'] !== 'application/x-protobuf') throw new Error('another content type');
      const raw = Buffer.concat(parts);
      const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      collect(`${process.pid}.otlp`, plain);
      const body = new Message(plain);
      if (path === '/v1/traces') this.spans.push(...spansOf(body));
      else this.metrics = metricsOf(body);
      return 200;
    } catch (error) {
      this.refused.push((error as Error).message);
      return 400;
    }
  }
}

function spansOf(body: Message): Span[] {
  return body.messages(1).flatMap((resourceSpans) => {
    const resource = attributesOf(resourceSpans.message(1).messages(1));
    return resourceSpans.messages(2).flatMap((scopeSpans) =>
      scopeSpans.messages(2).map((span) => ({
        resource,
        traceId: id(span.bytes(1), 16),
        spanId: id(span.bytes(2), 8),
        parentId: span.has(4) && span.bytes(4).length > 0 ? id(span.bytes(4), 8) : '',
        name: span.text(5),
        kind: span.integer(6),
        duration: span.integer(8) - span.integer(7),
        attributes: attributesOf(span.messages(9)),
        events: span.messages(11).length,
        status: { message: span.message(15).text(2), code: span.message(15).integer(3) },
      })),
    );
  });
}

function id(bytes: Buffer, length: number): string {
  if (bytes.length !== length || bytes.every((byte) => byte === 0)) throw new Error('no id');
  return bytes.toString('hex');
}

const kinds = { gauge: 5, sum: 7, histogram: 9 } as const;

function metricsOf(body: Message): Metric[] {
  return body.messages(1).flatMap((resourceMetrics) => {
    const resource = attributesOf(resourceMetrics.message(1).messages(1));
    return resourceMetrics.messages(2).flatMap((scopeMetrics) =>
      scopeMetrics.messages(2).map((metric) => {
        const type = (Object.keys(kinds) as (keyof typeof kinds)[]).find((kind) => metric.has(kinds[kind]));
        if (!type) throw new Error(`${metric.text(1)} has no data`);
        const data = metric.message(kinds[type]);
        // 2: cumulative.
        if (type !== 'gauge' && data.integer(2) !== 2) throw new Error(`${metric.text(1)} is not cumulative`);
        const isHistogram = type === 'histogram';
        const points = data.messages(1).map((point) => ({
          attributes: attributesOf(point.messages(isHistogram ? 9 : 7)),
          value: isHistogram ? point.integer(4) : point.double(4),
          counts: isHistogram ? point.integers(6) : [],
          bounds: isHistogram ? point.doubles(7) : [],
        }));
        return { resource, name: metric.text(1), unit: metric.text(3), type, points };
      }),
    );
  });
}

function attributesOf(pairs: readonly Message[]): Attributes {
  return Object.fromEntries(pairs.map((pair) => [pair.text(1), valueIn(pair.message(2))]));
}

function valueIn(value: Message): string | number | boolean {
  if (value.has(2)) return value.integer(2) === 1;
  if (value.has(3)) return value.integer(3);
  return value.has(4) ? value.double(4) : value.text(1);
}
