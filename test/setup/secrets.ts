// Collects what the service says in the whole run, and fails it when it says a secret. Fluent Bit's own output is
// not looked at: its configuration may hold tokens, and what it prints is its affair.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectedIn } from '../secrets/collect.ts';
import { leaksIn } from '../secrets/leaks.ts';

let folder: string;

export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-output-'));
  process.env[collectedIn] = folder;
}

export function teardown(): void {
  const names = readdirSync(folder);
  const found = names.flatMap((name) => leaksOf(join(folder, name)).map((leak) => `${name}, ${leak}`));
  if (found.length > 0) {
    console.error(`a secret was said:\n${found.slice(0, 20).join('\n')}\nsee ${folder}`);
    // An error thrown here would be printed, and the run would end well.
    process.exitCode = 1;
    return;
  }
  console.log(`secrets: none in the output and answers of ${names.length} processes`);
  rmSync(folder, { recursive: true });
}

function leaksOf(file: string): string[] {
  return leaksIn(readFileSync(file, 'latin1')).map(({ form, excerpt }) => `${form}: ${excerpt}`);
}
