import { randomUUID } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Family } from './family.ts';
import { metricProducer } from './otel-metrics.ts';
import type { OtelSettings } from './otel-settings.ts';
import { traceWith, withoutMessages } from './otel-tracing.ts';
import type { Tracing } from './tracing.ts';

export interface OtelOptions {
  readonly settings: OtelSettings;
  readonly version: string;
  /** What the traced requests' URLs begin with. */
  readonly paths: readonly string[];
  /** All that is measured; without it no metrics are exported, for another process does. */
  readonly measured?: (() => Promise<Family[]>) | undefined;
  /** The number of the worker that this is. */
  readonly worker?: number | undefined;
  /** Told when something could not be exported. */
  readonly onProblem: (reason: string) => void;
}

export interface Otel {
  readonly tracing: Tracing | undefined;
  /** Exports what it still has. @returns false when that takes too long: what is tried still keeps the process alive */
  readonly stop: () => Promise<boolean>;
}

/** How long the end may wait for a receiver, in ms: the service manager's patience is not for telemetry. */
const longestStop = 2000;

/** Exports over OTLP; endpoint, headers, certificates, compression and sampling are the environment's. */
export function startOtel({ settings, version, paths, measured, worker, onProblem }: OtelOptions): Otel {
  setGlobalErrorHandler((error) => onProblem(wordsOf(error)));
  const resource = resourceFromAttributes({
    'service.name': 'fluent-bit-siem',
    'service.version': version,
    'service.instance.id': randomUUID(),
    ...(worker !== undefined && { 'fluent_bit_siem.worker': worker }),
  }).merge(detectResources({ detectors: [envDetector] }));
  const providers: { readonly shutdown: () => Promise<void> }[] = [];
  let tracing: Tracing | undefined;
  if (settings.traces) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const spanProcessors = [withoutMessages, new BatchSpanProcessor(new OTLPTraceExporter())];
    const provider = new BasicTracerProvider({ resource, spanProcessors });
    tracing = traceWith(provider, version, paths);
    providers.push(provider);
  }
  if (settings.metrics && measured) {
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: settings.interval,
      exportTimeoutMillis: settings.timeout,
      metricProducers: [metricProducer(measured, Date.now(), version)],
    });
    providers.push(new MeterProvider({ resource, readers: [reader] }));
  }
  return {
    tracing,
    stop: async () => {
      const ended = Promise.allSettled(providers.map((provider) => provider.shutdown())).then(() => true);
      const late = new Promise<false>((resolve) => setTimeout(resolve, longestStop, false).unref());
      const isEnded = await Promise.race([ended, late]);
      if (!isEnded) onProblem('its receiver does not answer, and the service stops');
      return isEnded;
    },
  };
}

/** A receiver's answer may hold anything, an error's stack too: only its first words and its status. */
function wordsOf(error: unknown): string {
  const { message, code } = error as { message?: unknown; code?: unknown };
  const text = typeof message === 'string' ? message.split('\n', 1)[0]!.slice(0, 200) : 'it failed';
  return typeof code === 'number' || typeof code === 'string' ? `${text} (${code})` : text;
}
