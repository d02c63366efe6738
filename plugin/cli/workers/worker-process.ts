import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { SeenRecord } from '../../delivery/seen-records.ts';
import type { Snapshot } from '../config-files.ts';
import type { FromPrimary, FromWorker } from './messages.ts';

/** A worker as the primary sees it. */
export class WorkerProcess {
  readonly exited: Promise<string>;
  /** Connections it has, those included that are on their way to it. */
  connections = 0;
  wasReady = false;
  readonly #child: ChildProcess;
  /** Connections on their way: should it end before it takes them, nobody else would close them. */
  readonly #onTheWay = new Map<number, Socket>();
  /** Whoever waits for it to say what it counted. */
  #asking: (() => void)[] = [];
  /** Whoever waits for the last records it saw. */
  #looking: ((records: readonly SeenRecord[]) => void)[] = [];
  /** Whoever waits for it to take a configuration over. */
  #configuring: ((error: string | undefined) => void)[] = [];
  #count = 0;
  #hasEnded = false;

  /**
   * Starts this program again with the same arguments.
   *
   * @param told gets what it says, other than about connections
   */
  constructor(environment: Readonly<Record<string, string>>, told: (message: FromWorker) => void) {
    this.#child = fork(process.argv[1]!, process.argv.slice(2), { env: { ...process.env, ...environment } });
    this.#child.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') this.wasReady = true;
      if (message.kind === 'took') this.#taken(message.connection);
      else if (message.kind === 'closed') this.connections--;
      else if (message.kind === 'seen') this.#looking.shift()?.(message.records);
      else if (message.kind === 'configured') this.#configuring.shift()?.(message.error);
      else told(message);
      if (message.kind === 'counted' && message.asked) this.#asking.shift()?.();
    });
    this.exited = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        // It may also be a signal that could not be sent.
        if (this.#child.pid === undefined) this.#end(error.message, resolve);
      });
      this.#child.once('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`, resolve));
    });
  }

  get isReady(): boolean {
    return this.wasReady && !this.#hasEnded;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: FromPrimary): void {
    // It may be ending: then it needs no message any more.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Gives it a connection that nothing was read of. */
  give(socket: Socket): void {
    const connection = this.#count++;
    this.connections++;
    this.#onTheWay.set(connection, socket);
    socket.on('error', () => socket.destroy());
    const message: FromPrimary = { kind: 'connection', connection };
    this.#child.send(message, socket, { keepOpen: true }, (error) => {
      if (error) this.#taken(connection);
    });
  }

  /** Has it say what it counted, and waits until it did, or has ended. */
  count(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isReady) return resolve();
      this.#asking.push(resolve);
      this.send({ kind: 'count' });
    });
  }

  /** The last records it saw; none, when it has ended. */
  look(): Promise<readonly SeenRecord[]> {
    return new Promise((resolve) => {
      if (!this.isReady) return resolve([]);
      this.#looking.push(resolve);
      this.send({ kind: 'look' });
    });
  }

  /** Has it take a configuration over, and waits until it did, or has ended. @returns why it could not */
  configure(snapshot: Snapshot): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#hasEnded) return resolve(undefined);
      this.#configuring.push(resolve);
      this.send({ kind: 'configuration', snapshot });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Closes this process's own hold of a connection: it lives on in the worker, or ends. */
  #taken(connection: number): void {
    this.#onTheWay.get(connection)?.destroy();
    this.#onTheWay.delete(connection);
  }

  #end(reason: string, resolve: (reason: string) => void): void {
    this.#hasEnded = true;
    for (const connection of this.#onTheWay.keys()) this.#taken(connection);
    for (const answered of this.#asking.splice(0)) answered();
    for (const answered of this.#looking.splice(0)) answered([]);
    for (const answered of this.#configuring.splice(0)) answered(undefined);
    resolve(reason);
  }
}
