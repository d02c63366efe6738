import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Pauses } from '../delivery/pauses.ts';
import { buildServer } from '../http/server.ts';
import { mostWorkers } from '../mapping/destinations-schema.ts';
import { formatAddress } from '../mapping/units.ts';
import { Certificate, useCertificate } from './certificate.ts';
import { DestinationSet } from './destination-set.ts';
import { type Loaded, load } from './load.ts';
import { describeFindings, plural } from './report.ts';
import { type Command, defaultConfig, exit, UsageError } from './usage.ts';
import { servePrimary } from './workers/primary.ts';
import { serveWorker, workerNumber } from './workers/worker.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'load, check and compile the mappings, then listen',
  help: `Usage: fluent-bit-siem serve [--config FILE] [--workers N] [--log-level LEVEL]

Loads, checks and compiles the mappings, then listens for Fluent Bit. Refuses to start on errors.
Stops on SIGTERM and SIGINT, after the requests under way are answered.

  --config FILE       destinations.yaml (default: ${defaultConfig})
  --workers N         processes that map, at most one a CPU core, instead of service.workers (default: 1)
  --log-level LEVEL   trace, debug, info, warn, error, fatal or silent (default: info)

  FLUENT_BIT_SIEM_LISTEN    host:port or unix:/path to listen on, instead of service.listen
  FLUENT_BIT_SIEM_FORWARD   Fluent Bit's forward input, instead of service.forward
  FLUENT_BIT_SIEM_STATE     file that keeps which destinations are paused, instead of service.state`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string', default: defaultConfig },
        workers: { type: 'string' },
        'log-level': { type: 'string', default: 'info' },
      },
    });
    const level = values['log-level'];
    if (!Object.hasOwn(pino.levels.values, level) && level !== 'silent') {
      throw new UsageError(`--log-level has no '${level}'`);
    }
    const workers = readWorkers(values.workers);
    const result = await load(values.config);
    // What there is to say the primary has said.
    const isWorker = workerNumber() !== undefined;
    if (result.diagnostics.all.length > 0 && !isWorker) process.stderr.write(`${describeFindings(result)}\n`);
    if (!result.loaded) return exit.findings;
    if (isWorker) return serveWorker(result.loaded, result.digest, level);
    return servePublic(
      result.loaded,
      result.digest,
      workers ?? result.loaded.settings.workers,
      pino({ level }),
    );
  },
};

async function servePublic(
  loaded: Loaded,
  digest: string,
  workers: number,
  logger: pino.Logger,
): Promise<number> {
  const { settings } = loaded;
  const pauses = await Pauses.open(settings.stateFile, (reason) =>
    logger.error(
      { file: settings.stateFile, reason },
      'the state file is unreadable and set aside: nothing is paused',
    ),
  );
  for (const { settings: one, sets } of loaded.destinations) {
    const mappings = sets.reduce((sum, set) => sum + set.mappings.length, 0);
    const { name, format, forward } = one;
    logger.info(
      { destination: name, format, mappings, forward: formatAddress(forward.address) },
      'destination loaded',
    );
  }
  return workers === 1
    ? serveAlone(loaded, pauses, logger)
    : servePrimary(loaded, { workers, digest, pauses, logger, untilStopped });
}

/** One process does everything. */
async function serveAlone(
  { settings, destinations: loaded }: Loaded,
  pauses: Pauses,
  logger: pino.Logger,
): Promise<number> {
  const destinations = new DestinationSet({ logger, pauses });
  await destinations.apply(loaded);
  const certificate = settings.tls && new Certificate(settings.tls);
  const server = buildServer({
    pauses,
    destinations: destinations.all,
    auth: settings.auth,
    tls: certificate?.pem,
    bodyLimit: settings.bodyLimit,
    inFlight: settings.inFlight,
    logger,
  });
  await server.listen(settings.listen);
  const stopFollowing = certificate?.follow(logger, (pem) => useCertificate(server, pem));
  logger.info(`ready for ${plural(destinations.all.size, 'destination')}`);
  await untilStopped();
  logger.info('stopping');
  stopFollowing?.();
  await server.close();
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
