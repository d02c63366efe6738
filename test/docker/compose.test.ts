import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Child, startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { firstLines } from '../helpers.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

interface Container {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { condition: string; restart: boolean }>>;
  readonly restart: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly ulimits?: { readonly nofile: number };
}

const folder = join(packageRoot, 'docker/compose');
const compose: { name: string; services: Record<string, Container>; volumes: Record<string, null> } = parse(
  readFileSync(join(folder, 'compose.yaml'), 'utf8'),
  { merge: true },
);
const containers = Object.entries(compose.services);

interface Mount {
  readonly from: string;
  readonly to: string;
  readonly isReadOnly: boolean;
}

function mountsOf({ volumes }: Container): Mount[] {
  return volumes.map((volume) => {
    const [from = '', to = '', mode] = volume.split(':');
    return { from, to, isReadOnly: mode === 'ro' };
  });
}

describe('compose.yaml', () => {
  // The compose specification's schema is not ours to copy; these keys are in it.
  test('has keys of the compose specification only', () => {
    const keys = `image build command volumes network_mode depends_on restart read_only cap_drop security_opt ulimits`;
    for (const [name, container] of containers)
      expect(keys.split(' '), name).toEqual(expect.arrayContaining(Object.keys(container)));
    expect(Object.keys(compose).sort()).toEqual(['name', 'services', 'volumes', 'x-fluent-bit']);
  });
  test.each(containers)(
    '%s is confined: it writes to volumes only, and may nothing else',
    (_name, container) => {
      expect(container).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
      });
      expect(container).not.toHaveProperty('ports');
      expect(container).not.toHaveProperty('environment');
      expect(container.image).toMatch(/^fluent-bit-siem$|:\d+\.\d+\.\d+$/);
    },
  );
  test('the Fluent Bit that delivers may open as many files as batches wait', () => {
    const { up } = /max_chunks_up\s+(?<up>\d+)/.exec(readFileSync(join(folder, 'delivery.conf'), 'utf8'))!
      .groups!;
    expect(compose.services.delivery!.ulimits!.nofile).toBeGreaterThan(3 * Number(up));
  });
  test('all share the network namespace of the service, and wait until it is healthy', () => {
    for (const [name, { network_mode: mode, depends_on: others }] of containers) {
      if (name === 'siem') expect([mode, others]).toEqual([undefined, undefined]);
      else {
        expect(mode).toBe('service:siem');
        expect(others).toEqual({ siem: { condition: 'service_healthy', restart: true } });
      }
    }
    const { context, dockerfile } = compose.services.siem!.build!;
    expect(existsSync(join(folder, context, dockerfile))).toBe(true);
  });
  test('what is mounted is there; named volumes are declared and used', () => {
    const named = new Set<string>();
    for (const { from, isReadOnly } of containers.flatMap(([, container]) => mountsOf(container))) {
      if (!from.startsWith('.')) named.add(from);
      // Docker makes it when it is not there.
      else if (from !== './events') {
        expect(existsSync(join(folder, from)), from).toBe(true);
        expect(isReadOnly, from).toBe(true);
      }
    }
    expect([...named].sort()).toEqual(Object.keys(compose.volumes).sort());
  });
});

/**
 * Containers without Docker: a folder for each, with what is mounted into it, and configuration in which the paths of the
 * container are those of the folder.
 */
class Containers {
  readonly folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));

  constructor() {
    for (const [name, container] of containers) {
      const root = join(this.folder, name);
      mkdirSync(join(root, 'opt'), { recursive: true });
      // The image's own files.
      if (name === 'siem') symlinkSync(packageRoot, join(root, 'opt/fluent-bit-siem'));
      for (const { from, to } of mountsOf(container)) {
        const target = join(root, to);
        mkdirSync(dirname(target), { recursive: true });
        const source = resolve(folder, from);
        if (from.startsWith('.') && from !== './events') cpSync(source, target, { recursive: true });
        else mkdirSync(target, { recursive: true });
      }
      this.rewrite(name, (text) =>
        text.replace(/\/(?:var\/(?:lib|log)|opt|etc)\/(?=\w)/g, (path) => root + path),
      );
    }
  }

  /** A file or folder of a container. */
  path(name: string, path: string): string {
    return join(this.folder, name, path);
  }

  /** Changes the configuration that is mounted into a container. */
  rewrite(name: string, change: (text: string) => string): void {
    for (const { to } of mountsOf(compose.services[name]!)) {
      const target = this.path(name, to);
      const files = statSync(target).isFile() && !to.endsWith('.ndjson') ? [target] : [];
      if (to.endsWith('/inputs')) files.push(join(target, 'filecloud.conf'));
      if (to.endsWith('/outputs')) files.push(join(target, 'dead-letter.conf'));
      for (const file of files) writeFileSync(file, change(readFileSync(file, 'utf8')));
    }
  }

  /** What a container is started with. */
  command(name: string): string[] {
    return compose.services[name]!.command.map((one) => (one.startsWith('/') ? this.path(name, one) : one));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe('the loop, without Docker', () => {
  let all: Containers;
  beforeAll(() => {
    all = new Containers();
  });
  afterAll(() => all.remove());

  test('doctor finds nothing', async () => {
    const config = all.command('siem').at(-1)!;
    const { loaded, diagnostics } = await load(config, {});
    const files = ['collector', 'delivery'].map((name) => all.command(name).at(-1)!);
    const configurations = files.map((file) => readConfiguration(file, diagnostics, {}));
    if (loaded) checkInstallation(new Installation(config, loaded.settings, configurations), diagnostics);
    expect(firstLines(diagnostics)).toEqual([]);
  });

  test('the sample records come out as CEF', async () => {
    const started = Date.now();
    const [listen, forward] = await freePorts(2);
    const { path: binary, version } = await findFluentBit();
    for (const [name] of containers) {
      all.rewrite(name, (text) =>
        text
          .replace(/^(\s+(?:Flush|scheduler\.\w+)\s+)\d+$/gm, '$11')
          .replace(/^(\s+Port\s+)2021$/m, `$1${listen}`)
          .replace(/^(\s+Port\s+)24224$/m, `$1${forward}`)
          .replaceAll(':2021', `:${listen}`)
          .replaceAll(':24224', `:${forward}`)
          // 1.8 refuses the key.
          .replace(/^\s+net\.io_timeout.*\n/gm, version.startsWith('1.') ? '' : '$&'),
      );
    }
    const state = { FLUENT_BIT_SIEM_STATE: all.path('siem', '/var/lib/fluent-bit-siem/state.json') };
    const main = join(packageRoot, 'dist/main.js');
    const children = [
      new Child(process.execPath, [main, ...all.command('siem')], state),
      startFluentBit(binary, all.command('delivery').at(-1)!),
      startFluentBit(binary, all.command('collector').at(-1)!),
    ];
    const sample = all.path('collector', '/var/log/filecloud/audit.ndjson');
    const config = all.command('siem').at(-1)!;
    const trial = ['try', '--destination', 'files', '--config', config, '--tag', 'filecloud.audit', sample];
    const expected = execFileSync(process.execPath, [main, ...trial], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const events = all.path('delivery', '/var/lib/fluent-bit-siem/events/events.cef');
    const lines = (): string[] => (existsSync(events) ? readFileSync(events, 'utf8').trim().split('\n') : []);
    try {
      const isThere = await until(() => lines().length >= expected.length, 60_000);
      expect(isThere, children.map(({ output }) => output).join('\n---\n')).toBe(true);
      expect(expected.length).toBeGreaterThan(50);
      // A record without a time of its own gets that at which it came.
      const untimed = (line: string): string =>
        line.replace(/\brt=(\d+)/, (whole, time: string) => (Number(time) > started ? 'rt=now' : whole));
      expect(lines().map(untimed).sort()).toEqual(expected.map(untimed).sort());
    } finally {
      await Promise.all(children.map((child) => child.stop('SIGKILL')));
    }
  });
});
