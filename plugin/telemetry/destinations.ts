import { type CounterName, counterHelp, deadLetterReasons } from '../delivery/counters.ts';
import { type Destination, destinationStates } from '../delivery/destination.ts';
import type { Distribution, Durations } from '../delivery/histogram.ts';
import type { Timed } from '../delivery/measures.ts';
import type { Family, Labels, Point } from './family.ts';

/** What is measured of every destination. @param now epoch milliseconds */
export function destinationFamilies(all: Iterable<Destination>, now: number): Family[] {
  const destinations = [...all];
  const counters = (Object.keys(counterHelp) as (keyof typeof counterHelp)[]).map(
    (name): Family => ({
      name: `fluent_bit_siem.${inSnakeCase(name)}`,
      type: 'counter',
      unit: name.endsWith('Bytes') ? 'By' : '1',
      help: counterHelp[name],
      points: destinations.map((one) => of(one, one.counters.get(name))),
    }),
  );
  return [...counters, deadLettered(destinations), ...states(destinations, now), ...durations(destinations)];
}

function deadLettered(destinations: readonly Destination[]): Family {
  const reasons = Object.entries(deadLetterReasons) as [CounterName, string][];
  return {
    name: 'fluent_bit_siem.dead_lettered',
    type: 'counter',
    unit: '{record}',
    help: 'Records and events that became dead letters, by why.',
    points: destinations.flatMap((one) =>
      reasons.map(([name, reason]) => of(one, one.counters.get(name), { reason })),
    ),
  };
}

function states(destinations: readonly Destination[], now: number): Family[] {
  const gated = destinations.filter(({ gate }) => gate !== undefined);
  const gauge = (name: string, unit: string, help: string, points: Family['points']): Family =>
    ({ name: `fluent_bit_siem.${name}`, type: 'gauge', unit, help, points }) as Family;
  return [
    gauge(
      'destination.state',
      '',
      'How it stands with a destination: 1 for the state it is in.',
      destinations.flatMap((one) =>
        destinationStates.map((state) => of(one, one.state === state ? 1 : 0, { state })),
      ),
    ),
    gauge(
      'destination.failing',
      's',
      'For how long the SIEM has failed; 0 while it does not.',
      gated.map((one) => of(one, since(one.gate!.circuit.failure?.since, now))),
    ),
    gauge(
      'waiting',
      '{batch}',
      'Batches known to wait for the SIEM: they knocked at the gate.',
      gated.map((one) => of(one, one.measures.backlog.count)),
    ),
    gauge(
      'oldest_waiting_age',
      's',
      'For how long the oldest record that waits has been here; 0 when none does.',
      gated.map((one) => of(one, since(one.measures.backlog.oldest, now))),
    ),
    gauge(
      'last_success_timestamp',
      's',
      'When the SIEM last took something from the gate, Unix time; none before the first.',
      gated.flatMap((one) => moment(one, one.gate!.lastSuccess)),
    ),
    gauge(
      'last_ack_timestamp',
      's',
      'When Fluent Bit last acknowledged something, Unix time; none before the first.',
      destinations.flatMap((one) => moment(one, one.measures.lastAck)),
    ),
  ];
}

/** Names and labels as the semantic conventions have them, where they do. */
function durations(destinations: readonly Destination[]): Family[] {
  const server = (kind: Timed) =>
    pointsOf(destinations, kind, (status) => ({
      'http.request.method': 'POST',
      'http.route': `/${kind}/:destination`,
      'http.response.status_code': status,
    }));
  return [
    {
      name: 'http.server.request.duration',
      type: 'histogram',
      unit: 's',
      help: 'Duration of requests to /map and /deliver; batches that a shut gate turns away are not among them.',
      points: [...server('map'), ...server('deliver')],
    },
    {
      name: 'http.client.request.duration',
      type: 'histogram',
      unit: 's',
      help: 'Duration of requests of the gate to the SIEM.',
      points: pointsOf(destinations, 'siem', (outcome) => ({
        'http.request.method': 'POST',
        ...(/^\d{3}$/.test(outcome)
          ? { 'http.response.status_code': outcome }
          : { 'http.response.status_code': '', 'error.type': outcome }),
      })),
    },
    {
      name: 'fluent_bit_siem.ack.duration',
      type: 'histogram',
      unit: 's',
      help: "Time from a forward message to Fluent Bit's acknowledgement.",
      points: pointsOf(destinations, 'ack', () => ({})),
    },
  ];
}

function pointsOf(
  destinations: readonly Destination[],
  kind: Timed,
  labelsOf: (outcome: string) => Labels,
): Point<Distribution>[] {
  return destinations.flatMap((one) => {
    const measured: Durations = one.measures.durations[kind];
    return [...measured.byOutcome].map(([outcome, value]) => of(one, value, labelsOf(outcome)));
  });
}

function of<T>({ name: destination }: Destination, value: T, labels: Labels = {}): Point<T> {
  return { labels: { destination, ...labels }, value };
}

function moment(one: Destination, milliseconds: number | undefined): Point<number>[] {
  return milliseconds === undefined ? [] : [of(one, milliseconds / 1000)];
}

/** Seconds from one moment to another; 0 where there is none. */
function since(milliseconds: number | undefined, now: number): number {
  return milliseconds === undefined ? 0 : Math.max(0, (now - milliseconds) / 1000);
}

/** As the names of metrics are written. */
export function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
