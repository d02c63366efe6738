import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WorkbenchError } from '../../workbench/workbench.ts';
import type { FromThread, Job, ThreadStart } from './thread-messages.ts';

export interface BenchThreadOptions {
  /** A job may take so long, and a start; then the thread is ended. Milliseconds. */
  readonly timeout?: number;
  readonly startTimeout?: number;
  /** It ends by itself when nobody asks for so long, milliseconds. */
  readonly idle?: number;
}

/** People type, and each keystroke is a job; whoever finds more waiting is sent away. */
const mostWaiting = 16;

/** Megabytes: what is typed must not take the service's memory. */
const mostMemory = 256;

/**
 * Does the workbench's jobs in a thread of its own, one after the other: a record or a map that takes long, or takes
 * memory, is ended, and `/map` never waits for it. The thread starts with the first job, has nothing of the
 * environment, and ends when it is not used.
 */
export class BenchThread {
  readonly #start: () => ThreadStart;
  readonly #options: Required<BenchThreadOptions>;
  #running: { readonly worker: Worker; readonly start: ThreadStart } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @param start what a thread is to start with; another one ends the thread before */
  constructor(
    start: () => ThreadStart,
    { timeout = 5000, startTimeout = 30_000, idle = 60_000 }: BenchThreadOptions = {},
  ) {
    this.#start = start;
    this.#options = { timeout, startTimeout, idle };
  }

  /** @throws WorkbenchError */
  async do(job: Job, signal: AbortSignal): Promise<unknown> {
    if (this.#waiting >= mostWaiting)
      throw new WorkbenchError('busy', 'the workbench is busy with others: try again in a moment');
    this.#waiting++;
    const turn = this.#last.then(() => {
      // What was typed is outdated already.
      if (signal.aborted) throw new WorkbenchError('failed', 'nobody waits for it any more');
      return this.#do(job);
    });
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
      this.#endWhenIdle();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#end();
  }

  async #do(job: Job): Promise<unknown> {
    const worker = await this.#ready();
    worker.postMessage(job);
    return this.#hear(
      worker,
      this.#options.timeout,
      'it took too long and was ended: is the record or the map very large?',
    );
  }

  async #ready(): Promise<Worker> {
    const start = this.#start();
    if (this.#running?.start === start) return this.#running.worker;
    await this.#end();
    const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: start,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: mostMemory },
    });
    worker.unref();
    // It may fail still, when nobody listens.
    worker.on('error', () => {});
    this.#running = { worker, start };
    await this.#hear(worker, this.#options.startTimeout, 'the workbench did not start in time');
    return worker;
  }

  /** The thread's next word; one that fails, or says nothing in time, is ended. */
  #hear(worker: Worker, timeout: number, tooSlow: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (reason: WorkbenchError['reason'], message: string): void => {
        settle();
        if (this.#running?.worker === worker) this.#running = undefined;
        void worker.terminate();
        reject(new WorkbenchError(reason, message));
      };
      const onMessage = (message: FromThread): void => {
        if (message.kind === 'failure') fail('failed', message.message);
        else {
          settle();
          resolve(message.kind === 'answer' ? message.answer : undefined);
        }
      };
      const onError = ({ message }: Error): void => fail('failed', `the workbench failed: ${message}`);
      const onExit = (): void => fail('failed', 'the workbench was ended');
      const timer = setTimeout(() => fail('too_slow', tooSlow), timeout);
      const settle = (): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#waiting === 0) void this.#end();
    }, this.#options.idle).unref();
  }

  async #end(): Promise<void> {
    const { worker } = this.#running ?? {};
    this.#running = undefined;
    await worker?.terminate();
  }
}
