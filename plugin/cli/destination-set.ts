import { isDeepStrictEqual } from 'node:util';
import type { pino } from 'pino';
import { Destination, type GateParts } from '../delivery/destination.ts';
import type { Pauses } from '../delivery/pauses.ts';
import { ForwardClient } from '../fluent/forward-client.ts';
import { StorageRoom } from '../fluent/storage-room.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { formatAddress } from '../mapping/units.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { gateParts } from './gate-parts.ts';
import type { LoadedDestination } from './load.ts';

export interface DestinationSetOptions {
  readonly logger: pino.Logger;
  /**
   * Which of those that deliver are paused; without it none delivers. One process does, or each would knock by itself.
   */
  readonly pauses?: Pauses;
  readonly tracing?: Tracing | undefined;
}

/** What of a destination is made new, or stays because nothing of it has changed. */
interface Prepared {
  readonly loaded: LoadedDestination;
  readonly before: Destination | undefined;
  readonly forward: ForwardClient;
  readonly parts: GateParts | undefined;
}

/** The destinations of the configuration in use, by name. Another configuration comes between two requests. */
export class DestinationSet {
  readonly #options: DestinationSetOptions;
  readonly #all = new Map<string, Destination>();

  constructor(options: DestinationSetOptions) {
    this.#options = options;
  }

  /** Always those of the configuration in use. */
  get all(): ReadonlyMap<string, Destination> {
    return this.#all;
  }

  /**
   * Takes over a configuration: all of it at once, or, when something in it can't be had, nothing.
   *
   * @throws Error when a certificate, a key or a proxy's URL can't be read
   */
  async apply(loaded: readonly LoadedDestination[]): Promise<void> {
    const { pauses } = this.#options;
    const deliver = pauses && loaded.some(({ settings }) => settings.deliver !== undefined);
    // What delivers is loaded where something does: it takes its time.
    const make = deliver ? (await import('./gate-parts.ts')).gateParts : undefined;
    const prepared = loaded.map((one) => this.#prepare(one, make));

    // From here on nothing waits and nothing fails.
    const before = new Map(this.#all);
    this.#all.clear();
    for (const one of prepared) {
      const { name } = one.loaded.settings;
      const destination = exchange(one);
      if (destination.gate) destination.gate.isPaused = pauses?.get(name) !== undefined;
      this.#all.set(name, destination);
      before.delete(name);
    }
    for (const gone of before.values()) gone.retire();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map((destination) => destination.close()));
  }

  #prepare(loaded: LoadedDestination, make: typeof gateParts | undefined): Prepared {
    const { settings } = loaded;
    const before = this.#all.get(settings.name);
    const isSameWay = before && isDeepStrictEqual(before.settings.forward, settings.forward);
    const isSameSiem = before?.parts && isDeepStrictEqual(wayTo(before.settings), wayTo(settings));
    return {
      loaded,
      before,
      forward: isSameWay ? before.forward : this.#forwardOf(settings),
      parts: isSameSiem ? before.parts : make?.(settings, this.#options.logger, this.#options.tracing),
    };
  }

  /** A connection to Fluent Bit, which opens when it is needed. */
  #forwardOf({ name, forward }: DestinationSettings): ForwardClient {
    const { logger } = this.#options;
    const { address, sharedKey, username, password, ackTimeout, storage } = forward;
    return new ForwardClient({
      address,
      credentials: sharedKey === undefined ? undefined : { sharedKey, username, password },
      ackTimeout,
      room: storage && new StorageRoom(storage),
      onChange: (state, reason) => {
        const fields = { destination: name, forward: formatAddress(address) };
        if (state === 'connected') logger.info(fields, 'connected to Fluent Bit');
        else logger.warn({ ...fields, reason }, 'connection to Fluent Bit lost');
      },
    });
  }
}

function exchange({ loaded, before, forward, parts }: Prepared): Destination {
  if (!before) return new Destination(loaded, forward, parts);
  before.apply(loaded, forward, parts);
  return before;
}

/** All that a connection to the SIEM is made with. */
function wayTo({ deliver }: DestinationSettings): unknown {
  if (!deliver) return undefined;
  const { to, headers, oauth2, connections, compress, timeout, tls } = deliver;
  return { to, headers, oauth2, connections, compress, timeout, tls };
}
