import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { load } from '../../plugin/cli/load.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { mayShowSecret } from '../../plugin/mapping/secret-name.ts';
import { Folder } from '../cli/helpers.ts';
import { leaksIn } from '../secrets/leaks.ts';
import { secret } from '../secrets/marker.ts';

const cases = join(import.meta.dirname, 'cases');

test.each([
  ['    http_Passwd  abc', true],
  ['  splunk_token abc # ${NAME}, and more', false],
  ['    Header Authorization Splunk abc', true],
  ['  - { name: splunk, splunk_token: abc, host: "${HOST}" }', true],
  ['  - { name: splunk, splunk_token: "${TOKEN}", host: abc }', false],
  ['@SET TOKEN abc', true],
  ['    http_Passwd', false],
  ['    URI /receiver/v1/http/ZaVnC4dhaV0123456789', true],
  ['    Name http', false],
  ['        suser: $request.token > $userName', false],
  ["      headers: { Authorization: 'Splunk abc' }, timout: 3 }", true],
])('%j may show one: %s', (line, shows) => {
  expect(mayShowSecret(line)).toBe(shows);
});

/** Mistakes in a line that bring it into a finding, some of them. */
const mistakes: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimStart(),
  (line) => ` ${line}`,
  (line) => `\t${line}`,
  (line) => `@${line.trim()}`,
  (line) => `@SET ${line.trim()}`,
  (line) => `${line} "`,
  (line) => `${line}: [`,
  (line) => line.replace(':', ''),
];

const more = ['[OUTPUT]', '    http_Passwd ${A}', '    Header X-Api-Key ${A}', ''].join('\n');

describe('whatever is wrong with a line that has a secret, no finding shows it', () => {
  test.each(['auth.conf', 'gate.conf', 'shared-key.conf', 'secrets.yaml'])('%s', async (name) => {
    const { loaded, files } = await load(join(cases, 'destinations.yaml'), {});
    const text = readFileSync(join(cases, name), 'utf8') + (name.endsWith('.yaml') ? '' : more);
    const lines = text.replace(/\$\{\w+\}|secret-of-\w+/g, secret('doctor')).split('\n');
    const folder = new Folder({});
    const file = join(folder.path, name);
    let findings = 0;
    for (const [at, line] of lines.entries()) {
      for (const mistake of leaksIn(line).length > 0 ? mistakes : []) {
        writeFileSync(file, lines.with(at, mistake(line)).join('\n'));
        const diagnostics = new Diagnostics();
        const read = readConfiguration(file, diagnostics, {});
        checkInstallation(new Installation(files[0]!, loaded!.settings, [read]), diagnostics);
        findings += diagnostics.all.length;
        expect(leaksIn(JSON.stringify(diagnostics.all))).toEqual([]);
      }
    }
    folder.remove();
    expect(findings).toBeGreaterThan(0);
  });
});
