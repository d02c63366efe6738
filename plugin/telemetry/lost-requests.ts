import { inSnakeCase } from './destinations.ts';
import type { Family } from './family.ts';

/** Requests that no destination can count. */
export interface LostRequests {
  /** For a destination that does not exist. */
  unknownDestination: number;
  /** Without the credentials that they need. */
  unauthorized: number;
}

export const noneLost = (): LostRequests => ({ unknownDestination: 0, unauthorized: 0 });

const help: Readonly<Record<keyof LostRequests, string>> = {
  unknownDestination: 'Requests to /map for a destination that does not exist.',
  unauthorized: 'Requests without the credentials that they need (service.auth).',
};

/** What is measured of them. */
export function lostFamilies(lost: LostRequests): Family[] {
  return (Object.keys(help) as (keyof LostRequests)[]).map((name) => ({
    name: `fluent_bit_siem.requests_${inSnakeCase(name)}`,
    type: 'counter',
    unit: '{request}',
    help: help[name],
    points: [{ labels: {}, value: lost[name] }],
  }));
}
