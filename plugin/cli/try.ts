import { createReadStream } from 'node:fs';
import { noProblems } from '../compile/event.ts';
import { explain } from '../compile/explain.ts';
import { problemNotes } from '../compile/problem-notes.ts';
import { isRecord } from '../fluent/entry.ts';
import { formats, passedRecord } from '../format/index.ts';
import { toJsonText, tryParseJson } from '../mapping/json.ts';
import { LineWriter } from './line-writer.ts';
import { findDestination, type LoadedDestination, load } from './load.ts';
import { lineGroupsOf } from './ndjson.ts';
import { describeFindings } from './report.ts';
import { command, configOption, destinationOption, exit } from './usage.ts';

export const tryCommand = command(
  {
    name: 'try',
    summary: 'records in, what the SIEM would get out',
    description: `Reads records as NDJSON and prints what the SIEM would get: one line an event, the CEF or LEEF line itself or
one JSON object. A record that gives no event gives no line and a note on stderr. Nothing is sent.`,
    operand: { name: 'FILE', about: 'the records; stdin when there is none, or -' },
    options: {
      destination: destinationOption,
      config: configOption,
      tag: {
        type: 'string',
        value: 'TAG',
        about: "Fluent Bit's tag of the records; without it every mapping file is tried",
      },
      explain: {
        type: 'boolean',
        about:
          "after each record's events: which mapping made them and why not those before it, and for each value where it came from or why it was left out",
      },
    },
    environment: {
      'NAME of ${NAME}':
        'what destinations.yaml and mapping files take from the environment: it must be set here as well',
    },
    exits: ['all lines were records', 'some were not, or the mappings have errors'],
    examples: [
      [
        'fluent-bit-siem try --destination splunk --tag filecloud.audit audit.ndjson',
        'what Splunk would get',
      ],
      [
        'tail -n 1 audit.ndjson | fluent-bit-siem try --destination splunk --explain',
        'why the last record is what it is',
      ],
    ],
  },
  async (values, [file = '-']) => {
    const result = await load(values.config);
    if (result.diagnostics.all.length > 0) process.stderr.write(`${describeFindings(result)}\n`);
    if (!result.loaded) return exit.findings;
    const destination = findDestination(result.loaded, values.destination);
    return render(destination, values.tag ?? '', file, values.explain);
  },
);

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
  for (const text of problemNotes(problems)) note(text);
  return lines;
}
