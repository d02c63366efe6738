import { resolve } from 'node:path';
import type {
  ImportAnswer,
  RenderAnswer,
  RenderRequest,
  SampleAnswer,
  SchemaAnswer,
  SeenAnswer,
} from '../../workbench/answer.ts';
import { completionOf } from '../../workbench/completion.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { GoodLoad } from '../reloader.ts';
import { BenchThread, type BenchThreadOptions } from './bench-thread.ts';
import { samplesOf } from './samples.ts';
import type { ThreadStart } from './thread-messages.ts';

export interface CliWorkbenchOptions extends BenchThreadOptions {
  /** Path of destinations.yaml. */
  readonly config: string;
  /** The configuration in use. */
  readonly current: () => GoodLoad;
  /** The last records that came, the newest first; undefined when none are kept. */
  readonly seen?: (() => Promise<readonly SeenAnswer[] | undefined>) | undefined;
}

/** The workbench of a running service: on the configuration in use, whichever that is. */
export class CliWorkbench implements Workbench {
  readonly #options: CliWorkbenchOptions;
  readonly #thread: BenchThread;
  #started: { readonly by: GoodLoad; readonly start: ThreadStart } | undefined;

  constructor(options: CliWorkbenchOptions) {
    this.#options = options;
    this.#thread = new BenchThread(() => this.#start(), options);
  }

  render(request: RenderRequest, signal: AbortSignal): Promise<RenderAnswer> {
    const job = { kind: 'render', request, now: Date.now() } as const;
    return this.#thread.do(job, signal) as Promise<RenderAnswer>;
  }

  import(text: string, file: string, signal: AbortSignal): Promise<ImportAnswer> {
    return this.#thread.do({ kind: 'import', text, file }, signal) as Promise<ImportAnswer>;
  }

  schema(): SchemaAnswer {
    const { functions, destinations } = this.#options.current().loaded;
    const names = destinations.map(({ settings: { name, format } }) => ({ name, format }));
    return { ...completionOf(functions), files: [...this.#files()], destinations: names };
  }

  samples(): readonly SampleAnswer[] {
    return samplesOf(this.#options.current().loaded.destinations.flatMap(({ sets }) => sets));
  }

  async seen(): Promise<readonly SeenAnswer[] | undefined> {
    return this.#options.seen?.();
  }

  mappingText(file: string): string | undefined {
    return this.#files().has(file) ? this.#options.current().texts.get(file) : undefined;
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  #files(): ReadonlySet<string> {
    const { destinations } = this.#options.current().loaded;
    return new Set(destinations.flatMap(({ sets }) => sets.map(({ file }) => file)));
  }

  /** The same as long as the configuration is. */
  #start(): ThreadStart {
    const by = this.#options.current();
    if (this.#started?.by !== by) {
      const { texts, found } = by.snapshot;
      const paths = new Set(by.files.map((file) => resolve(file)));
      // Only what the configuration is written in: what was read beside it are secrets.
      const own = Object.entries(texts).filter(([path]) => paths.has(path));
      const start = { config: this.#options.config, snapshot: { texts: Object.fromEntries(own), found } };
      this.#started = { by, start };
    }
    return this.#started.start;
  }
}
