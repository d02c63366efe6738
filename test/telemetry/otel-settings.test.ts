import { expect, test } from 'vitest';
import { readOtelSettings } from '../../plugin/telemetry/otel-settings.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const both = { traces: true, metrics: true, interval: 60_000, timeout: 30_000 };

test.each([
  ['nothing', {}, undefined],
  ['empty values', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }, undefined],
  ['an endpoint', endpoint, both],
  [
    'an endpoint for one signal',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x/v1/traces' },
    { ...both, metrics: false },
  ],
  ['exporters without an endpoint', { OTEL_METRICS_EXPORTER: 'otlp' }, { ...both, traces: false }],
  ['one switched off', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, { ...both, traces: false }],
  ['all switched off', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
  ['what OTEL_SDK_DISABLED says otherwise', { ...endpoint, OTEL_SDK_DISABLED: '1' }, both],
  ['its protocol', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, both],
  [
    'an interval, and with it the longest timeout',
    { ...endpoint, OTEL_METRIC_EXPORT_INTERVAL: '5000' },
    { ...both, interval: 5000, timeout: 5000 },
  ],
  [
    'the protocol of a signal that is off',
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
    { ...both, traces: false },
  ],
])('%s', (_, environment, settings) => {
  expect(readOtelSettings(environment)).toEqual(settings);
});

test.each([
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, "OTEL_TRACES_EXPORTER may be otlp or none, not 'zipkin'"],
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    "OTEL_EXPORTER_OTLP_PROTOCOL may be http/protobuf only (port 4318), not 'grpc'",
  ],
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL may be http/protobuf only (port 4318), not 'http/json'",
  ],
  [
    { ...endpoint, OTEL_METRIC_EXPORT_INTERVAL: '10s' },
    "OTEL_METRIC_EXPORT_INTERVAL is a number of milliseconds, not '10s'",
  ],
])('%o is refused', (environment, message) => {
  expect(() => readOtelSettings(environment)).toThrow(message);
});
