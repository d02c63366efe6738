import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Measurement } from './measurement.ts';
import { describeChanges, describeResults } from './report.ts';
import { type Results, summariseRuns, thisMachine } from './results.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type Contender, findContenders } from './subjects.ts';

const help = `Usage: npm run bench -- [OPTIONS]

Measures the service, and the peers that are installed, by scenario. All scenarios take about 20 minutes.

  --only NAME      scenario, or SCENARIO/CONTENDER, by a part of each name; may be repeated
  --rounds N       runs of each, taken in turn (default: 5)
  --seconds N      of load in each run, after a warm-up (default: 1.5)
  --json FILE      where the figures go (default: bench-results.json)
  --compare FILE   says what changed since these figures

  FLUENT_BIT_LUA   a Fluent Bit with LuaJIT; else FLUENT_BIT or the one on PATH, if it has it
  SYSLOG_NG        syslog-ng; else the one on PATH
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    json: { type: 'string', default: 'bench-results.json' },
    compare: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(help);
else await main();

/** One contender in one scenario, and what its runs gave. */
interface Entry {
  readonly scenario: Scenario;
  readonly contender: Contender;
  readonly runs: Measurement[];
}

async function main(): Promise<void> {
  // Read first: a file that is not there would waste twenty minutes.
  const before: Results | undefined = values.compare && JSON.parse(readFileSync(values.compare, 'utf8'));
  const { contenders, versions, absent } = findContenders();
  for (const line of absent) process.stdout.write(`not measured: ${line}\n`);
  const entries = scenarios.flatMap((scenario) =>
    contenders
      .filter((contender) => contender.does(scenario) && isWanted(scenario, contender))
      .map((contender): Entry => ({ scenario, contender, runs: [] })),
  );
  const rounds = Number(values.rounds);
  const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-bench-'));
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [index, { scenario, contender, runs }] of entries.entries()) {
        showProgress(`round ${round} of ${rounds}: ${scenario.name}, ${contender.name}`);
        const own = join(folder, `${round}-${index}`);
        runs.push(await contender.run(scenario, own, Number(values.seconds) * 1000));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  showProgress('');
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: { 'Node.js': process.versions.node, ...versions },
    rounds,
    results: entries.map(({ scenario, contender, runs }) =>
      summariseRuns(scenario.name, contender.name, runs),
    ),
  };
  writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${describeResults(results)}\n`);
  if (before) process.stdout.write(`\n${describeChanges(before, results)}\n`);
}

function isWanted({ name: scenario }: Scenario, { name: contender }: Contender): boolean {
  if (values.only.length === 0) return true;
  return values.only.some((wanted) => {
    const [part = '', who = ''] = wanted.split('/');
    return (scenario === part || (part === '' && who !== '')) && contender.includes(who);
  });
}

/** One line that overwrites itself, where somebody looks at it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
