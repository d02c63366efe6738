import { load } from '../../plugin/cli/load.ts';
import { benchConfiguration } from '../../plugin/cli/workbench/bench-configuration.ts';
import type { DestinationAnswer, RenderAnswer, RenderRequest } from '../../plugin/workbench/answer.ts';
import { type BenchConfiguration, renderOnBench } from '../../plugin/workbench/bench.ts';
import { received } from '../helpers.ts';

/** The workbench on a configuration, without a thread. Its own environment is never asked. */
export async function benchOn(
  config: string,
  environment: Record<string, string> = {},
): Promise<(request: RenderRequest) => RenderAnswer> {
  const { snapshot, loaded } = await load(config, environment);
  if (!loaded) throw new Error(`${config} has errors`);
  const configuration: BenchConfiguration = await benchConfiguration(config, snapshot);
  return (request) => renderOnBench(configuration, request, received);
}

/** The answer of the only destination, or of the one with the name. */
export function of({ destinations }: RenderAnswer, name = destinations[0]?.name): DestinationAnswer {
  return destinations.find((one) => one.name === name)!;
}
