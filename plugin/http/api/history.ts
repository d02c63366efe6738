import type { Destination } from '../../delivery/destination.ts';
import { sumOf } from '../../telemetry/family.ts';
import { Ring } from './ring.ts';
import type { Columns, History as Drawn } from './types.ts';

/** Milliseconds between two points, and points of an hour. */
export const step = 5000;
const most = 720;

const columns = ['records', 'delivered', 'waiting', 'latency'] as const;

interface Line {
  readonly rings: Readonly<Record<(typeof columns)[number], Ring>>;
  /** At the last point. */
  before: Totals;
  /** The least that `waiting` came to: below zero for what waited already when the service started. */
  least: number;
}

interface Totals {
  readonly records: number;
  readonly delivered: number;
  readonly requests: number;
  /** Milliseconds. */
  readonly time: number;
}

/** The last hour of each destination, for the plots. Its memory is the same whatever happens. */
export class History {
  readonly #lines = new Map<string, Line>();
  #end = 0;

  /** Takes a point of each. @param now epoch milliseconds */
  sample(destinations: Iterable<Destination>, now: number): void {
    this.#end = now;
    const names = new Set<string>();
    for (const destination of destinations) {
      names.add(destination.name);
      this.#sample(destination);
    }
    for (const name of this.#lines.keys()) if (!names.has(name)) this.#lines.delete(name);
  }

  /** @param points of the newest ones */
  drawn(points = most): Drawn {
    const destinations = [...this.#lines].map(([name, { rings }]): [string, Columns] => [
      name,
      {
        records: rings.records.values(points),
        delivered: rings.delivered.values(points),
        waiting: rings.waiting.values(points),
        latency: rings.latency.values(points),
      },
    ]);
    return { step, end: this.#end, destinations: Object.fromEntries(destinations) };
  }

  #sample(destination: Destination): void {
    const { counters, gate } = destination;
    const totals = totalsOf(destination);
    let line = this.#lines.get(destination.name);
    if (!line) {
      const rings = { records: ring(), delivered: ring(), waiting: ring(), latency: ring() };
      line = { rings, before: totals, least: 0 };
      this.#lines.set(destination.name, line);
    }
    const { rings, before } = line;
    const left =
      counters.get('eventsAcked') -
      counters.get('deadLetters') -
      counters.get('delivered') -
      counters.get('undeliverable');
    line.least = Math.min(line.least, left);
    const requests = totals.requests - before.requests;
    rings.records.add(totals.records - before.records);
    rings.delivered.add(gate ? totals.delivered - before.delivered : null);
    rings.waiting.add(gate ? left - line.least : null);
    rings.latency.add(requests > 0 ? (totals.time - before.time) / requests : null);
    line.before = totals;
  }
}

const ring = (): Ring => new Ring(most);

function totalsOf({ counters, measures }: Destination): Totals {
  let [requests, time] = [0, 0];
  for (const { counts, sum } of measures.durations.siem.byOutcome.values()) {
    requests += sumOf(counts);
    time += sum * 1000;
  }
  return { records: counters.get('records'), delivered: counters.get('delivered'), requests, time };
}
