import { pino } from 'pino';
import { Pauses } from '../delivery/pauses.ts';
import { SeenRecords } from '../delivery/seen-records.ts';
import { buildServer } from '../http/server.ts';
import { mostWorkers } from '../mapping/service-schema.ts';
import { formatAddress } from '../mapping/units.ts';
import { Certificate, useCertificate } from './certificate.ts';
import { DestinationSet } from './destination-set.ts';
import { letHeapGrow } from './heap.ts';
import { load } from './load.ts';
import { pageParts } from './page-parts.ts';
import { type GoodLoad, Reloader } from './reloader.ts';
import { describeFindings, plural } from './report.ts';
import { Measuring, startTelemetry } from './telemetry.ts';
import { command, configOption, exit, UsageError } from './usage.ts';
import { CliWorkbench, type CliWorkbenchOptions } from './workbench/cli-workbench.ts';
import { type ServeParts, servePrimary } from './workers/primary.ts';
import { serveWorker, workerNumber } from './workers/worker.ts';

export const serve = command(
  {
    name: 'serve',
    summary: 'load, check and compile the mappings, then listen',
    description: `Loads, checks and compiles the mappings, then listens for Fluent Bit. Refuses to start on errors.

Stops on SIGTERM and SIGINT, after the requests under way are answered. When a file of the configuration changes, and on
SIGHUP, reads it again: what has no errors is taken over between two requests; otherwise the old one stays. The log, a JSON
object a line, goes to stdout.`,
    options: {
      config: configOption,
      workers: {
        type: 'string',
        value: 'N',
        about:
          'processes that map, at most one a CPU core, instead of service.workers, which is 1 unless set',
      },
      'no-watch': {
        type: 'boolean',
        about: 'only SIGHUP has the configuration read again, as with service.watch: false',
      },
      'log-level': {
        type: 'string',
        value: 'LEVEL',
        default: 'info',
        choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        about: 'how much the log says',
      },
    },
    environment: {
      FLUENT_BIT_SIEM_LISTEN: 'host:port or unix:/path to listen on, instead of service.listen',
      FLUENT_BIT_SIEM_FORWARD: "Fluent Bit's forward input, instead of service.forward",
      FLUENT_BIT_SIEM_STATE: 'file that keeps which destinations are paused, instead of service.state',
      'NAME of ${NAME}': 'what destinations.yaml and mapping files take from the environment',
      'OTEL_*': 'what is exported over OTLP, and where to: docs/telemetry.md',
    },
    files: {
      '/var/lib/fluent-bit-siem/state.json':
        'which destinations are paused, unless service.state says another',
    },
    exits: ['it was told to stop', 'the configuration has errors, or the address is taken'],
    examples: [
      ['fluent-bit-siem serve', 'on 127.0.0.1:2021, unless the file says otherwise'],
      [
        'fluent-bit-siem serve --config /etc/fluent-bit-siem/mappings/destinations.yaml --workers 4',
        'on four cores',
      ],
    ],
  },
  async (values) => {
    letHeapGrow();
    const level = values['log-level'];
    const workers = readWorkers(values.workers);
    if (workerNumber() !== undefined) return serveWorker(values.config, level);
    const hangup = new Hangup();
    const result = await load(values.config);
    if (result.diagnostics.all.length > 0) process.stderr.write(`${describeFindings(result)}\n`);
    const { loaded } = result;
    if (!loaded) return exit.findings;
    return servePublic({ ...result, loaded }, values.config, {
      workers: workers ?? loaded.settings.workers,
      watch: loaded.settings.watch && !values['no-watch'],
      hangup,
      logger: pino({ level }),
    });
  },
);

interface PublicOptions {
  readonly workers: number;
  readonly watch: boolean;
  readonly hangup: Hangup;
  readonly logger: pino.Logger;
}

/** SIGHUP, which would end the process if it came before there is something to be read again. */
class Hangup {
  onSignal: () => void = () => {};

  constructor() {
    process.on('SIGHUP', () => this.onSignal());
  }
}

async function servePublic(first: GoodLoad, config: string, options: PublicOptions): Promise<number> {
  const { workers, logger, hangup } = options;
  const { settings } = first.loaded;
  const pauses = await Pauses.open(settings.stateFile, (reason) =>
    logger.error(
      { file: settings.stateFile, reason },
      'the state file is unreadable and set aside: nothing is paused',
    ),
  );
  for (const { settings: one, sets } of first.loaded.destinations) {
    const mappings = sets.reduce((sum, set) => sum + set.mappings.length, 0);
    const { name, format, forward } = one;
    logger.info(
      { destination: name, format, mappings, forward: formatAddress(forward.address) },
      'destination loaded',
    );
  }
  const measuring = new Measuring(
    () => destinations.all,
    () => reloader.configuration,
  );
  const telemetry = await startTelemetry({
    logger,
    paths: ['/map/', '/deliver/'],
    measured: measuring.measured,
  });
  const tracing = telemetry?.tracing;
  const destinations = new DestinationSet({ logger, pauses, tracing });
  await destinations.apply(first.loaded.destinations);
  /** Serves until it is told to stop, and has the configuration read again until then. */
  const whileServing = async (apply: (result: GoodLoad) => Promise<void>): Promise<void> => {
    takeOver = apply;
    hangup.onSignal = () => void reloader.reload('SIGHUP');
    const stopWatching = options.watch ? reloader.watch() : () => {};
    await untilStopped();
    stopWatching();
    hangup.onSignal = () => {};
    logger.info('stopping');
  };
  let takeOver = async (_result: GoodLoad): Promise<void> => {};
  const reloader = new Reloader({ config, first, logger, apply: (result) => takeOver(result) });
  const configuration = () => reloader.configuration;
  const workbench = (seen: CliWorkbenchOptions['seen']) =>
    new CliWorkbench({ config, current: () => reloader.current, seen });
  const parts = {
    ...{ pauses, destinations, logger, measuring, tracing, configuration, workbench, whileServing },
  };
  const code = await (workers === 1 ? serveAlone(first, parts) : servePrimary(first, workers, parts));
  if ((await telemetry?.stop()) === false) process.exit(code);
  return code;
}

/** One process does everything. */
async function serveAlone({ loaded: { settings }, digest }: GoodLoad, parts: ServeParts): Promise<number> {
  const { pauses, destinations, logger, measuring, tracing, configuration, whileServing } = parts;
  const seen = settings.keepSeen > 0 ? new SeenRecords(settings.keepSeen) : undefined;
  const workbench = parts.workbench(async () => seen?.list());
  const certificate = settings.tls && new Certificate(settings.tls);
  measuring.certificate = certificate;
  const server = buildServer({
    pauses,
    destinations: destinations.all,
    auth: settings.auth,
    tls: certificate?.pem,
    bodyLimit: settings.bodyLimit,
    inFlight: settings.inFlight,
    logger,
    tracing,
    lost: measuring.lost,
    measured: measuring.measured,
    seen,
    configuration,
    ...pageParts(settings),
    workbench,
  });
  // A copy: Fastify writes into it.
  await server.listen({ ...settings.listen });
  const stopFollowing = certificate?.follow(logger, (pem) => useCertificate(server, pem));
  logger.info({ digest }, `ready for ${plural(destinations.all.size, 'destination')}`);
  await whileServing(({ loaded }) => destinations.apply(loaded.destinations));
  stopFollowing?.();
  await server.close();
  await workbench.close();
  await destinations.close();
  return exit.fine;
}

/** @throws UsageError */
function readWorkers(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= mostWorkers) return workers;
  throw new UsageError(`--workers is a number from 1 to ${mostWorkers}, not '${text}'`);
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
