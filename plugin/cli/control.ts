import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { TestResult } from '../delivery/test-event.ts';
import type { ConfigurationStatus } from '../telemetry/configuration.ts';
import { load } from './load.ts';
import { describeFindings } from './report.ts';
import { askService, expectOk } from './service-client.ts';
import { type Command, defaultConfig, exit, UsageError } from './usage.ts';

const options = `  --config FILE        destinations.yaml, which says where the service listens (default: ${defaultConfig})`;

export const pause: Command = {
  name: 'pause',
  summary: "hold a destination's events back, in Fluent Bit's files",
  help: `Usage: fluent-bit-siem pause NAME [--config FILE]

Pauses a destination of the running service: from now on its SIEM gets nothing. What comes in is mapped as always
and waits in the files of the Fluent Bit that delivers. It stays paused over a restart.

${options}`,
  run: (args) => control(args, (name) => ['POST', `/destinations/${name}/pause?by=${who()}`], statusLines),
};

export const resume: Command = {
  name: 'resume',
  summary: 'let a paused destination go on',
  help: `Usage: fluent-bit-siem resume NAME [--config FILE]

Ends a pause. What waits is delivered at Fluent Bit's next tries, within a minute or two.

${options}`,
  run: (args) => control(args, (name) => ['POST', `/destinations/${name}/resume`], statusLines),
};

export const status: Command = {
  name: 'status',
  summary: 'how each destination of the running service is',
  help: `Usage: fluent-bit-siem status [NAME] [--config FILE]

Prints a line for each destination: delivering, failing since when and why, or paused by whom; direct when Fluent Bit
delivers it without the gate. A line more when the files have changed and the new configuration has errors.
Exit code 1 then, and when a destination is failing.

${options}`,
  run: (args) =>
    control(
      args,
      (name) => ['GET', name === '' ? '/destinations' : `/destinations/${name}`],
      statusLines,
      true,
    ),
};

export const test: Command = {
  name: 'test',
  summary: 'send a test event to a SIEM and say what it answers',
  help: `Usage: fluent-bit-siem test NAME [--config FILE]

Has the running service send one marked event to a destination's SIEM, the way all others go, and prints what the SIEM
answered. Exit code 0 when it took the event.

${options}`,
  run: (args) =>
    control(
      args,
      (name) => ['POST', `/destinations/${name}/test`],
      (json) => {
        const { id, taken, status, answer } = json as TestResult;
        const said = `${status ?? 'no answer'} ${answer}`.trim();
        return {
          lines: [`${taken ? 'taken' : 'not taken'}: ${said}`, `id of the event: ${id}`],
          isFine: taken,
        };
      },
    ),
};

interface Shown {
  readonly lines: readonly string[];
  readonly isFine: boolean;
}

async function control(
  args: string[],
  ask: (name: string) => ['GET' | 'POST', string],
  show: (json: unknown) => Shown,
  isNameOptional = false,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', default: defaultConfig } },
  });
  const [name = '', ...others] = positionals;
  if (others.length > 0 || (name === '' && !isNameOptional)) throw new UsageError('one NAME is needed');
  const result = await load(values.config);
  // A service goes on with the old mappings while the new ones have errors: that is when one asks it.
  if (!result.settings) {
    process.stderr.write(`${describeFindings(result)}\n`);
    return exit.findings;
  }
  const [method, path] = ask(encodeURIComponent(name));
  const { lines, isFine } = show(expectOk(await askService(result.settings, method, path)));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return isFine ? exit.fine : exit.findings;
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
