import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Child, startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts } from '../../plugin/cli/demo/ports.ts';
import { JsonReceiver } from '../receivers/json-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { ended, Folder, files, type Result, run, start } from './helpers.ts';

const token = `Bearer ${secret('doctor')}`;
let folder: Folder;
let siem: JsonReceiver;
let ports: number[];

beforeEach(async () => {
  siem = new JsonReceiver(token);
  await siem.listen();
  ports = await freePorts(2);
  folder = new Folder({
    ...files,
    'mappings/destinations.yaml': `service:
  listen: 127.0.0.1:${ports[0]}
  forward: 127.0.0.1:${ports[1]}
  state: ./state.json
destinations:
  siem:
    format: json
    mappings: [audit.yaml]
    deliver: { to: '${siem.url}/in', headers: { Authorization: '${token}' } }
`,
  });
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(
    at('fluent-bit.conf'),
    `[SERVICE]
    Flush                 60
    scheduler.base        59
    scheduler.cap         59
    storage.path          ${at('storage')}
    storage.sync          full
    storage.max_chunks_up 8192
    json.escape_unicode   off

[INPUT]
    Name         forward
    Listen       127.0.0.1
    Port         ${ports[1]}
    storage.type filesystem

[OUTPUT]
    Name          http
    Match         siem.siem.*
    Host          127.0.0.1
    Port          ${ports[0]}
    URI           /deliver/siem
    Format        json_lines
    json_date_key false
    Header_Tag    FLUENT-TAG
    Retry_Limit   no_limits

[OUTPUT]
    Name        file
    Match       siem.dead.*
    Path        ${at('dead')}
    Workers     1
    Retry_Limit no_limits
`,
  );
});
afterEach(async () => {
  await siem.close();
  folder.remove();
});

const doctor = (...args: string[]): Promise<Result> => run(folder.path, ['doctor', ...args]);

test('files alone, with nothing running', async () => {
  const { code, stdout } = await doctor('--offline');
  expect([code, stdout]).toEqual([0, '0 errors, 0 warnings in 3 files and 0 checks\n']);
});

test('findings in files end it with 1, and stand with their place', async () => {
  const file = join(folder.path, 'fluent-bit.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/.*Header_Tag.*\n/, ''));
  const { code, stdout } = await doctor('--offline');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fluent-bit\.conf:16:1: error D302: the service is not told the tag\n/);
  expect(stdout).toMatch(/\n1 error, 0 warnings in 3 files and 0 checks\n$/);
  const json = JSON.parse((await doctor('--offline', '--format', 'json')).stdout);
  expect(json).toMatchObject({
    errors: 1,
    warnings: 0,
    files: ['mappings/destinations.yaml', 'mappings/audit.yaml', 'fluent-bit.conf'],
    findings: [{ code: 'D302', file: 'fluent-bit.conf', line: 16 }],
    checks: [],
  });
});

test('a mistake in destinations.yaml is told with those in other files', async () => {
  writeFileSync(
    join(folder.path, 'mappings/destinations.yaml'),
    'destinations: { a: { format: cfe, mappings: [] } }',
  );
  writeFileSync(join(folder.path, 'fluent-bit.conf'), '[SERVICE\n');
  const { code, stdout } = await doctor('--offline');
  expect(code).toBe(1);
  expect(stdout).toMatch(/destinations\.yaml:1:.*error M/);
  expect(stdout).toMatch(/fluent-bit\.conf:1:1: error D001/);
});

test('nothing runs: each is told, and what to do', async () => {
  const { code, stdout } = await doctor('--fluent-bit', 'fluent-bit.conf', '--binary', '/nowhere/fluent-bit');
  expect(code).toBe(1);
  for (const line of [
    'error   fluent-bit: /nowhere/fluent-bit does not run: ENOENT',
    `error   service: the service at 127.0.0.1:${ports[0]} can't be reached (ECONNREFUSED): is it running?`,
    `error   forward: Fluent Bit at 127.0.0.1:${ports[1]} can't be reached: ECONNREFUSED`,
    `ok      siem: 127.0.0.1:${new URL(siem.url).port} takes connections`,
    `error   disk: there is no folder ${join(folder.path, 'dead')} (Path of [OUTPUT] file)`,
  ])
    expect(stdout).toContain(`${line}\n`);
  expect(stdout).not.toContain(token.split(' ')[1]);
});

describe('with all of it running', () => {
  let service: ReturnType<typeof start>;
  let serviceEnded: Promise<Result>;
  let fluentBit: Child;
  let binary: string;

  beforeEach(async () => {
    binary = (await findFluentBit()).path;
    mkdirSync(join(folder.path, 'dead'));
    mkdirSync(join(folder.path, 'storage'));
    fluentBit = startFluentBit(binary, join(folder.path, 'fluent-bit.conf'), {});
    service = start(folder.path, ['serve']);
    serviceEnded = ended(service);
    const ready = async (): Promise<void> => {
      expect((await fetch(`http://127.0.0.1:${ports[0]}/ready`)).status).toBe(200);
    };
    await vi.waitFor(ready, { timeout: 30_000, interval: 100 });
  });
  afterEach(async () => {
    service.kill('SIGTERM');
    await serviceEnded;
    await fluentBit.stop('SIGKILL');
  });

  test('there are no errors, and no record goes anywhere', async () => {
    const { code, stdout } = await doctor('--binary', binary);
    expect(stdout).toContain(`ok      service: up at 127.0.0.1:${ports[0]}\n`);
    expect(stdout).toContain(`ok      forward: 127.0.0.1:${ports[1]} (siem) takes connections\n`);
    expect(stdout).toContain('ok      fluent-bit.conf: fluent-bit --dry-run takes it\n');
    expect(stdout).toMatch(/^0 errors, \d+ warnings? in 3 files and \d+ checks$/m);
    expect(code).toBe(0);
    expect(siem.records).toEqual([]);
  });

  test('--send: the SIEM takes a test event, and Fluent Bit acknowledges a message that holds nothing', async () => {
    const { code, stdout } = await doctor('--send', '--binary', binary);
    expect(stdout).toContain('ok      siem: it took a test event: 200\n');
    expect(stdout).toContain(`ok      forward: 127.0.0.1:${ports[1]} (siem) answers and acknowledges\n`);
    expect(code).toBe(0);
    expect(siem.records).toHaveLength(1);
    siem.refuseWith = 403;
    const refused = await doctor('--send', '--binary', binary);
    expect([refused.code, refused.stdout]).toEqual([
      1,
      expect.stringContaining('it did not take a test event: 403'),
    ]);
  });
});

test.each([[['--format', 'xml']], [['--offline', '--send']], [['--what']]])('wrong use: %s', async (args) => {
  expect((await doctor(...args)).code).toBe(2);
});
