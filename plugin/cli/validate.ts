import { parseArgs } from 'node:util';
import { load } from './load.ts';
import { describeFindings } from './report.ts';
import { type Command, defaultConfig, exit } from './usage.ts';

export const validate: Command = {
  name: 'validate',
  summary: 'all that serve does before it listens',
  help: `Usage: fluent-bit-siem validate [--config FILE]

Loads, checks and compiles destinations.yaml and all mapping files it names, as serve does, and tells every
finding as file:line:col. Exit code 0: no errors; 1: errors; 2: wrong use.

  --config FILE   destinations.yaml (default: ${defaultConfig})`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { config: { type: 'string', default: defaultConfig } } });
    const result = load(values.config);
    process.stdout.write(`${describeFindings(result)}\n`);
    return result.loaded ? exit.fine : exit.findings;
  },
};
