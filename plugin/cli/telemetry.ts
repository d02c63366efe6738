import type { Logger } from 'pino';
import type { Destination } from '../delivery/destination.ts';
import { oncePer } from '../http/once-per.ts';
import type { CountedConfiguration } from '../telemetry/configuration.ts';
import type { Family } from '../telemetry/family.ts';
import { type LostRequests, noneLost } from '../telemetry/lost-requests.ts';
import type { Otel } from '../telemetry/otel.ts';
import { readOtelSettings } from '../telemetry/otel-settings.ts';
import { serviceFamilies } from '../telemetry/service.ts';
import type { Certificate } from './certificate.ts';
import { version } from './package-root.ts';

/** What the service measures, gathered where it is asked for. */
export class Measuring {
  readonly lost: LostRequests = noneLost();
  /** Adds up what other processes have measured until now. */
  gather: () => Promise<void> = async () => {};
  /** The service's own, where it has one. */
  certificate: Certificate | undefined;
  readonly #destinations: () => ReadonlyMap<string, Destination>;
  readonly #configuration: () => CountedConfiguration;

  constructor(
    destinations: () => ReadonlyMap<string, Destination>,
    configuration: () => CountedConfiguration,
  ) {
    this.#destinations = destinations;
    this.#configuration = configuration;
  }

  readonly measured = async (): Promise<Family[]> => {
    await this.gather();
    const { lost } = this;
    return serviceFamilies({
      destinations: this.#destinations(),
      lost,
      configuration: this.#configuration(),
      certificateEnd: this.certificate?.end,
      version,
    });
  };
}

export interface TelemetryOptions {
  readonly logger: Logger;
  /** What the traced requests' URLs begin with. */
  readonly paths: readonly string[];
  /** Without it only traces are exported. */
  readonly measured?: () => Promise<Family[]>;
  readonly worker?: number | undefined;
}

/**
 * Exports over OTLP what the environment asks for; without that nothing of it is even loaded. What is wrong there is
 * logged: records must go on their way, seen or not.
 */
export async function startTelemetry({ logger, ...options }: TelemetryOptions): Promise<Otel | undefined> {
  try {
    const settings = readOtelSettings(process.env);
    if (!settings) return undefined;
    const { startOtel } = await import('../telemetry/otel.ts');
    const isDue = oncePer(60_000);
    const onProblem = (reason: string): void => {
      if (isDue('')) logger.warn({ reason }, 'telemetry could not be exported');
    };
    const otel = startOtel({ ...options, settings, version, onProblem });
    const { traces, metrics } = settings;
    logger.info({ traces, metrics: metrics && options.measured !== undefined }, 'telemetry is exported');
    return otel;
  } catch (error) {
    logger.error({ reason: (error as Error).message }, 'telemetry is not exported');
    return undefined;
  }
}
