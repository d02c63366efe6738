import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { Repeats } from '../../delivery/repeats.ts';
import type { SeenRecord } from '../../delivery/seen-records.ts';
import type { Pem } from '../../mapping/pem.ts';
import type { Address } from '../../mapping/units.ts';
import type { Snapshot } from '../config-files.ts';
import { type Counted, type FromPrimary, type FromWorker, workerVariables } from './messages.ts';
import { WorkerProcess } from './worker-process.ts';

export interface WorkerPoolOptions {
  /** How many. */
  readonly workers: number;
  /** Unix socket of the primary's own service. */
  readonly primary: string;
  /** Of the configuration to start with. */
  readonly snapshot: Snapshot;
  readonly logger: Logger;
  readonly onCounted: (counted: Counted) => void;
}

/** A worker that ends within this time after its start, in milliseconds, is started again after a longer pause. */
const soon = 10_000;
const firstPause = 100;
const longestPause = 30_000;
/** Milliseconds in which a worker says what it counted; one that is busy for longer is counted the next time. */
const longestCount = 2000;

/**
 * The processes that map. The primary listens, and gives each connection to the worker with the fewest; a worker that
 * ends is started again. (node:cluster would do most of it, but a connection on its way to a worker that is killed stays open
 * for ever there, and with it a chunk of Fluent Bit's; and its listening socket ends with the last worker.)
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #server: Server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
    this.#place(socket),
  );
  readonly #workers = new Set<WorkerProcess>();
  readonly #repeats = new Repeats();
  /** Connections that came while there was no worker, or not all had started. */
  readonly #unplaced = new Set<Socket>();
  /** Collectors connect at once, and keep their connections: the first worker that is ready would get them all. */
  #isStarting = true;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** One that came after the start. */
  #certificate: Pem | undefined;
  #isStopping = false;
  #snapshot: Snapshot;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#snapshot = options.snapshot;
  }

  /** @returns where it listens, as the system says. @throws NodeJS.ErrnoException */
  async listen(address: Address, scheme: 'http' | 'https'): Promise<string> {
    this.#server.listen('path' in address ? address.path : address);
    await once(this.#server, 'listening');
    const bound = this.#server.address()!;
    if (typeof bound === 'string') return bound;
    return `${scheme}://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  /** Starts all workers. @returns whether all became ready; one that could not has said why on stderr */
  async start(): Promise<boolean> {
    const numbers = Array.from({ length: this.#options.workers }, (_, index) => index + 1);
    try {
      await Promise.all(numbers.map((number) => this.#run(number)));
      this.#isStarting = false;
      this.#placeWaiting();
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Has every worker take over a configuration that this process has read: what each read by itself might be another
   * one already. Those that start later begin with it.
   *
   * @throws Error when a worker could not
   */
  async configure(snapshot: Snapshot): Promise<void> {
    this.#snapshot = snapshot;
    const errors = await Promise.all([...this.#workers].map((worker) => worker.configure(snapshot)));
    const error = errors.find((one) => one !== undefined);
    if (error !== undefined) throw new Error(`a worker could not take the configuration over: ${error}`);
  }

  /** Has every worker say what it counted until now. */
  async gather(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, longestCount);
    });
    await Promise.race([Promise.all([...this.#workers].map((worker) => worker.count())), late]);
    clearTimeout(timer);
  }

  /** The last records that the workers saw, the newest first. */
  async look(most: number): Promise<SeenRecord[]> {
    const seen = await Promise.all([...this.#workers].map((worker) => worker.look()));
    // Each destination's request may have come to another one.
    const each = new Map(seen.flat().map((one) => [`${one.tag}\n${one.record}`, one]));
    return [...each.values()]
      .sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0))
      .slice(0, most);
  }

  /** Has every worker show another certificate, those too that start later. */
  useCertificate(pem: Pem): void {
    this.#certificate = pem;
    this.send({ kind: 'certificate', pem });
  }

  /** Tells every worker. */
  send(message: FromPrimary): void {
    for (const worker of this.#workers) worker.send(message);
  }

  /** Takes no more connections, lets the requests under way be answered, and ends all workers. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#server.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#unplaced) socket.destroy();
    const workers = [...this.#workers];
    for (const worker of workers) {
      if (worker.isReady) worker.send({ kind: 'stop' });
      else worker.kill();
    }
    await Promise.all(workers.map(({ exited }) => exited));
  }

  /**
   * Runs a worker, and another one when it ends.
   *
   * @param pause milliseconds before the next, should it end soon; undefined for the first
   * @returns when it is ready. @throws when the first ends before
   */
  #run(number: number, pause?: number): Promise<void> {
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const environment = {
        [workerVariables.number]: String(number),
        [workerVariables.primary]: this.#options.primary,
      };
      const worker = new WorkerProcess(environment, (message) => {
        this.#told(worker, number, message);
        if (message.kind === 'ready') resolve();
      });
      this.#workers.add(worker);
      worker.send({ kind: 'configuration', snapshot: this.#snapshot });
      void worker.exited.then((reason) => {
        const { wasReady, pid } = worker;
        this.#workers.delete(worker);
        if (this.#isStopping) return;
        const fields = { worker: number, workerPid: pid, reason };
        if (pause === undefined && !wasReady) {
          this.#options.logger.error(fields, 'a worker ended before it was ready');
          reject(new Error(reason));
          return;
        }
        const wait = performance.now() - startedAt < soon ? (pause ?? firstPause) : firstPause;
        this.#options.logger.error(fields, `a worker ended; another one starts in ${wait} ms`);
        this.#runAfter(wait, number);
      });
    });
  }

  #runAfter(pause: number, number: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#run(number, Math.min(longestPause, pause * 2));
    }, pause);
    this.#timers.add(timer);
  }

  #told(worker: WorkerProcess, number: number, message: FromWorker): void {
    switch (message.kind) {
      case 'ready': {
        this.#options.logger.info({ worker: number, workerPid: worker.pid }, 'worker ready');
        if (this.#certificate) worker.send({ kind: 'certificate', pem: this.#certificate });
        for (const key of this.#repeats.keys) worker.send({ kind: 'remembered', key });
        this.#placeWaiting();
        return;
      }
      case 'counted':
        this.#options.onCounted(message);
        return;
      case 'remember': {
        const { key, acked } = message;
        this.#repeats.remember(key, new Set(acked));
        this.send({ kind: 'remembered', key });
        return;
      }
      case 'take': {
        const acked = this.#repeats.take(message.key);
        worker.send({ kind: 'taken', key: message.key, acked: acked && [...acked] });
        return;
      }
    }
  }

  #placeWaiting(): void {
    if (this.#isStarting) return;
    const waiting = [...this.#unplaced];
    this.#unplaced.clear();
    for (const socket of waiting) this.#place(socket);
  }

  #place(socket: Socket): void {
    const worker = this.#isStarting ? undefined : this.#fewest();
    if (worker) {
      // To the end of the line: of those that have equally few it is not always the same one's turn.
      this.#workers.delete(worker);
      this.#workers.add(worker);
      worker.give(socket);
      return;
    }
    this.#unplaced.add(socket);
    socket.once('error', () => socket.destroy());
    socket.once('close', () => this.#unplaced.delete(socket));
  }

  /** The ready worker with the fewest connections. */
  #fewest(): WorkerProcess | undefined {
    let fewest: WorkerProcess | undefined;
    for (const worker of this.#workers) {
      if (worker.isReady && worker.connections < (fewest?.connections ?? Number.POSITIVE_INFINITY))
        fewest = worker;
    }
    return fewest;
  }
}
