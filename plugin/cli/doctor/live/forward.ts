import { randomUUID } from 'node:crypto';
import { ForwardClient, ForwardError } from '../../../fluent/forward-client.ts';
import { packMessage } from '../../../fluent/forward-message.ts';
import type { ForwardSettings } from '../../../mapping/forward-settings.ts';
import type { Settings } from '../../../mapping/settings.ts';
import { formatAddress } from '../../../mapping/units.ts';
import { type Check, Checks, patience } from './check.ts';

/** How long a Fluent Bit that asks for a shared key may take to say so. */
const greeting = 300;

/**
 * Each Fluent Bit that delivers: whether it takes a connection, and the handshake where there is one.
 *
 * @param sends whether it gets a message without records, too, which it is to acknowledge
 */
export async function checkForwards({ destinations }: Settings, sends: boolean): Promise<Check[]> {
  const byAddress = new Map<string, { forward: ForwardSettings; names: string[] }>();
  for (const { name, forward } of destinations) {
    const address = formatAddress(forward.address);
    const known = byAddress.get(address);
    if (known) known.names.push(name);
    else byAddress.set(address, { forward, names: [name] });
  }
  const results = await Promise.all(
    [...byAddress].map(([address, { forward, names }]) => checkForward(address, forward, names, sends)),
  );
  return results.flat();
}

async function checkForward(
  address: string,
  { address: to, sharedKey, username, password }: ForwardSettings,
  names: readonly string[],
  sends: boolean,
): Promise<Check[]> {
  const checks = new Checks('forward');
  let lost: string | undefined;
  const client = new ForwardClient({
    address: to,
    credentials: sharedKey === undefined ? undefined : { sharedKey, username, password },
    ackTimeout: patience,
    onChange: (state, reason) => {
      if (state === 'lost') lost = reason;
    },
  });
  const what = `${address} (${names.join(', ')})`;
  try {
    await client.connect();
    // Without a handshake a connection is all there is, unless the other side asks for one.
    if (sharedKey === undefined) await new Promise((resolve) => setTimeout(resolve, greeting));
    if (lost !== undefined) throw new ForwardError(`Fluent Bit at ${address} hangs up: ${lost}`);
    if (sends) {
      const chunk = randomUUID();
      // Forward mode with no entry: nothing to store, and all the same a chunk to acknowledge.
      await client.send([packMessage(['siem.dead.doctor', [], { chunk }])], chunk);
      checks.add('ok', `${what} answers and acknowledges`);
    } else checks.add('ok', `${what} takes connections`);
  } catch (error) {
    if (!(error instanceof ForwardError)) throw error;
    checks.add(
      'error',
      error.message,
      `start the Fluent Bit that delivers ${names.join(', ')}, or correct 'forward'`,
    );
  } finally {
    client.close();
  }
  return checks.all;
}
