import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Configuration } from '../../plugin/cli/doctor/configuration.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { type Loaded, load, loadMappingFiles } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { firstLines } from '../helpers.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

const { path: fluentBit, version } = await findFluentBit();
const [major = 0, minor = 0] = version.split('.').map(Number);
/** The first that reads YAML, and the first whose --dry-run knows the plugins' keys. */
const readsYaml = major > 3 || (major === 3 && minor >= 2);

/** A secret long enough for any place. */
const secret = 'a-secret-of-32-characters-or-more';

/**
 * A folder as an administrator has it who followed a page: the shipped configuration, in which blocks of the page
 * are put in their places and read by who reads them in earnest.
 */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  readonly #config = join(this.path, 'mappings', 'destinations.yaml');

  constructor() {
    for (const name of ['mappings', 'inputs', 'outputs', ...fluentBitFiles])
      cpSync(join(packageRoot, name), join(this.path, name), { recursive: true });
    mkdirSync(join(this.path, 'secrets'));
    // What pages name without showing it.
    this.write(
      'mappings/app/app.yaml',
      "mappings: [{ id: '*', map: { eventClass: a, eventName: a, severity: 1 } }]",
    );
    for (const name of ['auditmap.php', 'systemalertsmap.php'])
      cpSync(join(packageRoot, 'test/data/filecloud', name), join(this.path, 'mappings', name));
    const { cert, key } = makeCertificate();
    this.write('mappings/tls.crt', cert);
    this.write('mappings/tls.key', key);
    this.write('mappings/functions.mjs', 'export const department = (user) => user;\n');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** A whole destinations.yaml, or some of its keys: without destinations there is one. */
  async loadDestinations(text: string): Promise<{ loaded: Loaded | undefined; problems: string[] }> {
    const own = parse(text) as Record<string, unknown>;
    const whole =
      'destinations' in own
        ? text
        : `${text}\ndestinations: { siem: { format: json, mappings: [app/*.yaml] } }\n`;
    const files = [...whole.matchAll(/\$\{file:([^}]+)\}/g)].map(([, path]) => path!);
    for (const path of files) this.write(join('secrets', path), `${secret}\n`);
    writeFileSync(this.#config, whole.replaceAll('${file:', `\${file:${join(this.path, 'secrets')}/`));
    const { loaded, diagnostics } = await load(this.#config, environmentFor(whole));
    // In clear text on a wide address is what such a page warns of.
    return { loaded, problems: firstLines(diagnostics).map((line) => line.replace(this.path, '')) };
  }

  /** Some keys of one destination; its format is the one whose keys they are. */
  async loadDestination(text: string): Promise<string[]> {
    const keys = parse(text) as Record<string, unknown>;
    const named = Object.keys(keys).find((key) => ['datadog', 'newrelic', 'sentinel', 'csv'].includes(key));
    const format =
      keys.format ?? ('splunk' in keys ? 'splunk-hec' : 'syslog' in keys ? 'cef' : (named ?? 'json'));
    const destination = { mappings: ['app/*.yaml'], ...keys, format };
    return (await this.loadDestinations(stringify({ destinations: { siem: destination } }))).problems;
  }

  /** A mapping file, or entries of one, or the part of a file that says where functions are. */
  checkMapping(text: string): string[] {
    const own = parse(text) as Record<string, unknown> | unknown[];
    const whole = Array.isArray(own) ? `mappings:\n${text}` : text;
    const file = this.write('mappings/page.yaml', whole);
    return firstLines(loadMappingFiles([file], environmentFor(whole)).diagnostics);
  }

  /** A configuration of Fluent Bit, or lines of an [OUTPUT] to HTTP, read by Fluent Bit and by `doctor`. */
  checkFluentBit(text: string, form: 'conf' | 'yaml'): { configuration: Configuration; problems: string[] } {
    const whole = form === 'conf' && /^ /.test(text) ? `[OUTPUT]\n    Name http\n    Match *\n${text}` : text;
    const here = whole.replaceAll(/(?<=@INCLUDE )\/etc\/fluent-bit-siem\//gi, '');
    const file = this.write(`page.${form}`, here);
    const diagnostics = new Diagnostics();
    const configuration = readConfiguration(file, diagnostics, {});
    const unknown = configuration.sections.flatMap(({ kind, properties }) =>
      properties.flatMap(({ key }) =>
        knownKeys.has(key) ? [] : [`[${kind.toUpperCase()}] has no key '${key}' known here`],
      ),
    );
    const dryRun = form === 'yaml' && !readsYaml ? [] : this.#dryRun(file, whole);
    return { configuration, problems: [...firstLines(diagnostics), ...unknown, ...dryRun] };
  }

  /** Writes a file into the folder, and tells its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  #dryRun(file: string, text: string): string[] {
    const env = { PATH: process.env.PATH ?? '', ...environmentFor(text + includedText) };
    const { status, stdout, stderr } = spawnSync(fluentBit, ['-c', file, '--dry-run'], {
      env,
      encoding: 'utf8',
      cwd: this.path,
    });
    return status === 0 ? [] : [`fluent-bit --dry-run: ${stderr || stdout}`];
  }
}

const fluentBitFiles = readdirSync(packageRoot).filter((name) => /^fluent-bit.*\.(?:conf|yaml)$/.test(name));

const shippedFiles = [
  ...fluentBitFiles,
  ...['inputs', 'outputs', 'docker'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  ),
].filter((name) => name.endsWith('.conf'));

const includedText = shippedFiles.map((name) => readFileSync(join(packageRoot, name), 'utf8')).join('\n');

/** Keys of the shipped configuration, those in comments too, and some more that a company's own has. */
const knownKeys = new Set([
  ...[...includedText.matchAll(/^ +(?:# )?([A-Za-z_.]+) +\S/gm)].map(([, key]) => key!.toLowerCase()),
  ...['parser', 'parsers_file', 'add', 'tls.crt_file', 'tls.key_file', 'shared_key'],
]);

/** Every variable that a text asks for, with something in it. */
function environmentFor(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name!, secret]));
}
