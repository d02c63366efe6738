import { readFileSync } from 'node:fs';
import { type AuditRecord, noProblems } from '../compile/event.ts';
import { isRecord } from '../fluent/entry.ts';
import { formats, passedRecord } from '../format/index.ts';
import type { OutgoingRecord } from '../format/render.ts';
import { sentinelSchema } from '../format/sentinel-schema.ts';
import { toJsonText, tryParseJson } from '../mapping/json.ts';
import type { MappingSet } from '../mapping/model.ts';
import { suggestion } from '../mapping/suggest.ts';
import { findDestination, type LoadedDestination, load } from './load.ts';
import { describeFindings } from './report.ts';
import { command, configOption, destinationOption, exit, UsageError } from './usage.ts';

const parts = ['records', 'table', 'rule'] as const;
type Part = (typeof parts)[number];

export const sample = command(
  {
    name: 'sample',
    summary: 'sample events in the shape a destination gets',
    description: `Prints sample events in exactly the shape that the destination gets, for a SIEM that wants to see some before it
takes any. They are made from the examples in the mapping files, or from records of your own. JSON shapes are printed as one
JSON array, lines as lines, CSV with the names of its columns in front.

For a sentinel destination it prints one JSON object: the records, the table's schema (the body of PUT
.../tables/<table>), and the data collection rule's stream declaration and data flow.`,
    operand: { name: 'FILE', about: 'records of your own, as NDJSON' },
    options: {
      destination: destinationOption,
      config: configOption,
      'log-type': {
        type: 'string',
        value: 'TYPE',
        about: 'only mapping files for this log type: the tag they match, or its last part (sftp_action)',
      },
      only: { type: 'string', choices: parts, about: 'for sentinel: one part of the object' },
    },
    exits: ['fine', 'no mapping file has examples and no FILE was given, or the mappings have errors'],
    examples: [
      [
        'fluent-bit-siem sample --destination splunk --log-type sftp_action',
        'what Splunk gets of one log type',
      ],
      [
        'fluent-bit-siem sample --destination sentinel --only table > table.json',
        'the schema of the table to be made',
      ],
    ],
  },
  async (values, [file]) => {
    const result = await load(values.config);
    if (result.diagnostics.all.length > 0) process.stderr.write(`${describeFindings(result)}\n`);
    if (!result.loaded) return exit.findings;
    const destination = findDestination(result.loaded, values.destination);
    const sets = setsFor(destination.sets, values['log-type']);
    const events = file === undefined ? examplesOf(destination, sets) : recordsOf(destination, sets, file);
    if (events.length === 0) {
      process.stderr.write('no mapping file has examples: give a FILE with records as NDJSON\n');
      return exit.findings;
    }
    process.stdout.write(`${shown(destination, sets, events, values.only)}\n`);
    return exit.fine;
  },
);

function setsFor(sets: readonly MappingSet[], type: string | undefined): readonly MappingSet[] {
  if (type === undefined) return sets;
  const namesOf = ({ match }: MappingSet): string[] => [match, match.split('.').at(-1)!];
  const found = sets.filter((set) => namesOf(set).includes(type));
  if (found.length > 0) return found;
  const names = [...new Set(sets.map((set) => namesOf(set)[1]!))];
  throw new UsageError(`no mapping file is for the log type '${type}': ${suggestion(type, names)}`);
}

/** The events of the examples that stand beside the mappings. */
function examplesOf(destination: LoadedDestination, sets: readonly MappingSet[]): OutgoingRecord[] {
  return sets.flatMap((set) =>
    set.mappings.flatMap(({ examples }) =>
      examples.flatMap(({ record }) => render(destination, record, tagOf(set))),
    ),
  );
}

/** The events of an administrator's own records. */
function recordsOf(
  destination: LoadedDestination,
  sets: readonly MappingSet[],
  file: string,
): OutgoingRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const tag = sets.length === 1 ? tagOf(sets[0]!) : '';
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const record = tryParseJson(line);
    if (isRecord(record)) return render(destination, record, tag);
    process.stderr.write(`line ${index + 1}: no JSON object\n`);
    return [];
  });
}

/** A tag that the file is for; '' where its pattern leaves it open. */
function tagOf({ match }: MappingSet): string {
  return match.includes('*') ? '' : match;
}

function render(
  { map, render, settings }: LoadedDestination,
  record: AuditRecord,
  tag: string,
): OutgoingRecord[] {
  const now = Date.now();
  const outcome = map(record, tag, now, noProblems());
  const passes = outcome.kind === 'unmapped' && settings.unmapped === 'pass';
  const events = outcome.kind === 'mapped' ? outcome.events : passes ? [passedRecord(record, tag, now)] : [];
  return events.map((event) => render(event, noProblems()));
}

function shown(
  { settings }: LoadedDestination,
  sets: readonly MappingSet[],
  events: readonly OutgoingRecord[],
  only: Part | undefined,
): string {
  if (formats.get(settings.format)!.isText) {
    const lines = events.map(({ message }) => String(message));
    return (settings.format === 'csv' ? [csvHeader(settings.csv.columns), ...lines] : lines).join('\n');
  }
  const records = `[\n${events.map((event) => toJsonText(event)).join(',\n')}\n]`;
  if (settings.format !== 'sentinel') return records;
  const schema = sentinelSchema(settings, sets, events);
  const texts: Record<Part, string> = {
    records,
    table: JSON.stringify(schema.table ?? null, null, 2),
    rule: JSON.stringify(schema.rule, null, 2),
  };
  if (only !== undefined) return texts[only];
  return `{\n${parts.map((part) => `"${part}": ${texts[part]}`).join(',\n')}\n}`;
}

function csvHeader(columns: readonly string[]): string {
  return [...columns, 'rest'].map((column) => `"${column.replaceAll('"', '""')}"`).join(',');
}
