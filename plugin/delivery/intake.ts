import { randomBytes } from 'node:crypto';
import type { EventBuffer } from '../fluent/event-buffer.ts';
import type { EventTime } from '../fluent/event-time.ts';
import { largestMessage, packForwardMessage } from '../fluent/forward-message.ts';
import type { Batcher } from './batch.ts';
import type { Destination } from './destination.ts';
import { isLong, renderBody, renderInTurns } from './render-body.ts';
import { RenderedBody } from './rendered-body.ts';
import { type RepeatMemory, Repeats } from './repeats.ts';
import type { SeenRecords } from './seen-records.ts';

/** What `/map` answers when all went well. */
export interface Receipt {
  readonly records: number;
  readonly events: number;
  readonly deadLetters: number;
  /** Batches that the events went into. */
  readonly batches: number;
  /** The mapping function that failed last, if one did. */
  readonly failedFunction: string | undefined;
  /** To be called when the sender went away before it could be told: its repeat then sends nothing. */
  readonly unheard: () => void;
}

/** One message under way: the request's events it carries, from one index to another. */
interface Shipment {
  readonly tag: string;
  readonly message: readonly Buffer[];
  readonly bytes: number;
  readonly chunk: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Takes requests, and settles each only when Fluent Bit has acknowledged every event of it. If one
 * fails, the sender is to repeat the request; what was acknowledged until then is remembered.
 */
export class Intake {
  readonly #repeats: RepeatMemory;
  readonly #seen: SeenRecords | undefined;
  readonly #rendered = new RenderedBody();
  readonly #start = randomBytes(5).toString('hex');
  #chunks = 0;
  /** Settles when no long body is being rendered. */
  #long: Promise<void> = Promise.resolve();

  /**
   * @param repeats one for all processes that may get the repeat of a request
   * @param seen keeps the last records
   */
  constructor(repeats: RepeatMemory = new Repeats(), seen?: SeenRecords) {
    this.#repeats = repeats;
    this.#seen = seen;
  }

  /**
   * @param tag Fluent Bit's tag of the records, or ''
   * @param raw the unpacked body, by which a repeat is known
   * @param now the time for records that carry none
   * @param asEvents the records are events in the destination's shape already, and sent as they are
   * @throws BodyError when no retry of the same bytes will help
   * @throws ForwardError when not everything was acknowledged; the request is to be repeated
   */
  async take(
    destination: Destination,
    tag: string,
    raw: Buffer,
    now: EventTime,
    asEvents = false,
  ): Promise<Receipt> {
    // A request is mapped by one configuration, though another may come while it waits.
    const { compiled, measures } = destination;
    const { counters, durations } = measures;
    let key: string | undefined;
    const keyOf = (): string => {
      key ??= this.#repeats.key(`${destination.name}\n${compiled.digest}`, tag, raw);
      return key;
    };
    const before = this.#repeats.isEmpty ? undefined : await this.#repeats.take(keyOf());
    const own = isLong(raw) ? await this.#inTurns(compiled, raw, now, tag, asEvents, this.#seen) : undefined;
    // From here to the shipments nothing may wait: the rendered events are in a memory that all requests share.
    const rendered = own ?? renderBody(compiled, raw, now, tag, asEvents, this.#rendered, this.#seen);
    const { events, deadLetters, tally, records } = rendered;
    const unmapped = [...rendered.unmapped];
    const { forward } = destination;
    const counts = { events: events.count, deadLetters: deadLetters.count };
    const acked: Shipment[] = [];
    const remember = (): void => {
      const indexes = acked.flatMap(({ start, end }) => range(start, end));
      this.#repeats.remember(keyOf(), new Set([...(before ?? []), ...indexes]));
    };

    // They stay where they are, and the next request is written elsewhere.
    const giveBack = [events.lend(), deadLetters.lend()];
    const batcher = destination.batchesOf(tag);
    const begun = batcher.begun;
    const batched = this.#shipments(batcher, events, 0, before);
    const shipments = [
      ...batched,
      ...this.#shipments(destination.deadLetters, deadLetters, events.count, before),
    ];
    counters.addAll({ receivedBytes: raw.length, batches: batcher.begun - begun });
    const results = await Promise.allSettled(
      shipments.map(async (shipment) => {
        counters.addAll({ messages: 1, forwardedBytes: shipment.bytes });
        const began = performance.now();
        await forward.send(shipment.message, shipment.chunk);
        durations.ack.record('', performance.now() - began);
        measures.lastAck = Date.now();
        counters.addAll({ messagesAcked: 1, eventsAcked: shipment.end - shipment.start });
        acked.push(shipment);
      }),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) {
      // Their memory is not used again: who knows what is still written to a connection.
      remember();
      throw failure.reason;
    }
    for (const give of giveBack) give();
    // Only now: a request that is repeated must not count its records twice.
    const { failedFunction, ...kinds } = tally;
    for (const [kind, amount] of unmapped) measures.mapped.addUnmapped(kind, amount);
    counters.addAll({ ...kinds, records, events: counts.events, eventsRepeated: before?.size ?? 0 });
    const batches = new Set(batched.map((shipment) => shipment.tag)).size;
    return { records, ...counts, batches, failedFunction, unheard: remember };
  }

  /** Renders a long body in memory of its own, giving way to others; one such body at a time. */
  #inTurns(...body: Parameters<typeof renderInTurns>): Promise<RenderedBody> {
    const rendered = this.#long.then(() => renderInTurns(...body));
    // Without the events: they are not to be held for the next one.
    const done = (): void => {};
    this.#long = rendered.then(done, done);
    return rendered;
  }

  /**
   * @param first the index that the first of the events has among all of the request
   * @param acked indexes that are not to be sent again
   */
  #shipments(
    batcher: Batcher,
    events: EventBuffer,
    first: number,
    acked: ReadonlySet<number> | undefined,
  ): Shipment[] {
    const isOpen = (index: number): boolean => !acked?.has(first + index);
    return runsOf(events.count, acked ? isOpen : undefined)
      .flatMap(({ start, end }) => batcher.allocate(events.sizes, start, end))
      .flatMap(({ tag, start, end }) =>
        within(largestMessage, events, start, end).map((run) => ({ tag, ...run })),
      )
      .map(({ tag, start, end }) => {
        const chunk = `${this.#start}-${this.#chunks++}`;
        const message = packForwardMessage(tag, [events.slice(start, end)], chunk, end - start);
        const bytes = message.reduce((sum, { length }) => sum + length, 0);
        return { tag, message, bytes, chunk, start: first + start, end: first + end };
      });
  }
}

/** Neighbours, from one index to another. */
interface Run {
  readonly start: number;
  readonly end: number;
}

/** The runs of what is open; of everything, where nothing is closed. */
function runsOf(count: number, isOpen: ((index: number) => boolean) | undefined): Run[] {
  if (!isOpen) return count === 0 ? [] : [{ start: 0, end: count }];
  const runs: Run[] = [];
  for (let start = 0; start < count; start++) {
    if (!isOpen(start)) continue;
    let end = start + 1;
    while (end < count && isOpen(end)) end++;
    runs.push({ start, end });
    start = end;
  }
  return runs;
}

/** Cuts a run into such of at most so many bytes; what is larger alone stands alone. */
function within(limit: number, events: EventBuffer, start: number, end: number): Run[] {
  if (events.lengthOf(start, end) <= limit) return [{ start, end }];
  const runs: Run[] = [];
  for (let from = start, to = start + 1; from < end; from = to, to++) {
    while (to < end && events.lengthOf(from, to + 1) <= limit) to++;
    runs.push({ start: from, end: to });
  }
  return runs;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}
