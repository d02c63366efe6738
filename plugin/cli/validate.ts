import { parseArgs } from 'node:util';
import { load, loadMappingFiles } from './load.ts';
import { describeFindings } from './report.ts';
import { type Command, defaultConfig, exit, UsageError } from './usage.ts';

export const validate: Command = {
  name: 'validate',
  summary: 'all that serve does before it listens',
  help: `Usage: fluent-bit-siem validate [--config FILE] [--format text|json] [--deny-warnings] [FILE...]

Loads, checks and compiles destinations.yaml and all mapping files it names, as serve does, and renders the
examples in them. With FILE... only these mapping files are checked. Every finding is told at once, as
file:line:col: error|warning CODE: sentence.
Exit code 0: no errors; 1: errors; 2: wrong use.

  --config FILE       destinations.yaml (default: ${defaultConfig})
  --format text|json  json: one object with "errors", "warnings", "files" and "findings"
  --deny-warnings     exit code 1 for warnings, too`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        config: { type: 'string', default: defaultConfig },
        format: { type: 'string', default: 'text' },
        'deny-warnings': { type: 'boolean', default: false },
      },
    });
    if (values.format !== 'text' && values.format !== 'json') {
      throw new UsageError(`--format is text or json, not '${values.format}'`);
    }
    const result = positionals.length > 0 ? loadMappingFiles(positionals) : await load(values.config);
    const { diagnostics, files } = result;
    const errors = diagnostics.all.filter(({ severity }) => severity === 'error').length;
    const warnings = diagnostics.all.length - errors;
    const text =
      values.format === 'json'
        ? JSON.stringify({ errors, warnings, files, findings: diagnostics.all })
        : describeFindings(result);
    process.stdout.write(`${text}\n`);
    return errors > 0 || (values['deny-warnings'] && warnings > 0) ? exit.findings : exit.fine;
  },
};
