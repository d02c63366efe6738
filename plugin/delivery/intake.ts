import { randomBytes } from 'node:crypto';
import type { DecodedBody } from '../fluent/entry.ts';
import { largestMessage, packForwardMessage } from '../fluent/forward-message.ts';
import type { Batcher } from './batch.ts';
import type { Destination } from './destination.ts';
import { type PackedRecord, renderBody } from './render-body.ts';
import { Repeats } from './repeats.ts';

/** What `/map` answers when all went well. */
export interface Receipt {
  readonly records: number;
  readonly events: number;
  readonly deadLetters: number;
  /** The mapping function that failed last, if one did. */
  readonly failedFunction: string | undefined;
  /** To be called when the sender went away before it could be told: its repeat then sends nothing. */
  readonly unheard: () => void;
}

/** One message under way: the request's events it carries, by index. */
interface Shipment {
  readonly message: Buffer;
  readonly chunk: string;
  readonly indexes: readonly number[];
}

/**
 * Takes decoded requests, and settles each only when Fluent Bit has acknowledged every event of it. If one
 * fails, the sender is to repeat the request; what was acknowledged until then is remembered.
 */
export class Intake {
  readonly #repeats = new Repeats();
  readonly #start = randomBytes(5).toString('hex');
  #chunks = 0;

  /**
   * @param tag Fluent Bit's tag of the records, or ''
   * @param raw the unpacked body, by which a repeat is known
   * @param asEvents the records are events in the destination's shape already, and sent as they are
   * @throws ForwardError when not everything was acknowledged; the request is to be repeated
   */
  async take(
    destination: Destination,
    tag: string,
    raw: Buffer,
    body: DecodedBody,
    asEvents = false,
  ): Promise<Receipt> {
    const { counters, forward } = destination;
    const { events, deadLetters, tally } = renderBody(destination, body, tag, asEvents);
    const packed = [...events, ...deadLetters];
    const key = this.#repeats.key(destination.name, tag, raw);
    const acked = new Set(this.#repeats.take(key));
    const repeated = acked.size;

    const shipments = [
      ...this.#shipments(destination.batchesOf(tag), packed, range(0, events.length), acked),
      ...this.#shipments(destination.deadLetters, packed, range(events.length, packed.length), acked),
    ];
    const results = await Promise.allSettled(
      shipments.map(async ({ message, chunk, indexes }) => {
        counters.add('messages');
        await forward.send(message, chunk);
        counters.add('eventsAcked', indexes.length);
        for (const index of indexes) acked.add(index);
      }),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) {
      this.#repeats.remember(key, acked);
      throw failure.reason;
    }
    // Only now: a request that is repeated must not count its records twice.
    const records = body.entries.length + body.bad.length;
    const { failedFunction, ...counts } = tally;
    counters.addAll({ ...counts, records, events: events.length, eventsRepeated: repeated });
    return {
      records,
      events: events.length,
      deadLetters: deadLetters.length,
      failedFunction,
      unheard: () => this.#repeats.remember(key, acked),
    };
  }

  #shipments(
    batcher: Batcher,
    packed: readonly PackedRecord[],
    candidates: number[],
    acked: ReadonlySet<number>,
  ): Shipment[] {
    const open = candidates.filter((index) => !acked.has(index));
    const sizeOf = (index: number): number => packed[index]!.packed.length;
    return batcher.allocate(open.map((index) => packed[index]!.size)).flatMap((portion) => {
      const indexes = portion.indexes.map((position) => open[position]!);
      return groupsWithin(largestMessage, indexes, sizeOf).map((group) => {
        const chunk = `${this.#start}-${this.#chunks++}`;
        const events = group.map((index) => packed[index]!.packed);
        return { message: packForwardMessage(portion.tag, events, chunk), chunk, indexes: group };
      });
    });
  }
}

/** Cuts a list into runs of at most so many bytes; what is larger alone stands alone. */
function groupsWithin(
  limit: number,
  indexes: readonly number[],
  sizeOf: (index: number) => number,
): number[][] {
  const groups: number[][] = [];
  let bytes = 0;
  for (const index of indexes) {
    const group = groups.at(-1);
    if (group && bytes + sizeOf(index) <= limit) group.push(index);
    else {
      groups.push([index]);
      bytes = 0;
    }
    bytes += sizeOf(index);
  }
  return groups;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}
