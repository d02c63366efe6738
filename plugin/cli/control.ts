import { userInfo } from 'node:os';
import type { TestResult } from '../delivery/test-event.ts';
import type { ConfigurationStatus } from '../telemetry/configuration.ts';
import { load } from './load.ts';
import { describeFindings } from './report.ts';
import { askService, expectOk } from './service-client.ts';
import { command, exit, serviceConfigOption, serviceEnvironment } from './usage.ts';

/** A NAME that is needed, and the file that says where the service is. */
const operand = { name: 'NAME', required: true, about: 'a destination of destinations.yaml' } as const;
const options = { config: serviceConfigOption } as const;
const environment = serviceEnvironment;

export const pause = command(
  {
    name: 'pause',
    summary: "hold a destination's events back, in Fluent Bit's files",
    description: `Pauses a destination of the running service: from now on its SIEM gets nothing. What comes in is mapped as always
and waits in the files of the Fluent Bit that delivers. It stays paused over a restart.`,
    operand,
    options,
    environment,
    exits: ['it is paused', 'the service does not answer, or it has no such destination with a gate'],
    examples: [['fluent-bit-siem pause splunk', 'before Splunk is upgraded']],
  },
  ({ config }, [name]) => control(config, 'POST', `${pathOf(name)}/pause?by=${who()}`, statusLines),
);

export const resume = command(
  {
    name: 'resume',
    summary: 'let a paused destination go on',
    description: "Ends a pause. What waits is delivered at Fluent Bit's next tries, within a minute or two.",
    operand,
    options,
    environment,
    exits: ['it goes on', 'the service does not answer, or it has no such destination with a gate'],
    examples: [['fluent-bit-siem resume splunk', 'and `status` a minute later']],
  },
  ({ config }, [name]) => control(config, 'POST', `${pathOf(name)}/resume`, statusLines),
);

export const status = command(
  {
    name: 'status',
    summary: 'how each destination of the running service is',
    description: `Prints a line for each destination: delivering, failing since when and why, or paused by whom; direct when Fluent
Bit delivers it without the gate. A line more when the files have changed and the new configuration has errors.`,
    operand: { ...operand, required: false, about: 'only this destination' },
    options,
    environment,
    exits: [
      'none is failing',
      'one is failing, the new configuration has errors, or the service does not answer',
    ],
    examples: [['fluent-bit-siem status', 'all of them']],
  },
  ({ config }, [name]) =>
    control(config, 'GET', name === undefined ? '/destinations' : pathOf(name), statusLines),
);

export const test = command(
  {
    name: 'test',
    summary: 'send a test event to a SIEM and say what it answers',
    description: `Has the running service send one marked event to a destination's SIEM, the way all others go, and prints what the
SIEM answered. The destination must have a gate (\`deliver:\`).`,
    operand,
    options,
    environment,
    exits: ['the SIEM took the event', 'it did not, or the service does not answer'],
    examples: [['fluent-bit-siem test splunk', 'then search for the id it prints']],
  },
  ({ config }, [name]) => control(config, 'POST', `${pathOf(name)}/test`, testLines),
);

const pathOf = (name = ''): string => `/destinations/${encodeURIComponent(name)}`;

interface Shown {
  readonly lines: readonly string[];
  readonly isFine: boolean;
}

async function control(
  config: string,
  method: 'GET' | 'POST',
  path: string,
  show: (json: unknown) => Shown,
): Promise<number> {
  const result = await load(config);
  // A service goes on with the old mappings while the new ones have errors: that is when one asks it.
  if (!result.settings) {
    process.stderr.write(`${describeFindings(result)}\n`);
    return exit.findings;
  }
  const { lines, isFine } = show(expectOk(await askService(result.settings, method, path)));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return isFine ? exit.fine : exit.findings;
}

function testLines(json: unknown): Shown {
  const { id, taken, status, answer } = json as TestResult;
  const said = `${status ?? 'no answer'} ${answer}`.trim();
  return { lines: [`${taken ? 'taken' : 'not taken'}: ${said}`, `id of the event: ${id}`], isFine: taken };
}

interface Described {
  readonly name: string;
  readonly state: string;
  readonly paused?: { by: string; since: string };
  readonly failure?: { since: string; reason: string; attempts: number; nextAttempt: string };
  readonly lastSuccess?: string;
  readonly backlog?: number;
  readonly oldestWaiting?: string;
}

function statusLines(json: unknown): Shown {
  const { destinations = [json as Described], configuration } = json as {
    destinations?: Described[];
    configuration?: ConfigurationStatus;
  };
  const error = configuration?.error;
  const lines = destinations.map((one) => {
    const { name, state, paused, failure, lastSuccess, backlog = 0, oldestWaiting } = one;
    const details = [
      paused && `since ${paused.since} by ${paused.by}`,
      failure &&
        `since ${failure.since}, ${failure.attempts} attempts, next ${failure.nextAttempt}: ${failure.reason}`,
      lastSuccess && `last success ${lastSuccess}`,
      backlog > 0
        ? `${backlog} ${backlog === 1 ? 'batch waits' : 'batches wait'}, the oldest since ${oldestWaiting}`
        : undefined,
    ].filter((one) => one !== undefined);
    return [name, state, ...details].join('  ');
  });
  if (error) {
    const [first, ...others] = error.findings;
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    lines.push(
      `configuration  refused since ${error.since}, the one before is in use: ${first!.split('\n', 1)[0]}${more}`,
    );
  }
  return { lines, isFine: !error && destinations.every(({ state }) => state !== 'failing') };
}

function who(): string {
  try {
    return encodeURIComponent(userInfo().username);
  } catch {
    return 'command%20line';
  }
}
