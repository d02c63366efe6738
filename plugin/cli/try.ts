import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { noProblems } from '../compile/event.ts';
import { explain } from '../compile/explain.ts';
import { isRecord } from '../fluent/entry.ts';
import { formats, passedRecord } from '../format/index.ts';
import { toJsonText, tryParseJson } from '../mapping/json.ts';
import { LineWriter } from './line-writer.ts';
import { findDestination, type LoadedDestination, load } from './load.ts';
import { lineGroupsOf } from './ndjson.ts';
import { describeFindings, plural } from './report.ts';
import { type Command, defaultConfig, exit, UsageError } from './usage.ts';

export const tryCommand: Command = {
  name: 'try',
  summary: 'records in, what the SIEM would get out',
  help: `Usage: fluent-bit-siem try --destination NAME [--config FILE] [--tag TAG] [--explain] [FILE]

Reads records as NDJSON from FILE (or stdin) and prints what the SIEM would get: one line an event, the CEF
line itself or one JSON object. A record that gives no event gives no line and a note on stderr.
Exit code 0: all lines were records; 1: some were not, or the mappings have errors; 2: wrong use.

  --destination NAME   which destination of destinations.yaml
  --config FILE        destinations.yaml (default: ${defaultConfig})
  --tag TAG            Fluent Bit's tag of the records; without it every mapping file is tried
  --explain            after each record's events: which mapping made them and why not those before it, and for
                       each value where it came from or why it was left out`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        destination: { type: 'string' },
        config: { type: 'string', default: defaultConfig },
        tag: { type: 'string', default: '' },
        explain: { type: 'boolean', default: false },
      },
    });
    if (values.destination === undefined) throw new UsageError('--destination is missing');
    if (positionals.length > 1) throw new UsageError(`one FILE at most, not ${positionals.length}`);
    const result = await load(values.config);
    if (result.diagnostics.all.length > 0) process.stderr.write(`${describeFindings(result)}\n`);
    if (!result.loaded) return exit.findings;
    const destination = findDestination(result.loaded, values.destination);
    const [file = '-'] = positionals;
    return render(destination, values.tag, file, values.explain);
  },
};

async function render(
  destination: LoadedDestination,
  tag: string,
  file: string,
  explained: boolean,
): Promise<number> {
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 2 ** 18 });
  const output = new LineWriter(process.stdout);
  let failed = false;
  let number = 0;
  const note = (text: string): void => {
    output.push();
    process.stderr.write(`line ${number}: ${text}\n`);
  };
  for await (const lines of lineGroupsOf(input)) {
    for (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      const record = tryParseJson(number === 1 ? line.replace(/^\ufeff/, '') : line);
      if (!isRecord(record)) {
        failed = true;
        note('no JSON object');
        continue;
      }
      for (const text of renderRecord(destination, tag, record, note)) output.add(text);
      if (!explained) continue;
      for (const text of explain(destination.sets, record, tag)) output.add(`    ${text}`);
    }
    await output.flush();
  }
  return failed ? exit.findings : exit.fine;
}

function renderRecord(
  { map, render, settings }: LoadedDestination,
  tag: string,
  record: Readonly<Record<string, unknown>>,
  note: (text: string) => void,
): string[] {
  const problems = noProblems();
  const now = Date.now();
  const outcome = map(record, tag, now, problems);
  const passes = outcome.kind === 'unmapped' && settings.unmapped === 'pass';
  if (outcome.kind === 'filtered') note('filtered out by a prefilter');
  if (outcome.kind === 'unmapped' && !passes) note('unmapped: no mapping is for it');
  const events = outcome.kind === 'mapped' ? outcome.events : passes ? [passedRecord(record, tag, now)] : [];
  const lines = events.map((event) => {
    const outgoing = render(event, problems);
    return formats.get(settings.format)!.isText ? String(outgoing.message) : toJsonText(outgoing);
  });
  const { failedValues, shortenedValues, mistypedValues, clampedSeverities } = problems;
  if (failedValues > 0) note(`${plural(failedValues, 'value')} could not be rendered and left out`);
  if (shortenedValues > 0) note(`${plural(shortenedValues, 'value')} cut to the length that may be`);
  if (mistypedValues > 0) note(`${plural(mistypedValues, 'value')} not of the type that the key is for`);
  if (clampedSeverities > 0) note('the severity is outside the range of the format and was moved to its end');
  return lines;
}
