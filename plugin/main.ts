#!/usr/bin/env node
import { pause, resume, status, test } from './cli/control.ts';
import { demo } from './cli/demo.ts';
import { doctor } from './cli/doctor.ts';
import { importCommand } from './cli/import.ts';
import { version } from './cli/package-root.ts';
import { replay } from './cli/replay.ts';
import { sample } from './cli/sample.ts';
import { serve } from './cli/serve.ts';
import { ServiceProblem } from './cli/service-client.ts';
import { tryCommand } from './cli/try.ts';
import { type Command, exit, UsageError } from './cli/usage.ts';
import { validate } from './cli/validate.ts';

const commands: readonly Command[] = [
  serve,
  validate,
  tryCommand,
  sample,
  importCommand,
  status,
  test,
  pause,
  resume,
  replay,
  doctor,
  demo,
];

const overview = `Usage: fluent-bit-siem COMMAND [OPTIONS]

The companion service that makes Fluent Bit speak SIEM.

${commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

fluent-bit-siem COMMAND --help tells more. Results go to stdout, diagnostics to stderr.
Exit code 0: fine; 1: findings; 2: wrong use.
`;

async function main([name, ...args]: string[]): Promise<number> {
  if (name === '--version') return print(`${version}\n`);
  if (name === '--help' || name === '-h') return print(overview);
  const command = commands.find((one) => one.name === name);
  if (!command) {
    const problem = name === undefined ? '' : `fluent-bit-siem: there is no command '${name}'\n\n`;
    process.stderr.write(problem + overview);
    return exit.wrongUse;
  }
  if (args.includes('--help') || args.includes('-h')) return print(`${command.help}\n`);
  try {
    return await command.run(args);
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    if (isUsage) {
      process.stderr.write(
        `fluent-bit-siem ${command.name}: ${(error as Error).message}\n\n${command.help}\n`,
      );
      return exit.wrongUse;
    }
    if (error instanceof ServiceProblem) {
      process.stderr.write(`fluent-bit-siem ${command.name}: ${error.message}\n`);
      return exit.findings;
    }
    // What the machine refuses (a port that is taken, a file that is not there) is no fault of the program's.
    if (typeof (error as NodeJS.ErrnoException).syscall === 'string') {
      process.stderr.write(`fluent-bit-siem ${command.name}: ${(error as Error).message}\n`);
      return exit.findings;
    }
    throw error;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return exit.fine;
}

// A closed pipe (`| head`) is the reader's wish, not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exit.fine : exit.findings),
);
process.exitCode = await main(process.argv.slice(2));
