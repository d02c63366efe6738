import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findDisagreements } from './agreement.ts';
import { describeGoals, goals } from './goals.ts';
import { describeLatency, measureLatency } from './latency.ts';
import type { Measurement } from './measurement.ts';
import { profileMap } from './profile.ts';
import { describeChanges, describeResults } from './report.ts';
import { type Results, summariseRuns, thisMachine } from './results.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { describeSoak, soak } from './soak.ts';
import { type Contender, findContenders } from './subjects.ts';

const help = `Usage: npm run bench -- [OPTIONS]

Measures the service, and the peers that are installed, by scenario. All of it takes about 40 minutes.

  --only NAME      scenario, CONTENDER in all scenarios as /CONTENDER, or SCENARIO/CONTENDER; may be repeated.
                   A contender is named by a part of its name; 'latency' is a scenario as well
  --rounds N       runs of each, taken in turn (default: 5)
  --seconds N      of load in each run, after six of warm-up (default: 1.5)
  --json FILE      where the figures go (default: bench-results.json)
  --compare FILE   says what changed since these figures
  --soak SECONDS   memory under the load of 2 MB chunks, and nothing else
  --profile FOLDER a CPU profile of the service under load, and nothing else

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
    soak: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** One contender in one scenario, and what its runs gave. */
interface Entry {
  readonly scenario: Scenario;
  readonly contender: Contender;
  readonly runs: Measurement[];
}

const folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
if (values.help) say(help);
else if (values.soak !== undefined) await runSoak(Number(values.soak));
else if (values.profile !== undefined) say(await profileMap(scenario('mix'), folder, values.profile));
else await compareAll();

async function compareAll(): Promise<void> {
  // Read first: a file that is not there would waste forty minutes.
  const before: Results | undefined = values.compare && JSON.parse(readFileSync(values.compare, 'utf8'));
  const { contenders, versions, absent, fluentBit, syslogNg } = findContenders();
  for (const line of absent) say(`not measured: ${line}`);
  if (isWanted('mix')) {
    const disagreements = await findDisagreements(folder, fluentBit, syslogNg);
    for (const line of disagreements) say(line);
    if (disagreements.length === 0) say('all contenders say the same of 500 records of the mix');
  }
  const entries = scenarios.flatMap((one) =>
    contenders
      .filter((contender) => contender.does(one) && isWanted(one.name, contender.name))
      .map((contender): Entry => ({ scenario: one, contender, runs: [] })),
  );
  if (entries.length === 0 && !isWanted('latency')) return say('nothing is called that, or it is not here');
  const rounds = Number(values.rounds);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { scenario: one, contender, runs }] of entries.entries()) {
      showProgress(`round ${round} of ${rounds}: ${one.name}, ${contender.name}`);
      runs.push(await contender.run(one, join(folder, `${round}-${index}`), Number(values.seconds) * 1000));
    }
  }
  showProgress('');
  const latency = isWanted('latency') ? await measureLatency(scenario('mix'), folder, 5) : undefined;
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: { 'Node.js': process.versions.node, ...versions },
    rounds,
    results: entries.map(({ scenario: one, contender, runs }) =>
      summariseRuns(one.name, contender.name, runs),
    ),
    latency,
  };
  writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  if (entries.length > 0) say(describeResults(results));
  if (latency) say(`\n${describeLatency(latency)}`);
  const reached = describeGoals(goals(results));
  if (reached) say(`\n${reached}`);
  if (before) say(`\n${describeChanges(before, results)}`);
}

async function runSoak(seconds: number): Promise<void> {
  const found = await soak(scenario('mix-2mb'), folder, seconds);
  say(describeSoak(found));
  say(describeGoals(goals({ results: [], soak: found })));
}

function scenario(name: string): Scenario {
  return scenarios.find((one) => one.name === name)!;
}

function isWanted(name: string, contender = ''): boolean {
  if (values.only.length === 0) return true;
  return values.only.some((wanted) => {
    const slash = wanted.indexOf('/');
    const [part, who] = slash < 0 ? [wanted, ''] : [wanted.slice(0, slash), wanted.slice(slash + 1)];
    return (part === name || part === '') && contender.includes(who);
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line that overwrites itself, where somebody looks at it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
