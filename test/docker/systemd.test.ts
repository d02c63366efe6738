import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';

const folder = join(packageRoot, 'docker/systemd');
const units = readdirSync(folder);
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Settings of a unit by section; one that stands there again has all its values. */
function readUnit(name: string): Record<string, Record<string, string[]>> {
  const sections: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> = {};
  for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
    const [, title] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (title) {
      section = {};
      sections[title] = section;
    } else if (key) section[key] = [...(section[key] ?? []), value!];
    else expect(line).toMatch(/^(#.*)?$/);
  }
  return sections;
}

test('the Fluent Bit that delivers may open a file for each batch that waits, and another for its next try', () => {
  const configuration = readFileSync(join(packageRoot, 'fluent-bit.conf'), 'utf8');
  const up = Number(/^ +storage\.max_chunks_up +(\d+)$/m.exec(configuration)![1]);
  const { Service } = readUnit('fluent-bit-siem-delivery.service');
  expect(Number(Service!.LimitNOFILE![0])).toBeGreaterThan(3 * up);
});

describe.each(units)('%s', (name) => {
  const { Unit, Service, Install } = readUnit(name);

  test('runs as a user of its own, starts again, and has time to stop', () => {
    expect(Service).toMatchObject({ User: ['fluent-bit-siem'], Restart: ['on-failure'] });
    expect(Number(Service!.TimeoutStopSec![0])).toBeGreaterThanOrEqual(30);
    expect(Install).toEqual({ WantedBy: ['multi-user.target'] });
    expect(Unit!.After).toEqual(['network-online.target']);
  });
  test('writes nowhere but to its state, and may nothing else', () => {
    expect(Service).toMatchObject({
      ProtectSystem: ['strict'],
      ProtectHome: ['yes'],
      NoNewPrivileges: ['yes'],
      CapabilityBoundingSet: [''],
      PrivateTmp: ['yes'],
      UMask: ['0077'],
    });
    expect(Service!.StateDirectory![0]).toMatch(/^fluent-bit-siem/);
  });
  test.runIf(hasSystemd)('systemd takes it, and finds it well confined', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
    try {
      // What it starts need not be on this machine.
      const text = readFileSync(join(folder, name), 'utf8').replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true');
      const file = join(scratch, name);
      writeFileSync(file, text);
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
      expect([verified.status, verified.stderr]).toEqual([0, '']);
      const args = ['security', '--offline=yes', '--threshold=20', file];
      const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
      expect(status, stdout).toBe(0);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});

test('they start what docs/install.md installs', () => {
  const install = readFileSync(join(packageRoot, 'docs/install.md'), 'utf8');
  for (const name of units) {
    for (const path of [...readFileSync(join(folder, name), 'utf8').matchAll(/\/etc\/fluent-bit-siem\b/g)])
      expect(install).toContain(path[0]);
    expect(install).toContain(name.replace('.service', ''));
  }
  expect(install).toContain('--prefix /opt/fluent-bit-siem');
});
