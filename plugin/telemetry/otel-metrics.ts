import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { durationBounds } from '../delivery/histogram.ts';
import { type Family, type Labels, sumOf } from './family.ts';

/**
 * Gives OpenTelemetry what the service measures, when it asks: so `/metrics` and what is exported say the same, and
 * nothing is measured twice.
 *
 * @param measured all families
 * @param startedAt since when is counted, epoch milliseconds
 */
export function metricProducer(
  measured: () => Promise<Family[]>,
  startedAt: number,
  version: string,
): MetricProducer {
  return {
    collect: async () => {
      const families = await measured();
      const span = { startTime: toHrTime(startedAt), endTime: toHrTime(Date.now()) };
      const metrics = families.filter(({ points }) => points.length > 0).map((one) => toMetric(one, span));
      const scope = { name: 'fluent-bit-siem', version };
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] },
        errors: [],
      };
    },
  };
}

type HrTime = [seconds: number, nanoseconds: number];

interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toMetric(family: Family, span: Span): MetricData {
  const common = {
    descriptor: {
      name: family.name,
      description: family.help,
      unit: family.unit,
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (family.type === 'histogram') {
    return {
      ...common,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: family.points.map(({ labels, value: { counts, sum } }) => ({
        ...span,
        attributes: toAttributes(labels),
        value: {
          buckets: { boundaries: [...durationBounds], counts: [...counts] },
          sum,
          count: sumOf(counts),
        },
      })),
    };
  }
  const dataPoints = family.points.map(({ labels, value }) => ({
    ...span,
    attributes: toAttributes(labels),
    value,
  }));
  return family.type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** What has no value is not there; a status is a number (semantic conventions for HTTP). */
function toAttributes(labels: Labels): Record<string, string | number> {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, key === 'http.response.status_code' ? Number(value) : value]),
  );
}

function toHrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}
