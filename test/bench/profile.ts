import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { chunksOf, type Scenario } from './scenarios.ts';
import { serviceSubject } from './service.ts';

/** What of V8's .cpuprofile is used here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Ids of nodes, and microseconds before each. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const seconds = 10;
const warmUp = 2;
const longestList = 25;

/**
 * Runs the service under load with Node.js' profiler.
 *
 * @param target folder that keeps the .cpuprofile
 * @returns the functions with most time of their own, a line each
 */
export async function profileMap(scenario: Scenario, folder: string, target: string): Promise<string> {
  const before = new Set(profilesIn(target));
  const node = ['--cpu-prof', `--cpu-prof-dir=${resolve(target)}`];
  const subject = await serviceSubject(scenario, { node })(folder, chunksOf(scenario));
  try {
    await subject.feed(seconds * 1000);
  } finally {
    await subject.stop();
  }
  const file = profilesIn(target).find((name) => !before.has(name));
  if (file === undefined) throw new Error('the service wrote no profile');
  return describe(JSON.parse(readFileSync(join(target, file), 'utf8')));
}

function profilesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  } catch {
    return [];
  }
}

/** Start-up and the first seconds, in which V8 still compiles, are left out. */
function describe({ nodes, samples, timeDeltas }: CpuProfile): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const own = new Map<string, number>();
  let total = 0;
  let left = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  for (const [index, id] of samples.entries()) {
    left -= timeDeltas[index]!;
    if (left > (seconds - warmUp) * 1e6) continue;
    const { functionName, url, lineNumber } = frames.get(id)!;
    if (functionName === '(idle)') continue;
    const where = url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`;
    const key = `${functionName || '(anonymous)'}${where}`;
    own.set(key, (own.get(key) ?? 0) + timeDeltas[index]!);
    total += timeDeltas[index]!;
  }
  return [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, longestList)
    .map(([key, time]) => `${((time / total) * 100).toFixed(1).padStart(5)}%  ${key}`)
    .join('\n');
}
