import { load, loadMappingFiles } from './load.ts';
import { describeFindings } from './report.ts';
import { command, configOption, exit } from './usage.ts';

export const validate = command(
  {
    name: 'validate',
    summary: 'all that serve does before it listens',
    description: `Loads, checks and compiles destinations.yaml and all mapping files it names, as serve does, and renders the
examples in them. Every finding is told at once, as

  file:line:col: error|warning CODE: sentence`,
    operand: { name: 'FILE', multiple: true, about: 'only these mapping files are checked' },
    options: {
      config: configOption,
      format: {
        type: 'string',
        choices: ['text', 'json'],
        default: 'text',
        about: 'json: one object with "errors", "warnings", "files" and "findings"',
      },
      'deny-warnings': { type: 'boolean', about: 'exit code 1 for warnings, too' },
    },
    environment: {
      'NAME of ${NAME}':
        'what destinations.yaml and mapping files take from the environment: it must be set here as well',
    },
    exits: ['no errors', 'errors'],
    examples: [
      ['fluent-bit-siem validate', 'everything'],
      ['fluent-bit-siem validate mappings/filecloud/audit.yaml', 'one mapping file, without any destination'],
      ['fluent-bit-siem validate --deny-warnings --format json', 'in a build'],
    ],
  },
  async (values, files) => {
    const result = files.length > 0 ? loadMappingFiles(files) : await load(values.config);
    const { diagnostics } = result;
    const errors = diagnostics.all.filter(({ severity }) => severity === 'error').length;
    const warnings = diagnostics.all.length - errors;
    const text =
      values.format === 'json'
        ? JSON.stringify({ errors, warnings, files: result.files, findings: diagnostics.all })
        : describeFindings(result);
    process.stdout.write(`${text}\n`);
    return errors > 0 || (values['deny-warnings'] && warnings > 0) ? exit.findings : exit.fine;
  },
);
