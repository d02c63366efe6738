import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDestination } from '../../plugin/cli/load.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { parseJson, toJsonText } from '../../plugin/mapping/json.ts';

/** One sample record and the tag it has in Fluent Bit. */
export interface Sample {
  readonly tag: string;
  readonly record: AuditRecord;
  /** As it stands in its file. */
  readonly line: string;
}

export const audit = samplesOf('filecloud.audit', 'mappings', 'examples', 'filecloud-audit.ndjson');
export const alerts = samplesOf('filecloud.alert', 'test', 'data', 'filecloud-system-alerts.ndjson');
/** Files.com's: a log type and a record each. */
export const filescom = samplesOf('', 'test', 'data', 'filescom.ndjson').map(({ record: both }): Sample => {
  const { log_type, record } = both as { log_type: string; record: AuditRecord };
  return { tag: `filescom.${log_type}`, record, line: toJsonText(record) };
});

function samplesOf(tag: string, ...path: string[]): Sample[] {
  const lines = readFileSync(join(packageRoot, ...path), 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => ({ tag, line, record: parseJson(line) as AuditRecord }));
}

/**
 * What a destination's events should be, computed without any Fluent Bit; as JSON would carry them.
 *
 * @param received the time of records that have none
 */
export function expected(
  { map, render }: LoadedDestination,
  samples: readonly Sample[],
  received = 0,
): Record<string, unknown>[] {
  return samples.flatMap(({ record, tag }) => {
    const problems = noProblems();
    const outcome = map(record, tag, received, problems);
    const events = outcome.kind === 'mapped' ? outcome.events : [];
    return events.map((event) => parseJson(toJsonText(render(event, problems))) as Record<string, unknown>);
  });
}

/** In an order of their own, so that two lists can be compared: Fluent Bit promises none. */
export function sorted(values: readonly unknown[]): unknown[] {
  return values
    .map((value) => [toJsonText(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
}
