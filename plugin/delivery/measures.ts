import { Backlog } from './backlog.ts';
import { Counters, type Counts } from './counters.ts';
import { type Distribution, Durations } from './histogram.ts';
import { MappedCounts } from './mapped-counts.ts';

/** What takes its time: requests to the service, acknowledgements of Fluent Bit's, and requests to the SIEM. */
const timed = ['map', 'deliver', 'ack', 'siem'] as const;

export type Timed = (typeof timed)[number];

/** What one process measured since it last said so. */
export interface Drained {
  readonly counts: Counts;
  readonly durations: Readonly<Partial<Record<Timed, Readonly<Record<string, Distribution>>>>>;
  /** Tags of batches that were turned away. */
  readonly knocked: readonly string[];
  readonly lastAck: number | undefined;
  /** What the mappings matched. */
  readonly mapped: ReturnType<MappedCounts['drain']>;
}

/** All that is measured of one destination. */
export class Measures {
  readonly counters = new Counters();
  readonly durations: Readonly<Record<Timed, Durations>> = {
    map: new Durations(),
    deliver: new Durations(),
    ack: new Durations(),
    siem: new Durations(),
  };
  readonly backlog: Backlog;
  readonly mapped = new MappedCounts();
  /** Epoch milliseconds of Fluent Bit's last acknowledgement. */
  lastAck: number | undefined;

  /** @param now the clock, epoch milliseconds */
  constructor(now?: () => number) {
    this.backlog = new Backlog(now);
  }

  /** What was measured since the last time, to be added up in another process; undefined for nothing. */
  drain(): Drained | undefined {
    const counts = this.counters.drain();
    const knocked = this.backlog.drain();
    const durations = Object.fromEntries(timed.map((kind) => [kind, this.durations[kind].drain()]));
    const { lastAck } = this;
    const mapped = this.mapped.drain();
    const isNothing = !counts && !mapped && knocked.length === 0 && Object.values(durations).every(isEmpty);
    return isNothing ? undefined : { counts: counts ?? {}, durations, knocked, lastAck, mapped };
  }

  /** Adds what another process has measured. */
  add({ counts, durations, knocked, lastAck, mapped }: Drained): void {
    if (mapped) this.mapped.add(mapped);
    this.counters.addAll(counts);
    for (const kind of timed) this.durations[kind].add(durations[kind] ?? {});
    for (const tag of knocked) this.backlog.knocked(tag);
    if (lastAck !== undefined) this.lastAck = Math.max(lastAck, this.lastAck ?? 0);
  }
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
