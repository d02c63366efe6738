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

/** Its part of `/metrics`. */
export function configurationFamilies({ status, loads }: CountedConfiguration): string {
  const { loadedAt, digest, error } = status;
  const prefix = 'fluent_bit_siem_config';
  return [
    ...family(`${prefix}_loads_total`, 'counter', 'Configurations read, by whether they were taken over.', [
      [`result="success"`, loads.success],
      [`result="failure"`, loads.failure],
    ]),
    ...family(
      `${prefix}_load_time_seconds`,
      'gauge',
      'When the configuration in use was loaded, Unix time.',
      [['', Math.floor(Date.parse(loadedAt) / 1000)]],
    ),
    ...family(
      `${prefix}_last_load_successful`,
      'gauge',
      'Whether the last configuration read was taken over; 0: the one before is in use.',
      [['', error ? 0 : 1]],
    ),
    ...family(`${prefix}_info`, 'gauge', 'The configuration in use.', [[`digest="${digest}"`, 1]]),
  ].join('');
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string[] {
  return [
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
    ...samples.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}\n`),
  ];
}
