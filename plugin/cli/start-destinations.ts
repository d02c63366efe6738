import type { pino } from 'pino';
import { Destination } from '../delivery/destination.ts';
import { ForwardClient } from '../fluent/forward-client.ts';
import { formatAddress } from '../mapping/units.ts';
import type { gateParts } from './gate-parts.ts';
import type { LoadedDestination } from './load.ts';

/**
 * Gives each destination its connection to Fluent Bit, which opens when it is needed.
 *
 * @param gates whether they deliver as well, those with `deliver`: one process does, or each would knock by itself
 * @returns them by name
 */
export async function startDestinations(
  loaded: readonly LoadedDestination[],
  logger: pino.Logger,
  { gates }: { readonly gates: boolean },
): Promise<Map<string, Destination>> {
  // What delivers is loaded where something does: it takes its time.
  const deliver = gates && loaded.some(({ settings }) => settings.deliver !== undefined);
  const parts = deliver ? (await import('./gate-parts.ts')).gateParts : undefined;
  return new Map(loaded.map((one) => [one.settings.name, start(one, logger, parts)]));
}

function start(
  { settings, map, direct, render }: LoadedDestination,
  logger: pino.Logger,
  parts: typeof gateParts | undefined,
): Destination {
  const { address, sharedKey, username, password, ackTimeout } = settings.forward;
  const forward = new ForwardClient({
    address,
    credentials: sharedKey === undefined ? undefined : { sharedKey, username, password },
    ackTimeout,
    onChange: (state, reason) => {
      const fields = { destination: settings.name, forward: formatAddress(address) };
      if (state === 'connected') logger.info(fields, 'connected to Fluent Bit');
      else logger.warn({ ...fields, reason }, 'connection to Fluent Bit lost');
    },
  });
  return new Destination(settings, map, render, forward, parts?.(settings, logger), direct);
}
