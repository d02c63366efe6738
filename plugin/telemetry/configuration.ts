import type { Family } from './family.ts';

/** How it stands with the configuration. */
export interface ConfigurationStatus {
  /** When the one in use was loaded, ISO 8601. */
  readonly loadedAt: string;
  /** SHA-256 (hex) of the names and contents of its files; secrets are not in it. */
  readonly digest: string;
  /** Why the last one was not taken over, if it was not; the one before is in use. */
  readonly error?: { readonly since: string; readonly findings: readonly string[] };
}

/** The same, with what `/metrics` counts. */
export interface CountedConfiguration {
  readonly status: ConfigurationStatus;
  readonly loads: { readonly success: number; readonly failure: number };
}

/** What is measured of it. */
export function configurationFamilies({ status, loads }: CountedConfiguration): Family[] {
  const { loadedAt, digest, error } = status;
  const prefix = 'fluent_bit_siem.config';
  return [
    {
      name: `${prefix}.loads`,
      type: 'counter',
      unit: '{load}',
      help: 'Configurations read, by whether they were taken over.',
      points: [
        { labels: { result: 'success' }, value: loads.success },
        { labels: { result: 'failure' }, value: loads.failure },
      ],
    },
    {
      name: `${prefix}.load_time`,
      type: 'gauge',
      unit: 's',
      help: 'When the configuration in use was loaded, Unix time.',
      points: [{ labels: {}, value: Math.floor(Date.parse(loadedAt) / 1000) }],
    },
    {
      name: `${prefix}.last_load_successful`,
      type: 'gauge',
      unit: '',
      help: 'Whether the last configuration read was taken over; 0: the one before is in use.',
      points: [{ labels: {}, value: error ? 0 : 1 }],
    },
    {
      name: `${prefix}.info`,
      type: 'gauge',
      unit: '',
      help: 'The configuration in use.',
      points: [{ labels: { digest }, value: 1 }],
    },
  ];
}
