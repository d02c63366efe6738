import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { hasCpuQuotas } from './cpu-quota.ts';
import { findLuaFluentBit, type LuaFluentBit, luaSubject } from './fluent-bit.ts';
import { loopSubject } from './loop.ts';
import type { Measurement } from './measurement.ts';
import { chunksOf, type Scenario } from './scenarios.ts';
import { serviceSubject } from './service.ts';
import { measure, type StartSubject } from './subject.ts';
import { findSyslogNg, type SyslogNg, syslogNgSubject } from './syslog-ng.ts';

/** Who does a scenario's work. */
export interface Contender {
  readonly name: string;
  /** Whether it can do this scenario. */
  readonly does: (scenario: Scenario) => boolean;
  /** One run. */
  readonly run: (scenario: Scenario, folder: string, milliseconds: number) => Promise<Measurement>;
}

/** What takes part, and with which version; and what does not, with the reason. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly versions: Readonly<Record<string, string>>;
  readonly absent: readonly string[];
  readonly fluentBit: LuaFluentBit | undefined;
  readonly syslogNg: SyslogNg | undefined;
}

/** Names of contenders, as the report and results have them. */
export const names = {
  path: 'service, in process',
  byHand: 'JavaScript by hand',
  map: 'service, /map',
  twoWorkers: 'service, 2 workers',
  half: 'half a core',
  twoHalves: '2 workers, half each',
  lua: 'Fluent Bit + Lua',
  luaForward: 'Fluent Bit + Lua, fwd',
  syslogNg: 'syslog-ng',
  loop: 'whole loop',
} as const;

const always = (): boolean => true;
const whereThereArePeers = ({ hasPeers = false }: Scenario): boolean => hasPeers;

/** Everyone that is installed here. */
export function findContenders(): Field {
  const versions: Record<string, string> = {};
  const absent: string[] = [];
  const contenders: Contender[] = [
    { name: names.path, does: always, run: inProcess('service') },
    { name: names.byHand, does: whereThereArePeers, run: inProcess('hand-written') },
    { name: names.map, does: always, run: outside((scenario) => serviceSubject(scenario)) },
  ];
  const peer = (name: string, start: (scenario: Scenario) => StartSubject): void => {
    contenders.push({ name, does: whereThereArePeers, run: outside(start) });
  };
  if (hasWorkers()) {
    const twoWorkers = { serve: ['--workers', '2'] };
    peer(names.twoWorkers, (scenario) => serviceSubject(scenario, twoWorkers));
    // The load generator needs the rest of two cores: two whole workers would share with it what one has for itself.
    if (hasCpuQuotas()) {
      peer(names.half, (scenario) => serviceSubject(scenario, { share: 0.5 }));
      peer(names.twoHalves, (scenario) => serviceSubject(scenario, { ...twoWorkers, share: 0.5 }));
    } else absent.push(`${names.twoHalves}: it takes root, and control groups that bound CPU`);
  } else absent.push(`${names.twoWorkers}: this build's serve has no --workers`);

  const fluentBit = findLuaFluentBit();
  if (fluentBit) {
    versions['Fluent Bit'] = fluentBit.version;
    peer(names.lua, () => luaSubject(fluentBit, 'null'));
    peer(names.luaForward, () => luaSubject(fluentBit, 'forward'));
    peer(names.loop, (scenario) => loopSubject(scenario, fluentBit));
  } else absent.push('Fluent Bit: none with LuaJIT (FLUENT_BIT_LUA=/path)');

  const syslogNg = findSyslogNg();
  if (syslogNg) {
    versions[names.syslogNg] = syslogNg.version;
    peer(names.syslogNg, () => syslogNgSubject(syslogNg));
  } else absent.push('syslog-ng: not installed (Debian: syslog-ng-core), or SYSLOG_NG=/path');
  return { contenders, versions, absent, fluentBit, syslogNg };
}

/** In a process of its own, so that no scenario warms another. */
function inProcess(way: 'service' | 'hand-written'): Contender['run'] {
  return async ({ name }, folder, milliseconds) => {
    const args = [join(import.meta.dirname, 'in-process.js'), way, name, folder, String(milliseconds / 1000)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  };
}

function outside(start: (scenario: Scenario) => StartSubject): Contender['run'] {
  return (scenario, folder, milliseconds) =>
    measure(start(scenario), folder, chunksOf(scenario), milliseconds);
}

function hasWorkers(): boolean {
  const main = join(packageRoot, 'dist', 'main.js');
  return execFileSync(process.execPath, [main, 'serve', '--help'], { encoding: 'utf8' }).includes(
    '--workers',
  );
}
