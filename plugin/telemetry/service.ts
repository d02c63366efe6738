import type { Destination } from '../delivery/destination.ts';
import { certificateFamilies } from './certificate.ts';
import { type CountedConfiguration, configurationFamilies } from './configuration.ts';
import { destinationFamilies } from './destinations.ts';
import type { Family } from './family.ts';
import { type LostRequests, lostFamilies } from './lost-requests.ts';
import { processFamilies } from './process.ts';

export interface Measured {
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly lost: LostRequests;
  readonly configuration: CountedConfiguration | undefined;
  /** When the service's own certificate ends, epoch milliseconds; undefined without TLS. */
  readonly certificateEnd: number | undefined;
  /** Of the package. */
  readonly version: string;
}

/** All that the service measures, as it is now. */
export function serviceFamilies(measured: Measured): Family[] {
  const { destinations, lost, configuration, certificateEnd, version } = measured;
  return [
    ...destinationFamilies(destinations.values(), Date.now()),
    ...lostFamilies(lost),
    ...(configuration ? configurationFamilies(configuration) : []),
    ...(certificateEnd === undefined ? [] : certificateFamilies(certificateEnd)),
    ...processFamilies(version),
  ];
}
