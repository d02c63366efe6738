import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../plugin/cli/package-root.ts';
import { noProblems } from '../plugin/compile/event.ts';
import { compileMapper } from '../plugin/compile/mapper.ts';
import { compileCef } from '../plugin/format/cef.ts';
import { readSettings } from '../plugin/mapping/destinations.ts';
import { Diagnostics } from '../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../plugin/mapping/mapping-file.ts';

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');

/** The first code block with these words behind the backticks. */
function block(text: string, language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(text)![1]!;
}

test("the README's record and mapping give the README's line", () => {
  const diagnostics = new Diagnostics();
  const set = readMappingFile(
    'README.md',
    `time: $ts\nmappings:\n${block(readme, 'yaml mapping')}`,
    diagnostics,
  );
  const example = readFileSync(join(packageRoot, 'mappings', 'examples', 'cef.yaml'), 'utf8');
  const secrets = { environment: () => undefined, file: () => undefined };
  const settings = readSettings('cef.yaml', example, diagnostics, { secrets, version: '', hostname: 'gw1' })!
    .settings.destinations[0]!;
  const outcome = compileMapper([set!])(JSON.parse(block(readme, 'json')), '', 0, noProblems());
  expect(diagnostics.all).toEqual([]);
  expect(outcome.kind).toBe('mapped');
  const [event] = outcome.kind === 'mapped' ? outcome.events : [];
  expect(`${compileCef(settings)(event!, noProblems()).message}\n`).toBe(
    /^```\n(CEF:.*?)^```/ms.exec(readme)![1],
  );
});
