import type { Event, Problems } from '../compile/event.ts';
import { type Column, columnName, columnType, commonSecurityLogColumns } from '../mapping/cef-columns.ts';
import { isEmpty } from '../mapping/empty.ts';
import { commonSecurityLog } from '../mapping/format-settings.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { cefKey, escapeValue } from './cef.ts';
import { type Fields, plainText } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import { toJsonValue } from './json-value.ts';
import type { Render } from './render.ts';
import { asColumn } from './sentinel-value.ts';
import { cefSeverity, numericSeverity } from './severity.ts';

/**
 * Compiles a row for the Logs Ingestion API: flat columns of declared types, `TimeGenerated` among them. The
 * table is CommonSecurityLog, or one of the administrator's own.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-ingestion-api-overview
 */
export function compileSentinel(settings: DestinationSettings): Render {
  const { event, sentinel, recordLimit } = settings;
  const render =
    sentinel.table === commonSecurityLog
      ? compileCommonSecurityLog(settings)
      : event === 'record'
        ? recordRow
        : mappedRow;
  return withRecordLimit(render, recordLimit);
}

/** The columns of CommonSecurityLog; keys without a column go to AdditionalExtensions, as the agent writes them. */
function compileCommonSecurityLog(settings: DestinationSettings): Render {
  const device = deviceColumns(settings);
  return (event, problems) => {
    const row: Fields = { TimeGenerated: timeOf(event), ...device, ...commonHead(event, problems) };
    const rest = fillColumns(row, event, problems, (key) => commonSecurityLogColumns.get(key));
    const additional = rest.map(([key, value]) => `${cefKey(key)}=${additionalValue(value)}`);
    if (additional.length > 0) row.AdditionalExtensions = asColumn('string', additional.join(';'), problems);
    return row;
  };
}

/** Columns of CommonSecurityLog that every event has. */
export function deviceColumns({ device: { vendor, product, version } }: DestinationSettings): Fields {
  return { DeviceVendor: vendor, DeviceProduct: product, DeviceVersion: version };
}

type Header = Pick<Event, 'eventClass' | 'eventName' | 'severity'>;

/** An event's class, name and severity in CommonSecurityLog. */
export function commonHead({ eventClass, eventName, severity }: Header, problems: Problems): Fields {
  const classText = plainText(eventClass) ?? 'unknown';
  return {
    DeviceEventClassID: classText,
    Activity: plainText(eventName) ?? classText,
    LogSeverity: cefSeverity(severity, () => problems.clampedSeverities++),
  };
}

/** A semicolon would begin another pair. */
export function additionalValue(value: unknown): string {
  return escapeValue(plainText(value) ?? '').replaceAll(';', '\\;');
}

/** One column for each key of the mapping; what its type does not hold goes to AdditionalFields. */
const mappedRow: Render = (event, problems) => {
  const row: Fields = { TimeGenerated: timeOf(event), ...mappedHead(event, problems) };
  const rest = fillColumns(row, event, problems, mappedColumn);
  return { ...row, ...additionalFields(rest, problems) };
};

/** The column of a mapping's key in a table of the administrator's own. */
export function mappedColumn(key: string): Column {
  return { name: columnName(key), type: columnType(key) };
}

/** An event's class, name and severity in such a table. */
export function mappedHead({ eventClass, eventName, severity }: Header, problems: Problems): Fields {
  const classText = plainText(eventClass) ?? 'unknown';
  return {
    EventClass: asColumn('string', classText, problems),
    EventName: asColumn('string', plainText(eventName) ?? classText, problems),
    Severity: numericSeverity(severity, () => problems.clampedSeverities++),
  };
}

/** The record's own keys as columns, with the types they come in. */
const recordRow: Render = ({ record, time }, problems) => {
  const row: Fields = { TimeGenerated: timeOf({ time }) };
  const rest: [string, unknown][] = [];
  for (const [key, value] of Object.entries(record)) {
    if (isEmpty(value)) continue;
    const name = columnName(key);
    const fitting = typeof value === 'string' ? asColumn('string', value, problems) : toJsonValue(value);
    if (fitting === undefined) problems.failedValues++;
    else if (Object.hasOwn(row, name)) rest.push([key, value]);
    else row[name] = fitting;
  }
  return { ...row, ...additionalFields(rest, problems) };
};

/**
 * Puts the extension into columns.
 *
 * @returns what has no column or does not fit its own
 */
function fillColumns(
  row: Fields,
  event: Event,
  problems: Problems,
  columnOf: (key: string) => Column | undefined,
): [key: string, value: unknown][] {
  const rest: [string, unknown][] = [];
  const hasOwnId = event.extension.some(([key]) => key === 'externalId');
  const id = hasOwnId || isEmpty(event.externalId) ? [] : [['externalId', event.externalId] as const];
  for (const [key, value] of [...event.extension, ...id]) {
    const column = columnOf(key);
    const isFree = column !== undefined && !Object.hasOwn(row, column.name);
    const fitting = isFree ? asColumn(column.type, value, problems) : undefined;
    if (fitting !== undefined) row[column!.name] = fitting;
    else {
      if (column) problems.mistypedValues++;
      rest.push([key, value]);
    }
  }
  return rest;
}

function additionalFields(rest: readonly [string, unknown][], problems: Problems): Fields {
  const rendered = rest.flatMap(([key, value]): [string, unknown][] => {
    const one = toJsonValue(value);
    if (one !== undefined) return [[key.toWellFormed(), one]];
    problems.failedValues++;
    return [];
  });
  return rendered.length > 0 ? { AdditionalFields: Object.fromEntries(rendered) } : {};
}

function timeOf({ time }: Pick<Event, 'time'>): string {
  return new Date(time).toISOString();
}
