import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { formatDiagnostic } from '../mapping/diagnostic.ts';
import type { Settings } from '../mapping/settings.ts';
import type { ConfigurationStatus, CountedConfiguration } from '../telemetry/configuration.ts';
import { fingerprint, type Seen } from './config-files.ts';
import { type Loaded, type LoadResult, load } from './load.ts';
import { plural } from './report.ts';
import { look, watch } from './watch.ts';

/** A configuration without errors. */
export type GoodLoad = LoadResult & { readonly loaded: Loaded };

export interface ReloaderOptions {
  /** Path of destinations.yaml. */
  readonly config: string;
  /** The one the service starts with. */
  readonly first: GoodLoad;
  /** Exchanges the configuration in use. @throws Error when this one can't be had; the old one then is in use */
  readonly apply: (result: GoodLoad) => Promise<void>;
  readonly logger: Logger;
}

/** Most findings that are told; the first ones are the file's first. */
const mostFindings = 20;

/** Reads the configuration again: a good one is taken over, with a bad one the old one stays and all is told. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #folder: string;
  readonly #loads = { success: 1, failure: 0 };
  #fingerprint: string;
  #status: ConfigurationStatus;
  #current: GoodLoad;
  #expected: Seen;
  #running: Promise<void> | undefined;
  #isWanted = false;

  constructor(options: ReloaderOptions) {
    const { config, first } = options;
    this.#options = options;
    this.#current = first;
    this.#folder = dirname(resolve(config));
    this.#fingerprint = fingerprint(first.snapshot);
    this.#status = { loadedAt: new Date().toISOString(), digest: first.digest };
    this.#expected = first.seen;
  }

  get configuration(): CountedConfiguration {
    return { status: this.#status, loads: this.#loads };
  }

  /** The one in use. */
  get current(): GoodLoad {
    return this.#current;
  }

  /** Reads it again whenever its files have changed. @returns what ends that */
  watch(): () => void {
    return watch(
      () => this.#expected,
      this.#folder,
      () => this.reload('its files have changed'),
    );
  }

  /**
   * Reads it again, and once more if this is called meanwhile.
   *
   * @param why for the log
   * @returns when it is taken over or refused; it throws nothing
   */
  async reload(why: string): Promise<void> {
    this.#isWanted = true;
    this.#running ??= this.#reloadWhileWanted(why).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #reloadWhileWanted(why: string): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        await this.#reload(why);
      } catch (error) {
        this.#refuse([(error as Error).message]);
      }
    }
  }

  async #reload(why: string): Promise<void> {
    const { config, apply, logger } = this.#options;
    const before = await look(this.#expected, this.#folder);
    // Should it fail, the files it does not come to are not looked at again until they change.
    this.#expected = before;
    const result = await load(config);
    const { seen, diagnostics, snapshot, digest } = result;
    if (!isGood(result)) {
      this.#expected = {
        stamps: { ...before.stamps, ...seen.stamps },
        found: { ...before.found, ...seen.found },
      };
      this.#refuse(
        diagnostics.all.filter(({ severity }) => severity === 'error').map((one) => formatDiagnostic(one)),
      );
      return;
    }
    this.#expected = seen;
    const print = fingerprint(snapshot);
    const isSame = print === this.#fingerprint;
    // Links, times or the order of a deployment may change where no content does.
    if (!isSame || this.#status.error) await apply(result);
    if (!isSame) this.#current = result;
    this.#fingerprint = print;
    this.#loads.success++;
    const { loadedAt } = this.#status;
    this.#status = { loadedAt: isSame ? loadedAt : new Date().toISOString(), digest };
    for (const warning of diagnostics.all) logger.warn(formatDiagnostic(warning));
    this.#warnOfFixed(result.loaded.settings);
    const fields = { digest, why };
    if (isSame) logger.info(fields, 'the configuration is read again and is the same');
    else
      logger.info(
        fields,
        `the configuration is taken over: ${plural(result.loaded.destinations.length, 'destination')}`,
      );
  }

  #refuse(findings: readonly string[]): void {
    const more = findings.length - mostFindings;
    const told = [...findings.slice(0, mostFindings), ...(more > 0 ? [`and ${more} more`] : [])];
    this.#loads.failure++;
    const { loadedAt, digest } = this.#status;
    this.#status = { loadedAt, digest, error: { since: new Date().toISOString(), findings: told } };
    this.#options.logger.error(
      { findings: told, digest },
      'the new configuration has errors: the one before stays in use',
    );
  }

  /** What a running process can't change. */
  #warnOfFixed(settings: Settings): void {
    const now = fixed(settings);
    const then = fixed(this.#options.first.loaded.settings);
    const changed = Object.keys({ ...then, ...now }).filter(
      (name) => !isDeepStrictEqual(now[name], then[name]),
    );
    if (changed.length === 0) return;
    this.#options.logger.warn(
      { settings: changed },
      'these settings of service: hold when the service is started again; all others hold now',
    );
  }
}

function isGood(result: LoadResult): result is GoodLoad {
  return result.loaded !== undefined;
}

/** What stands in `service:`, by the names it has there. */
function fixed({
  functions: _,
  destinations: __,
  stateFile: state,
  ...service
}: Settings): Record<string, unknown> {
  const named = Object.entries(service).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { ...Object.fromEntries(named), state };
}
