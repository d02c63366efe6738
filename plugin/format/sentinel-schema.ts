import {
  type Column,
  type ColumnType,
  columnName,
  columnType,
  commonSecurityLogColumns,
  commonSecurityLogHeader,
  customHeader,
} from '../mapping/cef-columns.ts';
import { commonSecurityLog } from '../mapping/format-settings.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { parseTime } from '../mapping/time.ts';
import type { OutgoingRecord } from './render.ts';

/** What a workspace and its data collection rule must know of a destination's rows. */
export interface SentinelSchema {
  /** Body of PUT .../tables/<table>; none for a table that Sentinel has itself. */
  readonly table: object | undefined;
  /** Part of the data collection rule: the stream that the rows are posted to, and where it flows. */
  readonly rule: object;
}

/**
 * The schema of a Sentinel destination: from its mappings, or from sample rows where the record's own keys are
 * the columns.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/tutorial-logs-ingestion-api
 */
export function sentinelSchema(
  { event, sentinel: { table }, deliver }: DestinationSettings,
  sets: readonly MappingSet[],
  rows: readonly OutgoingRecord[],
): SentinelSchema {
  const isCommon = table === commonSecurityLog;
  const own = isCommon ? commonColumns(sets) : event === 'record' ? columnsOf(rows) : customColumns(sets);
  const restamps = deliver?.oldestEvent !== undefined || deliver?.newestEvent !== undefined;
  const columns = restamps ? [...own, originalTime] : own;
  const stream = `Custom-${table}`;
  const flow = {
    streams: [stream],
    destinations: ['workspace'],
    transformKql: 'source',
    outputStream: isCommon ? `Microsoft-${table}` : stream,
  };
  // The two say the same type in different letters.
  const tableColumns = columns.map(({ name, type }) => ({
    name,
    type: type === 'datetime' ? 'dateTime' : type,
  }));
  return {
    table: isCommon ? undefined : { properties: { schema: { name: table, columns: tableColumns } } },
    rule: { streamDeclarations: { [stream]: { columns } }, dataFlows: [flow] },
  };
}

/** Where the gate keeps the time of an event that it sends with another. */
const originalTime: Column = { name: 'OriginalTime', type: 'datetime' };

function customColumns(sets: readonly MappingSet[]): Column[] {
  return unique([
    ...customHeader,
    ...keysOf(sets).map((key) => ({ name: columnName(key), type: columnType(key) })),
  ]);
}

function commonColumns(sets: readonly MappingSet[]): Column[] {
  const used = keysOf(sets).flatMap((key) => commonSecurityLogColumns.get(key) ?? []);
  return unique([...commonSecurityLogHeader, ...used]);
}

function keysOf(sets: readonly MappingSet[]): string[] {
  const keys = sets.flatMap(({ mappings }) =>
    mappings.flatMap(({ extension }) => extension.map(({ key }) => key)),
  );
  return [...keys, 'externalId'];
}

function unique(columns: readonly Column[]): Column[] {
  const byName = new Map<string, Column>();
  for (const column of columns) if (!byName.has(column.name)) byName.set(column.name, column);
  return [...byName.values()];
}

/** A column that comes in several types can only be dynamic. */
function columnsOf(rows: readonly OutgoingRecord[]): Column[] {
  const types = new Map<string, Set<ColumnType>>();
  for (const [name, value] of rows.flatMap((row) => Object.entries(row))) {
    types.set(name, (types.get(name) ?? new Set()).add(typeOf(value)));
  }
  const columns = [...types].map(([name, found]): Column => {
    if (found.size === 2 && found.has('long') && found.has('real')) return { name, type: 'real' };
    if (found.size === 2 && found.has('string') && found.has('datetime')) return { name, type: 'string' };
    return { name, type: found.size === 1 ? [...found][0]! : 'dynamic' };
  });
  return unique([
    { name: 'TimeGenerated', type: 'datetime' },
    ...columns,
    { name: 'AdditionalFields', type: 'dynamic' },
  ]);
}

function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case 'bigint':
      return 'long';
    case 'number':
      return Number.isInteger(value) ? 'long' : 'real';
    case 'boolean':
      return 'boolean';
    case 'string':
      return /^\d{4}-\d\d-\d\dT/.test(value) && parseTime(value) !== undefined ? 'datetime' : 'string';
    default:
      return 'dynamic';
  }
}
