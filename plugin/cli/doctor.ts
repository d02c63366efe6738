import { dirname, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import type { Diagnostics } from '../mapping/diagnostic.ts';
import { checkInstallation } from './doctor/check.ts';
import type { Configuration } from './doctor/configuration.ts';
import { Installation } from './doctor/installation.ts';
import { type Binary, checkBinary, checkDryRun, findBinary } from './doctor/live/binary.ts';
import type { Check } from './doctor/live/check.ts';
import { checkDisks } from './doctor/live/disk.ts';
import { checkForwards } from './doctor/live/forward.ts';
import { checkService } from './doctor/live/service.ts';
import { checkSiem } from './doctor/live/siem.ts';
import { checkStanzas } from './doctor/live/stanza.ts';
import { readConfiguration } from './doctor/reader.ts';
import { load } from './load.ts';
import { describeFindings, plural } from './report.ts';
import { command, configOption, exit, UsageError } from './usage.ts';

export const doctor = command(
  {
    name: 'doctor',
    summary: 'check an installation: configuration, ports, acknowledgements, SIEMs',
    description: `Checks destinations.yaml, the configuration of each Fluent Bit beside it, and what is running: the service, the
Fluent Bits that deliver, the SIEMs behind the gate, folders, clocks and certificates. Every finding says what to do;
docs/doctor.md says why. Nothing is changed, and without --send nothing is sent to a SIEM but a question.`,
    options: {
      config: configOption,
      'fluent-bit': {
        type: 'string',
        value: 'FILE',
        multiple: true,
        about:
          'a configuration of Fluent Bit, classic or YAML; again for each process (default: fluent-bit*.conf beside the folder of destinations.yaml)',
      },
      binary: {
        type: 'string',
        value: 'FILE',
        about: 'the Fluent Bit they are for (default: FLUENT_BIT, or the one on PATH)',
      },
      offline: { type: 'boolean', about: 'look at files only' },
      send: {
        type: 'boolean',
        about:
          'send a test event to each SIEM behind the gate, and have each Fluent Bit acknowledge an empty message',
      },
      format: {
        type: 'string',
        choices: ['text', 'json'],
        default: 'text',
        about: 'json: one object with "errors", "warnings", "files", "findings" and "checks"',
      },
    },
    environment: {
      FLUENT_BIT: 'the Fluent Bit, where --binary does not name it',
      'NAME of ${NAME}':
        "what the configurations take from the environment; of what only Fluent Bit's own has nothing is said",
    },
    exits: ['no errors', 'errors'],
    examples: [
      ['fluent-bit-siem doctor', 'the configurations beside mappings/, and what is running'],
      [
        'fluent-bit-siem doctor --fluent-bit /etc/fluent-bit/fluent-bit.conf --fluent-bit fluent-bit.conf',
        'the one that collects and the one that delivers',
      ],
      ['fluent-bit-siem doctor --offline --format json', 'files only, in a build'],
    ],
  },
  async (values) => {
    if (values.offline && values.send) throw new UsageError('--offline and --send exclude each other');
    const result = await load(values.config);
    const { diagnostics } = result;
    const named = values['fluent-bit'];
    const given = named.length > 0 ? named : configurationsBeside(values.config);
    const configurations = given.map((file) => readConfiguration(file, diagnostics));
    const { binary, checks: binaryChecks } = values.offline
      ? { checks: [] }
      : await checkBinary(findBinary(values.binary));
    let checks: Check[] = [...binaryChecks];
    if (given.length === 0) checks.push(noConfiguration);
    if (result.loaded) {
      const { settings } = result.loaded;
      const installation = new Installation(result.files[0]!, settings, configurations, binary?.version);
      checkInstallation(installation, diagnostics);
      if (!values.offline)
        checks = [...checks, ...(await look(installation, configurations, binary, values.send))];
    }
    const files = [...new Set([...result.files, ...configurations.flatMap((one) => one.files)])];
    return tell({ diagnostics, files, checks }, values.format);
  },
);

const noConfiguration: Check = {
  status: 'skipped',
  subject: 'configuration',
  message: 'there is no fluent-bit*.conf beside the folder of destinations.yaml',
  hint: 'name it with --fluent-bit',
};

function configurationsBeside(config: string): string[] {
  const cwd = dirname(dirname(resolve(config)));
  return globSync('fluent-bit*.conf', { cwd, absolute: true }).sort();
}

/** Everything that is running, all at once. */
async function look(
  installation: Installation,
  configurations: readonly Configuration[],
  binary: Binary | undefined,
  sends: boolean,
): Promise<Check[]> {
  const { settings, processes } = installation;
  const results = await Promise.all([
    ...configurations.map((one) => (binary ? checkDryRun(binary, one) : [])),
    checkService(settings, sends),
    checkForwards(settings, sends),
    ...settings.destinations.map((one) => checkSiem(one)),
    checkStanzas(processes),
    checkDisks(processes),
  ]);
  return results.flat();
}

interface Findings {
  readonly diagnostics: Diagnostics;
  readonly files: readonly string[];
  readonly checks: readonly Check[];
}

function tell({ diagnostics, files, checks }: Findings, format: 'text' | 'json'): number {
  const count = (severity: 'error' | 'warning'): number =>
    diagnostics.all.filter((one) => one.severity === severity).length +
    checks.filter((one) => one.status === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const text =
    format === 'json'
      ? JSON.stringify({ errors, warnings, files, findings: diagnostics.all, checks })
      : [...describeFindings({ diagnostics, files }).split('\n').slice(0, -1), ...describe(checks)].join(
          '\n',
        );
  const summary = `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(files.length, 'file')} and ${plural(checks.length, 'check')}`;
  process.stdout.write(
    format === 'json' ? `${text}\n` : `${[text, summary].filter((one) => one !== '').join('\n')}\n`,
  );
  return errors > 0 ? exit.findings : exit.fine;
}

function describe(checks: readonly Check[]): string[] {
  return checks.flatMap(({ status, subject, message, hint }) => [
    `${status.padEnd(8)}${subject}: ${message}`,
    ...(hint === undefined ? [] : [`        = ${hint}`]),
  ]);
}
