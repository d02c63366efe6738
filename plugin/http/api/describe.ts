import { type CounterName, counterHelp, deadLetterReasons } from '../../delivery/counters.ts';
import type { Destination } from '../../delivery/destination.ts';
import type { Pauses } from '../../delivery/pauses.ts';
import { adviceFor } from './advice.ts';
import type { DestinationState, Problem } from './types.ts';

/**
 * How it stands with a destination.
 *
 * @param problem why its Fluent Bit can't be reached, if it can't
 */
export function describe(
  destination: Destination,
  pauses: Pauses,
  problem: string | undefined,
): DestinationState {
  const { name, settings, gate, counters, forward, measures, state } = destination;
  const { oldest } = measures.backlog;
  const pause = pauses.get(name);
  const failure = gate?.circuit.failure;
  const last = gate?.circuit.lastFailure;
  return {
    name,
    format: settings.format,
    // Of its address no more: a path or a query may be the secret.
    to: settings.deliver && new URL(settings.deliver.to).host,
    state,
    ...(pause && gate && { paused: pause }),
    ...(failure && {
      failure: {
        ...problemOf(failure.reason),
        since: iso(failure.since),
        attempts: failure.attempts,
        nextAttempt: iso(failure.nextAttempt),
      },
    }),
    ...(last && { lastError: { ...problemOf(last.reason), time: iso(last.time) } }),
    ...(gate?.lastSuccess !== undefined && { lastSuccess: iso(gate.lastSuccess) }),
    ...(gate && oldest !== undefined && { oldestWaiting: iso(oldest) }),
    fluentBit: { address: forward.address, ...(problem !== undefined && { problem }) },
    counters: Object.fromEntries(names.map((one) => [one, counters.get(one)])),
    deadLetters: Object.fromEntries(
      Object.entries(deadLetterReasons).map(([one, reason]) => [reason, counters.get(one as CounterName)]),
    ),
  };
}

const names = Object.keys(counterHelp) as CounterName[];

function problemOf(reason: string): Problem {
  return { reason, advice: adviceFor(reason) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
