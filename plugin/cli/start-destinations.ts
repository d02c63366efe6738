import type { pino } from 'pino';
import { Destination } from '../delivery/destination.ts';
import { ForwardClient } from '../fluent/forward-client.ts';
import { formatAddress } from '../mapping/units.ts';
import { gateParts } from './gate-parts.ts';
import type { LoadedDestination } from './load.ts';

/**
 * Gives each destination its connection to Fluent Bit, which opens when it is needed.
 *
 * @param gates whether they deliver as well, those with `deliver`: one process does, or each would knock by itself
 * @returns them by name
 */
export function startDestinations(
  loaded: readonly LoadedDestination[],
  logger: pino.Logger,
  { gates }: { readonly gates: boolean },
): Map<string, Destination> {
  return new Map(loaded.map((one) => [one.settings.name, start(one, logger, gates)]));
}

function start(
  { settings, map, direct, render }: LoadedDestination,
  logger: pino.Logger,
  gates: boolean,
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
  const parts = gates ? gateParts(settings, logger) : undefined;
  return new Destination(settings, map, render, forward, parts, direct);
}
