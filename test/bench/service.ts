import { join } from 'node:path';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { endsWithUs } from './children.ts';
import { limitCpu } from './cpu-quota.ts';
import { ForwardReceiver } from './forward-receiver.ts';
import { httpLoad, sendFor } from './load.ts';
import { processTree } from './process-usage.ts';
import { type Scenario, tag, writeConfiguration } from './scenarios.ts';
import type { StartSubject } from './subject.ts';

export interface ServiceOptions {
  /** Node.js' own options. */
  readonly node?: readonly string[];
  /** Options of `serve`. */
  readonly serve?: readonly string[];
  /** How much of a core each process gets that maps, 0 to 1. */
  readonly share?: number;
}

/** A running `serve` with one destination, `bench`. */
export interface Service {
  readonly port: number;
  readonly child: Child;
}

/**
 * Starts the built service as its users do.
 *
 * @param forward port of the Fluent Bit that takes its messages
 */
export async function startService(
  folder: string,
  scenario: Scenario,
  forward: number,
  { node = [], serve = [] }: ServiceOptions = {},
): Promise<Service> {
  const [port] = (await freePorts(1)) as [number];
  const listen = `listen: 127.0.0.1:${port}\n  forward: 127.0.0.1:${forward}\n  state: state.json`;
  const config = writeConfiguration(folder, scenario, listen);
  const main = join(packageRoot, 'dist', 'main.js');
  const child = endsWithUs(
    new Child(process.execPath, [...node, main, 'serve', '--config', config, ...serve]),
  );
  const isReady = async (): Promise<boolean> => {
    if (!child.isRunning) throw new Error(`the service ended:\n${child.output}`);
    return (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok ?? false;
  };
  if (!(await until(isReady, 30_000))) throw new Error(`the service was never ready:\n${child.output}`);
  return { port, child };
}

/** The whole service by HTTP: posts to /map, and a receiver that acknowledges. Both are this process'. */
export function serviceSubject(scenario: Scenario, options: ServiceOptions = {}): StartSubject {
  return async (folder, chunks) => {
    const receiver = new ForwardReceiver();
    await receiver.start();
    const { port, child } = await startService(folder, scenario, receiver.port, options);
    const [main, ...workers] = processTree(child.process.pid!) as [number, ...number[]];
    const unlimit = options.share && limitCpu(workers.length > 0 ? workers : [main], options.share);
    const { send, close } = httpLoad(port, '/map/bench', tag);
    return {
      pids: [main],
      feed: (milliseconds) => sendFor(send, chunks, milliseconds, options.share ? 8 : 4),
      // It answers when everything is done.
      settle: async () => {},
      stop: async () => {
        close();
        await child.stop();
        if (unlimit) unlimit();
        receiver.stop();
      },
    };
  };
}
