import { startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts } from '../../plugin/cli/demo/ports.ts';
import { connectTo, forwardInput, type LuaFluentBit, writeFluentBitConfiguration } from './fluent-bit.ts';
import { sendFor } from './load.ts';
import type { Scenario } from './scenarios.ts';
import { startService } from './service.ts';
import { type StartSubject, untilIdle } from './subject.ts';

/**
 * The whole loop: a collecting Fluent Bit that posts to /map, the service, and a delivering Fluent Bit that throws
 * the lines away. All three count.
 */
export function loopSubject(scenario: Scenario, { path }: LuaFluentBit): StartSubject {
  return async (folder, chunks) => {
    const [input, forward] = (await freePorts(2)) as [number, number];
    const nothing = '[OUTPUT]\n    Name null\n    Match *\n';
    const delivery = startFluentBit(
      path,
      writeFluentBitConfiguration(folder, 'delivery', forwardInput(forward) + nothing),
    );
    const service = await startService(folder, scenario, forward);
    const collector = startFluentBit(
      path,
      writeFluentBitConfiguration(folder, 'collector', forwardInput(input) + mapOutput(service.port)),
    );
    const { send, close } = await connectTo(collector, input);
    const pids = [collector, service.child, delivery].map((child) => child.process.pid!);
    return {
      pids,
      feed: (milliseconds) => sendFor(send, chunks, milliseconds, 4),
      settle: () => untilIdle(pids, 2500),
      stop: async () => {
        close();
        for (const child of [collector, service.child, delivery]) await child.stop();
      },
    };
  };
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
