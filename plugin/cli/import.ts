import { readFileSync } from 'node:fs';
import { Diagnostics } from '../mapping/diagnostic.ts';
import { toYaml } from '../mapping/php/to-yaml.ts';
import { PhpSource } from '../mapping/php-source.ts';
import { describeFindings } from './report.ts';
import { command, exit, UsageError } from './usage.ts';

export const importCommand = command(
  {
    name: 'import',
    summary: "FileCloud's PHP mapping file to YAML, comments kept",
    description: `Prints FileCloud's auditmap.php or systemalertsmap.php as a YAML mapping file. The PHP is read, never run; what
can't be read as data is told on stderr with its line, and the rest is printed.

A .php file may also be named in destinations.yaml as it is.`,
    operand: { name: 'FILE', required: true, about: 'the PHP file' },
    options: {},
    exits: ['all was read', 'some was not'],
    examples: [['fluent-bit-siem import auditmap.php > audit.yaml', 'then add `match:` and `time:` to it']],
  },
  async (_values, [operand]) => {
    const file = operand!;
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new UsageError((error as Error).message);
    }
    const diagnostics = new Diagnostics();
    const source = new PhpSource(file, text, diagnostics);
    process.stdout.write(toYaml(source.mappings, source.comments));
    if (diagnostics.all.length > 0)
      process.stderr.write(`${describeFindings({ diagnostics, files: [file] })}\n`);
    return diagnostics.hasErrors ? exit.findings : exit.fine;
  },
);
