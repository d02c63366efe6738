import { findResult, type Result, type Results } from './results.ts';
import { changeOf, spread } from './statistics.ts';
import { names } from './subjects.ts';

/**
 * The results as a table of at most 100 columns. The last column says how much CPU a record costs there, measured by
 * the service: in process for the function written by hand, else by /map.
 */
export function describeResults({ date, machine, versions, rounds, results }: Results): string {
  const rows = results.map((result) => [
    result.scenario,
    result.contender,
    Math.round(result.recordsPerSecond.median).toLocaleString('en-GB'),
    result.cpuPerRecord.median.toFixed(2),
    `±${(spread(result.cpuPerRecord) * 50).toFixed(0)}%`,
    String(Math.round(result.peakMemory.median / 2 ** 20)),
    ratioTo(result, results),
  ]);
  const head = ['scenario', 'who', 'records/s', 'us/record', 'spread', 'MiB', 'ratio'];
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memory / 2 ** 30)} GiB, Linux ${machine.kernel}`,
    `${software.join(', ')}; medians of ${rounds}`,
    '',
    ...alignColumns([head, ...rows], 2),
  ].join('\n');
}

/** `x2.10`: costs 2.1 times as much CPU a record as the service does. */
function ratioTo(result: Result, results: readonly Result[]): string {
  const against = result.contender === names.byHand ? names.path : names.map;
  const service = findResult(results, result.scenario, against);
  const isService = result.contender === names.path || result.contender === names.map;
  if (!service || isService) return '';
  return `x${(result.cpuPerRecord.median / service.cpuPerRecord.median).toFixed(2)}`;
}

/**
 * How each figure of now differs from a former run. What lies beyond the spread of both runs is marked.
 *
 * @returns one line a result that both have
 */
export function describeChanges(before: Results, now: Results): string {
  const rows = now.results.flatMap((result) => {
    const former = findResult(before.results, result.scenario, result.contender);
    if (!former) return [];
    const { share, isBeyondSpread } = changeOf(former.cpuPerRecord, result.cpuPerRecord);
    const verdict = !isBeyondSpread ? '' : share > 0 ? 'slower' : 'faster';
    const percent = `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)}%`;
    const [was, is] = [former, result].map(({ cpuPerRecord }) => cpuPerRecord.median.toFixed(2));
    return [[result.scenario, result.contender, was!, is!, percent, verdict]];
  });
  const head = ['scenario', 'who', 'us before', 'us now', 'change', ''];
  return alignColumns([head, ...rows], 2).join('\n');
}

/** @param texts columns that are texts, at the left; numbers stand at the right of theirs */
function alignColumns(rows: readonly (readonly string[])[], texts: number): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < texts ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
