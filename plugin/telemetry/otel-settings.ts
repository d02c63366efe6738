/** What OpenTelemetry's environment variables say that its SDK does not read by itself. Times are milliseconds. */
export interface OtelSettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly interval: number;
  readonly timeout: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The signals that this service has. */
const signals = ['TRACES', 'METRICS'] as const;

/**
 * Reads the standard variables (opentelemetry.io, "Environment Variable Specification"). A signal is exported when its
 * exporter is `otlp`, or when none is named and there is an endpoint to send it to: unlike the specification's default,
 * so that nothing is sent where nobody asked for it.
 *
 * @returns undefined when nothing is to be exported
 * @throws Error with what can't be done, in words for whoever set the variable
 */
export function readOtelSettings(environment: Environment): OtelSettings | undefined {
  // An empty value is as none (the same specification).
  const setting = (name: string): string | undefined => environment[name]?.trim() || undefined;
  if (setting('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const [traces = false, metrics = false] = signals.map((signal) => {
    const exporter = setting(`OTEL_${signal}_EXPORTER`);
    const endpoint =
      setting(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? setting('OTEL_EXPORTER_OTLP_ENDPOINT');
    if (exporter === 'none' || (exporter === undefined && endpoint === undefined)) return false;
    if (exporter !== undefined && exporter !== 'otlp')
      throw new Error(`OTEL_${signal}_EXPORTER may be otlp or none, not '${exporter}'`);
    const ownProtocol = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
    const name = setting(ownProtocol) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : ownProtocol;
    const protocol = setting(name) ?? 'http/protobuf';
    if (protocol !== 'http/protobuf')
      throw new Error(`${name} may be http/protobuf only (port 4318), not '${protocol}'`);
    return true;
  });
  if (!traces && !metrics) return undefined;
  const milliseconds = (name: string, otherwise: number): number => {
    const text = setting(name);
    if (text === undefined) return otherwise;
    const number = Number(text);
    if (Number.isInteger(number) && number > 0) return number;
    throw new Error(`${name} is a number of milliseconds, not '${text}'`);
  };
  const interval = milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const timeout = Math.min(milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000), interval);
  return { traces, metrics, interval, timeout };
}
