import { execFileSync } from 'node:child_process';
import { accessSync, constants, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Child, startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { endsWithUs } from './children.ts';
import { ForwardReceiver } from './forward-receiver.ts';
import { forwardLoad, sendFor } from './load.ts';
import { tag } from './scenarios.ts';
import { type StartSubject, untilIdle } from './subject.ts';

/** A Fluent Bit that can run the filter. */
export interface LuaFluentBit {
  readonly path: string;
  readonly version: string;
}

/** FLUENT_BIT_LUA, else FLUENT_BIT or the one on PATH; undefined when none has the Lua filter with LuaJIT. */
export function findLuaFluentBit(): LuaFluentBit | undefined {
  const { FLUENT_BIT_LUA, FLUENT_BIT, PATH = '' } = process.env;
  const onPath = PATH.split(delimiter).map((folder) => join(folder, 'fluent-bit'));
  for (const path of [FLUENT_BIT_LUA, FLUENT_BIT, ...onPath]) {
    if (!path || !isExecutable(path)) continue;
    const help = execFileSync(path, ['--help'], { encoding: 'utf8' });
    if (!/^\s*lua\s/m.test(help) || !help.includes('FLB_HAVE_LUAJIT')) continue;
    const version = /v(\S+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
    return { path, version };
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Seconds between two flushes. */
const flush = 1;

/** Writes a configuration. @returns its path */
export function writeFluentBitConfiguration(folder: string, name: string, stanzas: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.conf`);
  writeFileSync(path, `[SERVICE]\n    Flush ${flush}\n    Log_Level warn\n${stanzas}`);
  return path;
}

/** Starts it; it ends with this process. */
export function runFluentBit(path: string, config: string): Child {
  return endsWithUs(startFluentBit(path, config));
}

/** [INPUT] forward, as everything here is fed. */
export function forwardInput(port: number): string {
  return `[INPUT]\n    Name forward\n    Listen 127.0.0.1\n    Port ${port}\n`;
}

/** Connects as soon as it listens. */
export async function connectTo(child: Child, port: number): ReturnType<typeof forwardLoad> {
  let load: Awaited<ReturnType<typeof forwardLoad>> | undefined;
  const connects = async (): Promise<boolean> => {
    if (!child.isRunning) throw new Error(`Fluent Bit ended:\n${child.output}`);
    load = await forwardLoad(port, tag).catch(() => undefined);
    return load !== undefined;
  };
  if (!(await until(connects, 30_000))) throw new Error(`Fluent Bit never listened:\n${child.output}`);
  return load!;
}

/**
 * Fluent Bit with the Lua filter: chunks in by forward, with acknowledgements; lines thrown away, or sent on by
 * forward as the service sends them.
 */
export function luaSubject({ path }: LuaFluentBit, output: 'null' | 'forward'): StartSubject {
  return async (folder, chunks) => {
    const [port] = (await freePorts(1)) as [number];
    const receiver = new ForwardReceiver();
    await receiver.start();
    const child = runFluentBit(path, luaConfiguration(folder, port, output, receiver.port));
    const { send, close } = await connectTo(child, port);
    const pids = [child.process.pid!];
    return {
      pids,
      feed: (milliseconds) => sendFor(send, chunks, milliseconds, 4),
      settle: () => untilIdle(pids),
      stop: async () => {
        close();
        await child.stop();
        receiver.stop();
      },
    };
  };
}

/** @param receiver port of what takes the lines when the output is forward */
export function luaConfiguration(
  folder: string,
  port: number,
  output: 'null' | 'forward',
  receiver: number,
): string {
  mkdirSync(folder, { recursive: true });
  cpSync(join(packageRoot, 'test', 'bench', 'filecloud.lua'), join(folder, 'filecloud.lua'));
  const forward = `    Host 127.0.0.1\n    Port ${receiver}\n    Require_ack_response true\n`;
  return writeFluentBitConfiguration(
    folder,
    'lua',
    `${forwardInput(port)}
[FILTER]
    Name lua
    Match *
    Script filecloud.lua
    Call to_cef
[OUTPUT]
    Name ${output}
    Match *
${output === 'forward' ? forward : ''}`,
  );
}
