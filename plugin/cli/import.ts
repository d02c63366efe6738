import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Diagnostics } from '../mapping/diagnostic.ts';
import { toYaml } from '../mapping/php/to-yaml.ts';
import { PhpSource } from '../mapping/php-source.ts';
import { describeFindings } from './report.ts';
import { type Command, exit, UsageError } from './usage.ts';

export const importCommand: Command = {
  name: 'import',
  summary: "FileCloud's PHP mapping file to YAML, comments kept",
  help: `Usage: fluent-bit-siem import FILE.php

Prints FileCloud's auditmap.php or systemalertsmap.php as a YAML mapping file. The PHP is read, never run; what
can't be read as data is told on stderr with its line, and the rest is printed.
Exit code 0: all was read; 1: some was not; 2: wrong use.

A .php file may also be named in destinations.yaml as it is.`,
  run: async (args) => {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new UsageError('name one FILE.php');
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
};
