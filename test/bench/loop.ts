import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import {
  connectTo,
  forwardInput,
  type LuaFluentBit,
  runFluentBit,
  writeFluentBitConfiguration,
} from './fluent-bit.ts';
import type { Scenario } from './scenarios.ts';
import { type Service, startService } from './service.ts';
import { type StartSubject, untilIdle } from './subject.ts';

/**
 * The whole loop: a collecting Fluent Bit that posts to /map, the service, and a delivering Fluent Bit that throws
 * the lines away. All three count.
 */
export function loopSubject(scenario: Scenario, { path }: LuaFluentBit): StartSubject {
  return async (folder, chunks) => {
    const [input, forward] = (await freePorts(2)) as [number, number];
    const nothing = '[OUTPUT]\n    Name null\n    Match *\n';
    const delivery = runFluentBit(
      path,
      writeFluentBitConfiguration(folder, 'delivery', forwardInput(forward) + nothing),
    );
    const service = await startService(folder, scenario, forward);
    const collector = runFluentBit(
      path,
      writeFluentBitConfiguration(folder, 'collector', forwardInput(input) + mapOutput(service.port)),
    );
    const { send, close } = await connectTo(collector, input);
    const pids = [collector, service.child, delivery].map((child) => child.process.pid!);
    let sent = 0;
    // The collector takes far more than the service: it is not to pile it up.
    const feed = async (milliseconds: number): Promise<number> => {
      const end = performance.now() + milliseconds;
      const before = sent;
      while (performance.now() < end) {
        for (const chunk of chunks) {
          await send(chunk);
          sent += chunk.records;
        }
        await arrive(service, sent - mostWaiting);
      }
      return sent - before;
    };
    return {
      pids,
      feed,
      settle: async () => {
        await arrive(service, sent);
        await untilIdle(pids);
      },
      stop: async () => {
        close();
        for (const child of [collector, service.child, delivery]) await child.stop();
      },
    };
  };
}

/** Records that the collector may have and the service has not. */
const mostWaiting = 40_000;

/** Waits until the service has settled so many records since its start. @throws Error when they don't come */
async function arrive({ port }: Service, records: number): Promise<void> {
  const settled = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^fluent_bit_siem_records_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  };
  if (await until(async () => (await settled()) >= records, 60_000, 200)) return;
  throw new Error(`${await settled()} of ${records} records arrived`);
}

/** As outputs/map.conf has it. */
function mapOutput(port: number): string {
  return `[OUTPUT]
    Name http
    Match *
    Host 127.0.0.1
    Port ${port}
    URI /map/bench
    Format msgpack
    Header_Tag FLUENT-TAG
    Retry_Limit no_limits
`;
}
