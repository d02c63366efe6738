import { load } from '../../plugin/cli/load.ts';
import { Destination } from '../../plugin/delivery/destination.ts';
import { Intake } from '../../plugin/delivery/intake.ts';
import { fromMilliseconds } from '../../plugin/fluent/event-time.ts';
import type { ForwardClient } from '../../plugin/fluent/forward-client.ts';

/** What a request body became. */
export interface PathResult {
  readonly events: number;
  /** Forward messages for Fluent Bit, as they would go on the wire. */
  readonly messages: readonly Buffer[];
}

/** The way of one request body through the service, without HTTP and without Fluent Bit. */
export type ServicePath = (raw: Buffer, tag: string) => Promise<PathResult>;

/**
 * The service's own path as `/map` has it: decode, map, format, batch, encode. Acknowledgements come at once.
 * All that the bench knows of the service's inside is in this file.
 *
 * @param config path of a destinations.yaml with one destination
 * @throws Error with the findings when the configuration is wrong
 */
export async function loadServicePath(config: string): Promise<ServicePath> {
  const { loaded, diagnostics } = await load(config);
  if (!loaded) throw new Error(diagnostics.all.map(({ message }) => message).join('\n'));
  let messages: Buffer[] = [];
  const forward = {
    send: async (message: Buffer): Promise<void> => {
      messages.push(message);
    },
  } as unknown as ForwardClient;
  const destination = new Destination(loaded.destinations[0]!, forward);
  const intake = new Intake();
  return async (raw, tag) => {
    messages = [];
    const { events } = await intake.take(destination, tag, raw, fromMilliseconds(Date.now()));
    return { events, messages };
  };
}
