import { type Event, noProblems, type Problems } from '../plugin/compile/event.ts';
import { compileMapper } from '../plugin/compile/mapper.ts';
import { formats } from '../plugin/format/index.ts';
import type { OutgoingRecord } from '../plugin/format/render.ts';
import { readSettings } from '../plugin/mapping/destinations.ts';
import { Diagnostics, formatDiagnostic } from '../plugin/mapping/diagnostic.ts';
import { toJsonText } from '../plugin/mapping/json.ts';
import { readMappingFile } from '../plugin/mapping/mapping-file.ts';
import type { MappingSet } from '../plugin/mapping/model.ts';
import type { Secrets } from '../plugin/mapping/secret.ts';
import type { DestinationSettings } from '../plugin/mapping/settings.ts';

/** 2026-03-02T08:00:00.000Z: the time at which Fluent Bit got every record of a test. */
export const received = 1772438400000;

/** Reads mapping files that must be right (warnings do no harm); the findings are the error otherwise. */
export function mappingSets(...texts: string[]): MappingSet[] {
  const diagnostics = new Diagnostics();
  const sets = texts.map((text, index) => readMappingFile(`map${index + 1}.yaml`, text, diagnostics));
  if (diagnostics.hasErrors) throw new Error(diagnostics.all.map(formatDiagnostic).join('\n'));
  return sets.map((set) => set!);
}

/** The first lines of all findings about a mapping file. */
export function findingsIn(text: string): string[] {
  const diagnostics = new Diagnostics();
  readMappingFile('map.yaml', text, diagnostics);
  return firstLines(diagnostics);
}

/** What stands in the first line of each finding: `file:line:col: error CODE: message`. */
export function firstLines(diagnostics: Diagnostics): string[] {
  return diagnostics.all.map((diagnostic) => formatDiagnostic(diagnostic).split('\n')[0]!);
}

/** Secrets of a test: variables of the environment, and files. */
export function secretsOf(
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): Secrets {
  return { environment: (name) => environment[name], file: (path) => files[path] };
}

/** An event as a mapping would make it, with what a test is not about left out. */
export function eventOf(more: Partial<Event> = {}): Event {
  return {
    eventClass: 'c',
    eventName: 'n',
    severity: 2,
    extension: [],
    time: received,
    tag: '',
    externalId: undefined,
    record: {},
    ...more,
  };
}

/** The settings of a destination of this format with everything else left out, or as `more` has it. */
export function destination(format: string, more: Partial<DestinationSettings> = {}): DestinationSettings {
  const text = `destinations: { siem: { format: ${format}, mappings: [map.yaml] } }`;
  const context = { secrets: secretsOf(), version: '1.2.3', hostname: 'gw1' };
  const result = readSettings('destinations.yaml', text, new Diagnostics(), context);
  const device = { vendor: 'FileCloud', product: 'FileCloud', version: '23.1' };
  return { ...result!.settings.destinations[0]!, device, ...more };
}

export interface MapOptions {
  tag?: string;
  format?: string;
  problems?: Problems;
}

/** What a mapping file makes of one record: the records for Fluent Bit, or the word for none. */
export function recordsFrom(
  mapping: string | readonly string[],
  record: Record<string, unknown>,
  { tag = '', format = 'cef', problems = noProblems() }: MapOptions = {},
): OutgoingRecord[] | 'filtered' | 'unmapped' {
  const outcome = compileMapper(mappingSets(...[mapping].flat()))(record, tag, received, problems);
  if (outcome.kind !== 'mapped') return outcome.kind;
  const settings = destination(format);
  const render = formats.get(settings.format)!.compile(settings);
  return outcome.events.map((event) => render(event, problems));
}

/** The same as lines: the CEF line itself, or one JSON object. */
export function mapWith(
  mapping: string | readonly string[],
  record: Record<string, unknown>,
  options: MapOptions = {},
): string {
  const records = recordsFrom(mapping, record, options);
  if (typeof records === 'string') return records;
  return records.map((one) => (typeof one.message === 'string' ? one.message : toJsonText(one))).join('\n');
}
