import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

const { path: binary, version } = await findFluentBit();
const { stdout: help } = spawnSync(binary, ['-h'], { encoding: 'utf8' });

/**
 * Stanzas with keys that an older Fluent Bit does not know, all of them. Those that it lacks the plugin for are
 * found by themselves. Everything else must be accepted.
 */
const tooNew = [
  { name: 'sentinel.conf', since: '5.0.0', keys: ['oauth2.', 'net.io_timeout'] },
  { name: 'native/datadog.conf', since: '2.0.0', keys: ['net.io_timeout'] },
  { name: 'native/splunk.conf', since: '2.0.0', keys: ['net.io_timeout'] },
] as const;

function isOlderThan(since: string): boolean {
  return version.localeCompare(since, 'en', { numeric: true }) < 0;
}

const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-stanzas-'));
const started: Child[] = [];
afterAll(async () => {
  await Promise.all(started.map((child) => child.stop('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

interface Start {
  readonly status: number | null;
  readonly output: string;
}

/**
 * Starts Fluent Bit on a stanza and a record for somebody else; it ends by itself when it has started. A dry run
 * would not do: 1.8 accepts everything in one, and 5.x keys whose values make no sense.
 */
async function start(name: string, stanza: string): Promise<Start> {
  const config = join(mkdtempSync(join(folder, 'start-')), name.replaceAll('/', '-'));
  writeFileSync(config, name.endsWith('.conf') ? inClassic(stanza) : inYaml(stanza));
  const child = new Child(binary, ['-c', config], environmentOf(stanza), folder);
  started.push(child);
  // Not its exit: what it said is wanted to the end.
  await once(child.process, 'close');
  return { status: child.process.exitCode, output: child.output };
}

/** The stanza without the keys that begin so. */
function without(keys: readonly string[], stanza: string): string {
  const lines = stanza.split('\n');
  return lines.filter((line) => !keys.some((key) => line.startsWith(`    ${key}`))).join('\n');
}

function inClassic(stanza: string): string {
  return `[SERVICE]
    Flush       1
    Grace       1
[INPUT]
    Name        dummy
    Tag         other
[OUTPUT]
    Name        exit
    Match       other
    Flush_Count 1
${stanza}`;
}

function inYaml(stanza: string): string {
  return `service:
  flush: 1
  grace: 1
${stanza.replace(
  '  outputs:\n',
  `  inputs:
    - name: dummy
      tag: other
  outputs:
    - name: exit
      match: other
      flush_count: 1
`,
)}`;
}

/** A value that could be one, for each variable of the stanza. */
function environmentOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
  const value = (name: string): string =>
    name.endsWith('_PORT') ? '9' : name.endsWith('_HOST') ? '127.0.0.1' : 'test';
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/** What a Fluent Bit that lacks the plugin says: 1.8 goes on without the output, later ones end. */
const lacks = (plugin: string): RegExp =>
  new RegExp(
    `Output plugin '${plugin}' cannot be loaded|section '${plugin}' tried to instance a plugin name`,
  );

const names = readdirSync(join(packageRoot, 'outputs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.conf') || (name.endsWith('.yaml') && !isOlderThan('3.2.0')))
  .sort();

describe(`Fluent Bit ${version} and outputs/`, () => {
  test.concurrent.each(names)('%s', async (name) => {
    const stanza = readFileSync(join(packageRoot, 'outputs', name), 'utf8');
    const [, plugin] = /^ +(?:- )?name:? +(\w+)$/im.exec(stanza)!;
    const { status, output } = await start(name, stanza);
    if (!new RegExp(`^ +${plugin} `, 'm').test(help)) {
      expect(output).toMatch(lacks(plugin!));
      return;
    }
    const refused = tooNew.find((one) => one.name === name && isOlderThan(one.since));
    expect(status, output).toBe(refused ? 255 : 0);
    if (!refused) return;
    // Why can't be read: Fluent Bit ends before its last words are out, more often than not. But these keys it is.
    for (const key of refused.keys) {
      const others = refused.keys.filter((other) => other !== key);
      expect((await start(name, without(others, stanza))).status, key).toBe(255);
    }
    expect((await start(name, without(refused.keys, stanza))).status).toBe(0);
  });
});
