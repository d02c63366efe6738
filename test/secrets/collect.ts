import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run's output is collected; the name of an environment variable that test/setup/secrets.ts sets. */
export const collectedIn = 'FLUENT_BIT_SIEM_TEST_OUTPUT';

/**
 * Keeps what the service said, to be searched for secrets at the end of the run.
 *
 * @param source what said it; a file name
 */
export function collect(source: string, text: string | Uint8Array): void {
  const folder = process.env[collectedIn];
  if (folder !== undefined) appendFileSync(join(folder, source), text);
}
