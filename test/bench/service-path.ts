import { load } from '../../plugin/cli/load.ts';
import { Destination } from '../../plugin/delivery/destination.ts';
import { Intake } from '../../plugin/delivery/intake.ts';
import { fromMilliseconds } from '../../plugin/fluent/event-time.ts';
import type { ForwardClient } from '../../plugin/fluent/forward-client.ts';

/** The way of one request body through the service, without HTTP and without Fluent Bit; to the number of its events. */
export type ServicePath = (raw: Buffer, tag: string) => Promise<number>;

/**
 * The service's own path as `/map` has it: decode, map, format, batch, encode. Acknowledgements come at once.
 * All that the bench knows of the service's inside is in this file.
 *
 * @param config path of a destinations.yaml with one destination
 * @param see gets each forward message for Fluent Bit, in pieces as they would go on the wire; their memory is used again
 * @throws Error with the findings when the configuration is wrong
 */
export async function loadServicePath(
  config: string,
  see: (message: readonly Buffer[]) => void = () => {},
): Promise<ServicePath> {
  const { loaded, diagnostics } = await load(config);
  if (!loaded) throw new Error(diagnostics.all.map(({ message }) => message).join('\n'));
  const forward = {
    send: async (message: readonly Buffer[]): Promise<void> => see(message),
  } as unknown as ForwardClient;
  const destination = new Destination(loaded.destinations[0]!, forward);
  const intake = new Intake();
  return async (raw, tag) => {
    const { events } = await intake.take(destination, tag, raw, fromMilliseconds(Date.now()));
    return events;
  };
}
