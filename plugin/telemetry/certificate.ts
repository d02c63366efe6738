import type { Family } from './family.ts';

/** What is measured of the service's own certificate. @param end when it ends, epoch milliseconds */
export function certificateFamilies(end: number): Family[] {
  return [
    {
      name: 'fluent_bit_siem.tls_certificate.expiry',
      type: 'gauge',
      unit: 's',
      help: 'When the certificate of `service.tls` that is shown ends, Unix time; without `service.tls` there is none.',
      points: [{ labels: {}, value: end / 1000 }],
    },
  ];
}
