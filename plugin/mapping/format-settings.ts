import { codes } from './diagnostic.ts';
import type { Value } from './model.ts';
import type { BatchLimits, DestinationSettings } from './settings.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { readValue } from './value.ts';

/** What the blocks of the JSON shapes look like in destinations.yaml. */
export interface FormatBlocks {
  format: string;
  event?: DestinationSettings['event'];
  splunk?: { host?: unknown; source?: unknown; sourcetype?: unknown; index?: unknown; fields?: Fields };
  sentinel?: { table?: string };
  datadog?: { source?: unknown; service?: unknown; hostname?: unknown; tags?: Fields };
  newrelic?: { attributes?: Fields };
  csv?: { columns?: string[] };
}

type Fields = Record<string, unknown> | null;

interface FormatRules {
  /** What an event may hold. */
  readonly event: readonly DestinationSettings['event'][];
  /** A line under `message`; the others are objects. */
  readonly isText?: true;
  /** Whether `unmapped: pass` can send a record that no mapping took. */
  readonly passes: boolean | 'record';
  /** Most bytes of one event, where the provider cuts or refuses what is larger. */
  readonly recordLimit?: number;
  /** Most bytes of one request, where the provider takes less than the usual 1 MB. */
  readonly requestLimit?: number;
}

const anything = ['mapped', 'record', 'cef'] as const;

// A provider's limits with room for the brackets and commas of the request. Splunk Cloud takes 1 MB, Sumo Logic
// 1 MB and 64 KB a message, the Logs Ingestion API 1 MB, Datadog 1 MB a log, New Relic 1,000,000 bytes.
const formatRules: Readonly<Record<string, FormatRules>> = {
  cef: { event: ['mapped'], passes: false, isText: true },
  leef: { event: ['mapped'], passes: false, isText: true },
  csv: { event: ['mapped', 'record'], passes: 'record', isText: true },
  json: { event: anything, passes: true },
  'splunk-hec': { event: anything, passes: true, requestLimit: 900_000 },
  sentinel: { event: ['mapped', 'record'], passes: 'record', recordLimit: 800_000, requestLimit: 900_000 },
  sumo: { event: anything, passes: true, recordLimit: 64_000, requestLimit: 900_000 },
  datadog: { event: anything, passes: true, recordLimit: 900_000 },
  newrelic: { event: anything, passes: true, recordLimit: 800_000, requestLimit: 900_000 },
  ecs: { event: ['mapped'], passes: false },
  ocsf: { event: ['mapped'], passes: false },
};

export const formatNames = Object.keys(formatRules);

/** CEF, LEEF and CSV are lines; the JSON shapes are objects. */
export function isText(format: string): boolean {
  return formatRules[format]!.isText === true;
}

/** Most bytes of a line behind a syslog header: rsyslog takes 8,096 and makes a message of its own of the rest. */
export const syslogRecordLimit = 8000;

/** The key of an event's time in a format, always its first, and which times the provider takes (ms back and ahead). */
export interface EventTimes {
  readonly key?: string;
  /** How the time is written. */
  readonly unit?: 'iso' | 'ms' | 's';
  readonly oldest?: number;
  readonly newest?: number;
}

const hour = 3_600_000;

// Datadog takes 18 hours back and 2 ahead, New Relic 48 hours back, Sumo Logic a year back and 2 days ahead.
const times: Readonly<Record<string, EventTimes>> = {
  json: { key: 'time', unit: 'iso' },
  'splunk-hec': { key: 'time', unit: 's' },
  ecs: { key: '@timestamp', unit: 'iso' },
  sentinel: { key: 'TimeGenerated', unit: 'iso' },
  sumo: { key: 'timestamp', unit: 'iso', oldest: 365 * 24 * hour, newest: 48 * hour },
  datadog: { key: 'timestamp', unit: 'ms', oldest: 18 * hour, newest: 2 * hour },
  newrelic: { key: 'timestamp', unit: 'ms', oldest: 48 * hour },
};

export function eventTimes(format: string): EventTimes {
  return times[format] ?? {};
}

/** Whether the destination can send a record as it is that no mapping took. */
export function canPass(format: string, event: DestinationSettings['event'] = 'mapped'): boolean {
  const { passes } = formatRules[format]!;
  return passes === 'record' ? event === 'record' : passes;
}

/** The provider's own limits: most bytes of an event (undefined: none), and of a request. */
export function limitsOf(format: string): { recordLimit: number | undefined; batch: BatchLimits['bytes'] } {
  const { recordLimit, requestLimit = 1_000_000 } = formatRules[format]!;
  return { recordLimit, batch: requestLimit };
}

// What an audit trail is usually asked for; everything else goes to the last column.
const defaultColumns =
  'time eventClass eventName severity externalId suser src act outcome fname filePath msg';

type FormatSettings = Pick<
  DestinationSettings,
  'event' | 'splunk' | 'sentinel' | 'datadog' | 'newrelic' | 'csv'
>;

/** Reads the blocks of the JSON shapes; their values are literals, $paths, chains or calls, as in a mapping. */
export function readFormatSettings(
  source: SourceFile,
  at: PathInFile,
  content: FormatBlocks,
): FormatSettings {
  const read = (path: PathInFile, one: unknown): Value => {
    const place = [...at, ...path];
    // What came from the environment is no expression: it is sent as it is, and no finding may quote it.
    if (typeof one === 'string' && one !== writtenAt(source, place)) return { kind: 'literal', value: one };
    return readValue(source, place, one);
  };
  const value = (path: PathInFile, one: unknown): Value | undefined =>
    one === undefined ? undefined : read(path, one);
  const fields = (path: PathInFile, some: Fields | undefined): ReadonlyMap<string, Value> =>
    new Map(Object.entries(some ?? {}).map(([key, one]) => [key, read([...path, key], one)]));
  const { format, splunk = {}, datadog = {} } = content;
  const { event = 'mapped' } = content;
  const allowed = formatRules[format]!.event;
  if (!allowed.includes(event)) {
    const hint = `it may be ${allowed.join(' or ')}`;
    source.error(codes.wrongShape, [...at, 'event'], `${format} can't hold '${event}'`, hint);
  }
  const table = content.sentinel?.table ?? 'FluentBitSiem_CL';
  if (!/^(?:[A-Za-z]\w{0,58}_CL|CommonSecurityLog)$/.test(table)) {
    const message = 'a table of your own has letters, digits and underscores, and ends with _CL';
    const hint = 'write FileCloudAudit_CL for example, or CommonSecurityLog';
    source.error(codes.wrongShape, [...at, 'sentinel', 'table'], message, hint);
  }
  if (table === commonSecurityLog && event !== 'mapped') {
    const hint = "leave out 'event', or choose a table of your own";
    source.error(codes.wrongShape, [...at, 'event'], `${table} has columns of its own`, hint);
  }
  return {
    event,
    splunk: {
      host: value(['splunk', 'host'], splunk.host),
      source: value(['splunk', 'source'], splunk.source),
      sourcetype: value(['splunk', 'sourcetype'], splunk.sourcetype),
      index: value(['splunk', 'index'], splunk.index),
      fields: fields(['splunk', 'fields'], splunk.fields),
    },
    sentinel: { table },
    datadog: {
      source: value(['datadog', 'source'], datadog.source),
      service: value(['datadog', 'service'], datadog.service),
      hostname: value(['datadog', 'hostname'], datadog.hostname),
      tags: fields(['datadog', 'tags'], datadog.tags),
    },
    newrelic: { attributes: fields(['newrelic', 'attributes'], content.newrelic?.attributes) },
    csv: { columns: content.csv?.columns ?? defaultColumns.split(' ') },
  };
}

/** What stands at a place in the file, before variables are put in. */
function writtenAt(source: SourceFile, path: PathInFile): unknown {
  let value = source.value;
  for (const key of path) value = (value as Record<string | number, unknown>)[key];
  return value;
}

/** Sentinel's own table for CEF events. */
export const commonSecurityLog = 'CommonSecurityLog';
