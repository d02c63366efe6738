import { FastifyOtelInstrumentation } from '@fastify/otel';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { BasicTracerProvider, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { tagOf } from '../fluent/tag.ts';
import { inSnakeCase } from './destinations.ts';
import type { Tracing } from './tracing.ts';

const prefix = 'fluent_bit_siem';

/** Spans by a provider. @param paths what the traced requests' URLs begin with */
export function traceWith(provider: BasicTracerProvider, version: string, paths: readonly string[]): Tracing {
  const instrumentation = new FastifyOtelInstrumentation({
    // One span a request: hooks are ours, and say nothing to anyone else.
    instrumentHooks: false,
    instrumentHandler: false,
    // Messages of errors may quote a record.
    recordExceptions: false,
    ignorePaths: ({ url }) => !paths.some((path) => url.startsWith(path)),
    requestHook: (span, request) => {
      const { destination } = request.params as { destination?: string };
      const tag = tagOf(request.headers['fluent-tag'], (request.query as { tag?: string }).tag);
      span.updateName(`${request.method} ${request.routeOptions.url}`);
      span.setAttribute('url.path', request.url.replace(/\?.*/s, ''));
      if (destination !== undefined) span.setAttribute(`${prefix}.destination`, destination);
      if (tag !== '') span.setAttribute(`${prefix}.tag`, tag);
    },
  });
  instrumentation.setTracerProvider(provider);
  const tracer = provider.getTracer('fluent-bit-siem', version);

  return {
    // At once: registered, it would see only routes that are declared later.
    watch: (server) => instrumentation.plugin()(server, {}, () => {}),
    tell: (request, outcome) => {
      const { span } = request.opentelemetry?.() ?? {};
      if (!span) return;
      for (const [key, value] of Object.entries(outcome))
        span.setAttribute(`${prefix}.${inSnakeCase(key)}`, value);
    },
    within: (request, part) => context.with(request.opentelemetry?.().context ?? context.active(), part),
    toSiem: async ({ destination, host, port }, send) => {
      const attributes = {
        'http.request.method': 'POST',
        'server.address': host,
        'server.port': port,
        [`${prefix}.destination`]: destination,
      };
      const span = tracer.startSpan('POST', { kind: SpanKind.CLIENT, attributes });
      try {
        const answer = await context.with(trace.setSpan(context.active(), span), send);
        span.setAttribute('http.response.status_code', answer.status);
        if (answer.status >= 400) fail(`${answer.status}`);
        return answer;
      } catch (error) {
        fail((error as { kind?: string }).kind ?? 'other');
        throw error;
      } finally {
        span.end();
      }

      function fail(type: string): void {
        span.setAttribute('error.type', type);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    },
  };
}

/** The message of an error may quote a record, or name what failed: a span says its code only, as outcome. */
export const withoutMessages: SpanProcessor = {
  onStart: () => {},
  onEnding: (span) => {
    if (span.status.message !== undefined) span.setStatus({ code: span.status.code });
  },
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};
