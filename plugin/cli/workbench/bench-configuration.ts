import type { BenchConfiguration } from '../../workbench/bench.ts';
import { StandIns } from '../../workbench/stand-in.ts';
import type { Snapshot } from '../config-files.ts';
import { checkExamples } from '../examples.ts';
import { loadWithoutSecrets } from '../load.ts';
import { describeFindings } from '../report.ts';

/** These override settings that the workbench has no use for. */
const ownVariables = new Set(['FLUENT_BIT_SIEM_LISTEN', 'FLUENT_BIT_SIEM_FORWARD', 'FLUENT_BIT_SIEM_STATE']);

/**
 * Compiles a configuration for the workbench: the same files, with a fixed word wherever a secret stands.
 *
 * @throws Error with the findings, where a destination can't be what it is without its secrets
 */
export async function benchConfiguration(config: string, snapshot: Snapshot): Promise<BenchConfiguration> {
  const standIns = new StandIns();
  const result = await loadWithoutSecrets(config, snapshot, {
    environment: (name) => (ownVariables.has(name) ? undefined : standIns.environment(name)),
    file: standIns.file,
  });
  if (!result.loaded) throw new Error(describeFindings(result));
  const { destinations, functions } = result.loaded;
  return { destinations, functions, texts: result.texts, standIns: standIns.references, checkExamples };
}
