import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { rules } from '../../plugin/cli/doctor/rules/index.ts';
import { load } from '../../plugin/cli/load.ts';
import { describeFindings } from '../../plugin/cli/report.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';

// Configurations that break rules, each with all that `doctor --offline` says about it beside it, in <name>.findings.
// `UPDATE_DIAGNOSTICS=1 npx vitest run test/doctor` writes them anew: read each.
const folder = join(import.meta.dirname, 'cases');
const update = process.env.UPDATE_DIAGNOSTICS === '1';
const names = readdirSync(folder)
  .filter((name) => /^[^.]+\.(conf|yaml)$/.test(name) && !/^(destinations|map)\.yaml$/.test(name))
  .sort();

async function findingsIn(name: string): Promise<string> {
  const own = join(folder, name.replace(/\.\w+$/, '.destinations.yaml'));
  const config = existsSync(own) ? own : join(folder, 'destinations.yaml');
  const { loaded, diagnostics, files } = await load(config, {});
  // Another process of the same installation.
  const second = name.replace('.conf', '.second.conf');
  const given = existsSync(join(folder, second)) ? [name, second] : [name];
  const configurations = [...new Set(given)].map((one) =>
    readConfiguration(join(folder, one), diagnostics, {}),
  );
  checkInstallation(new Installation(files[0]!, loaded!.settings, configurations), diagnostics);
  const all = [...new Set([...files, ...configurations.flatMap((one) => one.files)])];
  const printed = describeFindings({ diagnostics, files: all }).replace(/ in \d+ files?$/, '');
  return `${printed.replaceAll(`${relative('', folder)}/`, '')}\n`;
}

describe('each case has its findings', () => {
  test.each(names)('%s', async (name) => {
    const file = join(folder, `${name}.findings`);
    const printed = await findingsIn(name);
    if (update) writeFileSync(file, printed);
    expect(printed).toBe(readFileSync(file, 'utf8'));
  });
});

test('a case breaks each rule, and one breaks none', () => {
  const all = names.map((name) => readFileSync(join(folder, `${name}.findings`), 'utf8')).join('');
  const broken = new Set([...all.matchAll(/ (D\d{3}): /g)].map(([, code]) => code));
  expect([...broken].sort()).toEqual(['D001', ...rules.map(({ code }) => code)].sort());
  expect(readFileSync(join(folder, 'sound.conf.findings'), 'utf8')).toBe('0 errors, 0 warnings\n');
});

test('a service with TLS is spoken to with TLS', async () => {
  const { loaded, files } = await load(join(folder, 'sound.destinations.yaml'), {});
  const tls = { cert: 'tls.crt', key: 'tls.key', ca: undefined };
  const diagnostics = new Diagnostics();
  const configurations = [readConfiguration(join(folder, 'auth.conf'), diagnostics, {})];
  checkInstallation(new Installation(files[0]!, { ...loaded!.settings, tls }, configurations), diagnostics);
  const found = diagnostics.all.filter(({ code }) => code === 'D310');
  expect(found.map(({ line, message }) => [line, message])).toEqual(
    [4, 25, 44, 47].map((line) => [line, 'the service speaks TLS (service.tls), and this does not']),
  );
});

test('no finding shows a secret', () => {
  const findings = readFileSync(join(folder, 'secrets.yaml.findings'), 'utf8');
  expect(findings.match(/D601/g)).toHaveLength(5);
  expect(findings).not.toMatch(/secret-of|ZaVnC4dhaV/);
});

test('codes are there once each', () => {
  expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
});
