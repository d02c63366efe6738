import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Destination } from '../delivery/destination.ts';
import { Pauses } from '../delivery/pauses.ts';
import { ForwardClient } from '../fluent/forward-client.ts';
import { buildServer } from '../http/server.ts';
import { formatAddress } from '../mapping/units.ts';
import { gateParts } from './gate-parts.ts';
import { type LoadedDestination, load } from './load.ts';
import { describeFindings, plural } from './report.ts';
import { type Command, defaultConfig, exit, UsageError } from './usage.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'load, check and compile the mappings, then listen',
  help: `Usage: fluent-bit-siem serve [--config FILE] [--log-level LEVEL]

Loads, checks and compiles the mappings, then listens for Fluent Bit. Refuses to start on errors.
Stops on SIGTERM and SIGINT, after the requests under way are answered.

  --config FILE       destinations.yaml (default: ${defaultConfig})
  --log-level LEVEL   trace, debug, info, warn, error, fatal or silent (default: info)

  FLUENT_BIT_SIEM_LISTEN    host:port or unix:/path to listen on, instead of service.listen
  FLUENT_BIT_SIEM_FORWARD   Fluent Bit's forward input, instead of service.forward
  FLUENT_BIT_SIEM_STATE     file that keeps which destinations are paused, instead of service.state`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string', default: defaultConfig },
        'log-level': { type: 'string', default: 'info' },
      },
    });
    const level = values['log-level'];
    if (!Object.hasOwn(pino.levels.values, level) && level !== 'silent') {
      throw new UsageError(`--log-level has no '${level}'`);
    }
    const result = await load(values.config);
    if (result.diagnostics.all.length > 0) process.stderr.write(`${describeFindings(result)}\n`);
    if (!result.loaded) return exit.findings;
    const { settings, destinations } = result.loaded;

    const logger = pino({ level });
    const running = destinations.map((loaded) => start(loaded, logger));
    const pauses = await Pauses.open(settings.stateFile, (reason) =>
      logger.error(
        { file: settings.stateFile, reason },
        'the state file is unreadable and set aside: nothing is paused',
      ),
    );
    const server = buildServer({
      pauses,
      destinations: new Map(running.map((destination) => [destination.name, destination])),
      bodyLimit: settings.bodyLimit,
      logger,
    });
    for (const { settings: one, sets } of destinations) {
      const mappings = sets.reduce((sum, set) => sum + set.mappings.length, 0);
      const { name, format, forward } = one;
      logger.info(
        { destination: name, format, mappings, forward: formatAddress(forward.address) },
        'destination loaded',
      );
    }
    await server.listen(settings.listen);
    logger.info(`ready for ${plural(running.length, 'destination')}`);
    await untilStopped();
    logger.info('stopping');
    await server.close();
    await Promise.all(running.map((destination) => destination.close()));
    return exit.fine;
  },
};

function start({ settings, map, direct, render }: LoadedDestination, logger: pino.Logger): Destination {
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
  return new Destination(settings, map, render, forward, gateParts(settings, logger), direct);
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
