#!/usr/bin/env node
import { allCommands, commands } from './cli/commands.ts';
import { renderOverview, usageLine } from './cli/help.ts';
import { version } from './cli/package-root.ts';
import { ServiceProblem } from './cli/service-client.ts';
import { exit, UsageError } from './cli/usage.ts';

async function overview(): Promise<string> {
  return `${renderOverview(await allCommands())}\n`;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === '--version') return print(`${version}\n`);
  if (name === '--help' || name === '-h') return print(await overview());
  if (name === undefined || !Object.hasOwn(commands, name)) {
    const problem = name === undefined ? '' : `fluent-bit-siem: there is no command '${name}'\n\n`;
    process.stderr.write(problem + (await overview()));
    return exit.wrongUse;
  }
  const command = await commands[name]!();
  if (args.includes('--help') || args.includes('-h')) return print(`${command.help}\n`);
  try {
    return await command.run(args);
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    if (isUsage) {
      process.stderr.write(
        `fluent-bit-siem ${command.name}: ${(error as Error).message}\n\nUsage: ${usageLine(command)}\n\nfluent-bit-siem ${command.name} --help tells more.\n`,
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
