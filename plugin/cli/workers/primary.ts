import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { pino } from 'pino';
import type { Pauses } from '../../delivery/pauses.ts';
import { buildServer } from '../../http/server.ts';
import type { CountedConfiguration } from '../../telemetry/configuration.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import { Certificate } from '../certificate.ts';
import type { DestinationSet } from '../destination-set.ts';
import { pageParts } from '../page-parts.ts';
import type { GoodLoad } from '../reloader.ts';
import { plural } from '../report.ts';
import type { Measuring } from '../telemetry.ts';
import { exit } from '../usage.ts';
import type { CliWorkbench, CliWorkbenchOptions } from '../workbench/cli-workbench.ts';
import type { Counted } from './messages.ts';
import { sayShutGates } from './shut-gates.ts';
import { WorkerPool } from './worker-pool.ts';

/** What a process that serves is made of. */
export interface ServeParts {
  readonly pauses: Pauses;
  readonly destinations: DestinationSet;
  readonly logger: pino.Logger;
  readonly measuring: Measuring;
  readonly tracing: Tracing | undefined;
  readonly configuration: () => CountedConfiguration;
  /** @param seen the last records that came */
  readonly workbench: (seen: CliWorkbenchOptions['seen']) => CliWorkbench;
  /** Resolves when the service is to stop; until then it hands over each new configuration. */
  readonly whileServing: (apply: (result: GoodLoad) => Promise<void>) => Promise<void>;
}

/**
 * Serves with several processes. The workers map; this one listens, has the whole service on a private unix socket, the
 * gates above all, and adds up what the workers count.
 */
export async function servePrimary(
  { loaded: { settings }, digest, snapshot }: GoodLoad,
  workers: number,
  parts: ServeParts,
): Promise<number> {
  const { pauses, destinations, logger, measuring, tracing, configuration, whileServing } = parts;
  const folder = await privateFolder(tmpdir(), dirname(settings.stateFile));
  const primary = join(folder, 'primary.sock');
  const { lost } = measuring;
  const onCounted = (counted: Counted): void => {
    lost.unknownDestination += counted.lost.unknownDestination;
    lost.unauthorized += counted.lost.unauthorized;
    for (const [name, drained] of Object.entries(counted.destinations))
      destinations.all.get(name)?.measures.add(drained);
  };
  const pool = new WorkerPool({ workers, primary, snapshot, logger, onCounted });
  measuring.gather = () => pool.gather();
  const { keepSeen } = settings;
  const workbench = parts.workbench(async () => (keepSeen > 0 ? pool.look(keepSeen) : undefined));
  const server = buildServer({
    pauses,
    destinations: destinations.all,
    // Asked again here: /ready says more to who may know more.
    auth: settings.auth,
    bodyLimit: settings.bodyLimit,
    inFlight: settings.inFlight,
    logger,
    tracing,
    lost,
    measured: measuring.measured,
    configuration,
    ...pageParts(settings),
    workbench,
  });
  const certificate = settings.tls && new Certificate(settings.tls);
  measuring.certificate = certificate;
  // A worker that starts later shows what is in use, whatever the files have by then.
  if (certificate) pool.useCertificate(certificate.pem);
  const stopFollowing = certificate?.follow(logger, (pem) => pool.useCertificate(pem));
  const stopSaying = sayShutGates(destinations.all, (gates) => pool.send({ kind: 'shut', gates }));
  try {
    await server.listen({ path: primary, listenTextResolver: () => 'waiting for requests from the workers' });
    const where = await pool.listen(settings.listen, certificate ? 'https' : 'http');
    if (!(await pool.start())) return exit.findings;
    logger.info(`Server listening at ${where}`);
    logger.info(
      { digest },
      `ready for ${plural(destinations.all.size, 'destination')}, ${plural(workers, 'worker')}`,
    );
    await whileServing(async ({ loaded, snapshot: read }) => {
      await destinations.apply(loaded.destinations);
      await pool.configure(read);
    });
    return exit.fine;
  } finally {
    stopSaying();
    stopFollowing?.();
    await pool.stop();
    await server.close();
    await workbench.close();
    await destinations.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A new folder that nobody else may enter; in the second place where the first can't be written, as in a container. */
async function privateFolder(place: string, otherwise: string): Promise<string> {
  const name = 'fluent-bit-siem-workers-';
  try {
    return await mkdtemp(join(place, name));
  } catch {
    return mkdtemp(join(otherwise, name));
  }
}
