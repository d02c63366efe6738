import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { noProblems } from '../../plugin/compile/event.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { firstLines } from '../helpers.ts';
import { Workplace } from './configuration.ts';
import { type Page, pages } from './markdown.ts';

/** What a company's Fluent Bit has before anybody follows a page. */
const collector = `[SERVICE]
    storage.path /var/lib/fluent-bit/storage

[INPUT]
    Name              tail
    Path              /var/log/filecloud/audit.ndjson
    Tag               filecloud.audit
    DB                /var/lib/fluent-bit/audit.db
    Skip_Long_Lines   On
    storage.type      filesystem

`;

const [sample] = readFileSync(join(packageRoot, 'mappings/examples/filecloud-audit.ndjson'), 'utf8').split(
  '\n',
);

const block = ({ blocks }: Page, info: string): string =>
  blocks.filter((one) => one.info === info).map(({ text }) => text)[0]!;

const guides = pages.filter(
  ({ file }) => file.startsWith('docs/getting-started/') && !file.endsWith('README.md'),
);

describe.each(guides)('$file', (page) => {
  const shell = page.blocks
    .filter(({ info }) => info === 'sh')
    .map(({ text }) => text)
    .join('\n');
  let workplace: Workplace;
  let read: Awaited<ReturnType<Workplace['loadDestinations']>>;
  beforeAll(async () => {
    workplace = new Workplace();
    read = await workplace.loadDestinations(block(page, 'yaml destinations.yaml'));
  });
  afterAll(() => workplace.remove());

  test('takes fewer than ten steps', () => {
    const text = readFileSync(join(packageRoot, page.file), 'utf8');
    const steps = [...text.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect(steps).toEqual(steps.map((_, index) => index + 1));
    expect(steps.length).toBeLessThan(10);
  });

  test('its steps make an installation in which doctor finds nothing', () => {
    expect(read.problems).toEqual([]);
    // What the page changes in the shipped files it does by sed.
    const commands = shell.split('\n').filter((line) => line.startsWith('sed '));
    expect(commands).not.toEqual([]);
    for (const command of commands) execFileSync('sh', ['-ec', command], { cwd: workplace.path });
    const written = workplace.write('collector.conf', collector + block(page, 'ini fluent-bit'));
    const diagnostics = new Diagnostics();
    const files = [join(workplace.path, 'fluent-bit.conf'), written];
    const processes = files.map((file) => readConfiguration(file, diagnostics, {}));
    checkInstallation(new Installation('destinations.yaml', read.loaded!.settings, processes), diagnostics);
    expect(firstLines(diagnostics)).toEqual([]);
  });

  test('names its destination in every command', () => {
    const [destination, ...others] = read.loaded!.destinations;
    expect(others).toEqual([]);
    const { name } = destination!.settings;
    const named = [...shell.matchAll(/--destination (\S+)|fluent-bit-siem test (\S+)/g)];
    expect(named.map(([, one, other]) => one ?? other)).toEqual(named.map(() => name));
    // And the sample is something there.
    const outcome = destination!.map(JSON.parse(sample!), 'filecloud.audit', 0, noProblems());
    expect(outcome.kind).toBe('mapped');
  });
});
