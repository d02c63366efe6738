import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type Instruction, readDockerfile, type Stage } from './dockerfile.ts';
import { asNobody } from './nobody.ts';

const stages = readDockerfile(readFileSync(join(packageRoot, 'docker/Dockerfile'), 'utf8'));
const final = stages.at(-1)!;
const all = (stage: Stage, name: string): Instruction[] =>
  stage.instructions.filter((one) => one.name === name);

/** What .dockerignore lets through: here all is left out but what a line with ! names. */
const context = readFileSync(join(packageRoot, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe('the Dockerfile', () => {
  test('is of images that are named by their whole version, one and the same', () => {
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1);
    expect(final.image).toMatch(/^node:\d+\.\d+\.\d+-alpine$/);
  });
  test('the final stage is nobody, checks itself, and starts the service', () => {
    expect(all(final, 'USER').map(({ text }) => text)).toEqual(['1000:1000']);
    const names = final.instructions.map(({ name }) => name);
    expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('USER'));
    expect(all(final, 'ENTRYPOINT')[0]!.text).toBe('["node", "/opt/fluent-bit-siem/dist/main.js"]');
    expect(all(final, 'CMD')[0]!.text).toBe('["serve"]');
    expect(all(final, 'HEALTHCHECK')[0]!.text).toBe('CMD ["node", "/opt/fluent-bit-siem/dist/health.js"]');
  });
  test('the final stage installs nothing, and what installs is gone from it', () => {
    const runs = all(final, 'RUN')
      .map(({ text }) => text)
      .join('\n');
    expect(runs).not.toMatch(/apk|apt|curl|wget|npm (?:ci|i|install)/);
    for (const tool of ['npm', 'npx', 'corepack', 'yarn']) expect(runs).toContain(`/usr/local/bin/${tool}`);
    expect(runs).toContain('/usr/local/lib/node_modules');
  });
  test('listens on loopback, and names no secret', () => {
    const settings = stages
      .flatMap((stage) => all(stage, 'ENV'))
      .map(({ text }) => text)
      .join(' ');
    expect(settings).toContain('FLUENT_BIT_SIEM_LISTEN=127.0.0.1:2021');
    expect(settings).not.toMatch(/token|secret|password|key/i);
    expect(stages.flatMap((stage) => all(stage, 'EXPOSE'))).toEqual([]);
  });
  test('every COPY finds what it copies, in the context or in a stage before', () => {
    expect(context[0]).toBe('*');
    for (const [index, stage] of stages.entries()) {
      for (const { text, flags } of all(stage, 'COPY')) {
        const from = flags.get('from');
        if (from !== undefined) {
          expect(stages.slice(0, index).map(({ name }) => name)).toContain(from);
          continue;
        }
        for (const source of text.split(/\s+/).slice(0, -1)) {
          expect(existsSync(join(packageRoot, source)), source).toBe(true);
          expect(context, source).toContain(`!${source}`);
        }
      }
    }
  });
  test('the context holds what is copied, and no more', () => {
    const copied = stages.flatMap((stage) =>
      all(stage, 'COPY')
        .filter(({ flags }) => !flags.has('from'))
        .flatMap(({ text }) => text.split(/\s+/).slice(0, -1)),
    );
    expect(new Set(context.slice(1))).toEqual(new Set(copied.map((one) => `!${one}`)));
  });
});

describe('what the Dockerfile makes, made without Docker', () => {
  let folder: string;
  let image: string;

  // Its own commands, each stage in a folder of its own; npm takes packages from its cache where it can.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
    chmodSync(folder, 0o755);
    const folderOf = (stage: Stage): string => join(folder, stage.name ?? 'final');
    const copy = (from: string, sources: string[], target: string): void => {
      for (const source of sources) {
        const into =
          /(?:^|\/)\.?\/?$/.test(target) || sources.length > 1 ? join(target, basename(source)) : target;
        cpSync(join(from, source), into, { recursive: true });
      }
    };
    for (const stage of stages) {
      const here = folderOf(stage);
      mkdirSync(here);
      for (const { name, text, flags } of stage.instructions) {
        if (name === 'COPY') {
          const parts = text.split(/\s+/);
          const target = parts.pop()!;
          const from = stages.find((one) => one.name !== undefined && one.name === flags.get('from'));
          const sources = parts.map((one) => (from ? one.replace(/^\/build\//, '') : one));
          copy(
            from ? folderOf(from) : packageRoot,
            sources,
            target === './' ? `${here}/` : join(here, target),
          );
        }
        // What the last stage takes away is the base image's.
        if (name === 'RUN' && stage !== final) {
          const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_audit: 'false' };
          const { status, stderr } = spawnSync('sh', ['-c', text], { cwd: here, env, encoding: 'utf8' });
          expect(status, `${text}\n${stderr}`).toBe(0);
        }
      }
    }
    image = folderOf(final);
    spawnSync('chmod', ['-R', 'a-w,a+rX', image]);
  });
  afterAll(() => {
    spawnSync('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('has what runs, and nothing that builds or tests', () => {
    expect(readdirSync(image).sort()).toEqual([
      'LICENSE',
      'dist',
      'mappings',
      'node_modules',
      'package.json',
    ]);
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(image, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies))
      expect(existsSync(join(image, 'node_modules', name)), name).toBe(true);
    for (const name of Object.keys(devDependencies))
      expect(existsSync(join(image, 'node_modules', name))).toBe(false);
  });

  test('starts as nobody where it can write nothing, says that it is healthy, and stops', async () => {
    const [port] = await freePorts(1);
    const listen = `127.0.0.1:${port}`;
    const state = join(folder, 'state');
    mkdirSync(state);
    chmodSync(state, 0o777);
    const entrypoint: string[] = JSON.parse(all(final, 'ENTRYPOINT')[0]!.text);
    const command: string[] = JSON.parse(all(final, 'CMD')[0]!.text);
    const inImage = (args: readonly string[]): string[] =>
      args.map((one) => one.replace('/opt/fluent-bit-siem', image));
    const args = inImage([...entrypoint.slice(1), ...command]);
    const config = ['--config', join(image, 'mappings/destinations.yaml')];
    const environment = {
      FLUENT_BIT_SIEM_LISTEN: listen,
      FLUENT_BIT_SIEM_STATE: join(state, 'state.json'),
      NODE_ENV: 'production',
    };
    const health: string[] = JSON.parse(all(final, 'HEALTHCHECK')[0]!.text.replace(/^CMD /, ''));
    const isHealthy = (): boolean => {
      const [file, more] = asNobody(process.execPath, inImage(health.slice(1)));
      return spawnSync(file, more, { env: { PATH: process.env.PATH, ...environment } }).status === 0;
    };
    expect(isHealthy()).toBe(false);
    const service = new Child(...asNobody(process.execPath, [...args, ...config]), environment);
    try {
      expect(await until(() => Promise.resolve(isHealthy()), 30_000), service.output).toBe(true);
      const answer = await fetch(`http://${listen}/destinations`);
      expect(await answer.json()).toMatchObject({ destinations: [{ name: 'splunk', state: 'direct' }] });
    } finally {
      await service.stop('SIGTERM');
    }
    expect(service.output).toContain('stopping');
  });
});
