import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { SeenRecords } from '../../delivery/seen-records.ts';
import { buildWorkerServer } from '../../http/server.ts';
import { noneLost } from '../../telemetry/lost-requests.ts';
import { Certificate, useCertificate } from '../certificate.ts';
import type { Snapshot } from '../config-files.ts';
import { DestinationSet } from '../destination-set.ts';
import { type Loaded, load } from '../load.ts';
import { describeFindings } from '../report.ts';
import { startTelemetry } from '../telemetry.ts';
import { exit } from '../usage.ts';
import { type FromPrimary, type FromWorker, workerVariables } from './messages.ts';
import { ShutGates } from './shut-gates.ts';
import { WorkerRepeats } from './worker-repeats.ts';

/** How often a worker says what it counted, unasked: so much is not counted when it is killed. Milliseconds. */
const countEvery = 1000;

/** The number of this worker; undefined in a process that is none. */
export function workerNumber(): number | undefined {
  const text = process.env[workerVariables.number];
  return text === undefined || !process.send ? undefined : Number(text);
}

/**
 * One of several processes that map: it gets its connections from the primary, answers `/map`, and relays all else
 * to the primary. Ends when the primary says so, or has ended itself.
 */
export async function serveWorker(config: string, level: string): Promise<number> {
  // They are for the primary: a terminal or a service manager may tell the whole group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  // What comes after it waits until someone listens.
  const [first] = (await once(process, 'message')) as [FromPrimary & { kind: 'configuration' }];
  const { settings, destinations: loaded } = await loadAs(config, first.snapshot);
  const primary = process.env[workerVariables.primary]!;
  const logger = pino({ level }).child({ worker: workerNumber() });
  const telemetry = await startTelemetry({ logger, paths: ['/map/'], worker: workerNumber() });
  const destinations = new DestinationSet({ logger });
  await destinations.apply(loaded);
  const lost = noneLost();
  const repeats = new WorkerRepeats(tell);
  const gates = new ShutGates();
  const seen = settings.keepSeen > 0 ? new SeenRecords(settings.keepSeen) : undefined;
  const server = buildWorkerServer({
    destinations: destinations.all,
    auth: settings.auth,
    tls: settings.tls && new Certificate(settings.tls).pem,
    bodyLimit: settings.bodyLimit,
    inFlight: settings.inFlight,
    logger,
    lost,
    seen,
    repeats,
    whyTurnedAway: (destination, tag) => gates.whyTurnedAway(destination, tag),
    primary,
    tracing: telemetry?.tracing,
  });
  // Nobody connects here: a server that listens is one that knows its connections, and can close the idle ones.
  await server.listen({
    path: join(dirname(primary), `worker-${process.pid}.sock`),
    listenTextResolver: () => 'waiting for connections from the primary',
  });

  let configuring = Promise.resolve();
  const open = new Set<Socket>();
  const stopped = new Promise<void>((resolve) => {
    process.on('message', (message: FromPrimary, socket?: Socket) => {
      switch (message.kind) {
        case 'connection':
          tell({ kind: 'took', connection: message.connection });
          // It may be closed already.
          if (socket) take(socket);
          else tell({ kind: 'closed' });
          return;
        case 'configuration':
          configuring = configuring.then(() => configure(message.snapshot));
          return;
        case 'count':
          return count(true);
        case 'look':
          return tell({ kind: 'seen', records: seen?.list() ?? [] });
        case 'shut':
          return gates.hear(message.gates);
        case 'certificate':
          return useCertificate(server, message.pem);
        case 'remembered':
          return repeats.isRemembered(message.key);
        case 'taken':
          return repeats.isTaken(message.key, message.acked);
        case 'stop':
          return resolve();
      }
    });
  });
  process.on('disconnect', orphaned);
  if (!process.connected) orphaned();
  const timer = setInterval(() => count(false), countEvery);
  tell({ kind: 'ready' });

  await stopped;
  clearInterval(timer);
  await server.close();
  await Promise.all([...open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  await destinations.close();
  const isTelemetryEnded = await telemetry?.stop();
  count(false);
  process.off('disconnect', orphaned);
  if (isTelemetryEnded === false) process.once('disconnect', () => process.exit(exit.fine));
  process.disconnect!();
  return exit.fine;

  /** The primary is gone, and with it whoever would remove its folder. */
  function orphaned(): never {
    rmSync(dirname(primary), { recursive: true, force: true });
    process.exit(exit.findings);
  }

  async function configure(snapshot: Snapshot): Promise<void> {
    try {
      // What it has counted for one that goes now would be lost with it.
      count(false);
      await destinations.apply((await loadAs(config, snapshot)).destinations);
      tell({ kind: 'configured', error: undefined });
    } catch (error) {
      tell({ kind: 'configured', error: (error as Error).message });
    }
  }

  function take(socket: Socket): void {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      tell({ kind: 'closed' });
    });
    // As an HTTP server's own sockets: a client may close its side once it has sent all.
    socket.allowHalfOpen = true;
    server.server.emit('connection', socket);
  }

  function count(asked: boolean): void {
    const counts = [...destinations.all].flatMap(([name, destination]) => {
      destination.collect();
      const drained = destination.measures.drain();
      return drained ? [[name, drained] as const] : [];
    });
    if (counts.length === 0 && Object.values(lost).every((number) => number === 0) && !asked) return;
    tell({ kind: 'counted', asked, destinations: Object.fromEntries(counts), lost: { ...lost } });
    Object.assign(lost, noneLost());
  }
}

/** Loads what the primary has read. @throws Error with the findings, should something else than files be wrong */
async function loadAs(config: string, snapshot: Snapshot): Promise<Loaded> {
  const result = await load(config, process.env, snapshot);
  if (!result.loaded) throw new Error(describeFindings(result));
  return result.loaded;
}

function tell(message: FromWorker): void {
  // The primary may be gone.
  process.send!(message, undefined, undefined, () => {});
}
