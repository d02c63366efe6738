import type { Problems } from '../../compile/event.ts';
import { cefKey } from '../../format/cef.ts';
import { plainText } from '../../format/content.ts';
import {
  additionalValue,
  commonHead,
  deviceColumns,
  mappedColumn,
  mappedHead,
} from '../../format/sentinel.ts';
import { asColumn, longestText } from '../../format/sentinel-value.ts';
import { type Column, type ColumnType, commonSecurityLogColumns } from '../../mapping/cef-columns.ts';
import { commonSecurityLog } from '../../mapping/format-settings.ts';
import { partOfPairs } from '../objects/part.ts';
import type { Source } from '../source.ts';
import { type CompileShape, framed, pairSteps, type Shape, type ShapeContext, valueStep } from './shape.ts';
import type { Step, ValueStep, Writing } from './step.ts';

const writings: Readonly<Record<ColumnType, Writing | undefined>> = {
  string: 'text',
  int: 'int',
  long: 'long',
  real: 'real',
  datetime: 'datetime',
  // No mapping has such columns.
  boolean: undefined,
  dynamic: undefined,
};

const externalId = 'externalId';

/** format/sentinel.ts for the direct path: what does not fit its column takes decoded values. */
export const sentinelShape: CompileShape = (context) => {
  const { settings } = context;
  if (settings.event === 'record') return undefined;
  const isCommon = settings.sentinel.table === commonSecurityLog;
  const time: Step = { kind: 'isoTime', key: 'TimeGenerated' };
  if (!isCommon) return framed(rows(context, mappedHead, mappedColumn), [time]);
  const device: Step = { kind: 'piece', fields: deviceColumns(settings) };
  const columnOf = (key: string): Column | undefined => commonSecurityLogColumns.get(key);
  return framed(rows(context, commonHead, columnOf), [time, device]);
};

/** Rows with a column for each key; keys without one stand in a text, as the agent writes them. */
function rows(
  context: ShapeContext,
  headOf: typeof commonHead,
  columnOf: (key: string) => Column | undefined,
): Shape {
  const stepOf = (key: string, source: Source): ValueStep | undefined => {
    const column = columnOf(key);
    if (column) return columnStep(context, column, source);
    const step = valueStep(context, cefKey(key), source, 'text', additionalValue);
    // What a function gives is escaped as what the record says.
    const computed = step.computed && { ...step.computed, render: plainText };
    return { ...step, computed, kind: 'extra', as: 'text' };
  };
  return {
    head: (eventClass, eventName, severity, problems) => [
      partOfPairs(headOf({ eventClass, eventName, severity }, problems)),
    ],
    steps: (mapping, idSource) => {
      const pairs = pairSteps(mapping, context, stepOf);
      const id = columnStep(context, columnOf(externalId)!, idSource);
      if (!pairs || !id) return undefined;
      const all = [...pairs.values()];
      const columns = all.filter(({ kind }) => kind === 'value');
      const extras = all.filter(({ kind }) => kind === 'extra');
      const names = new Set(columns.map(({ key }) => key));
      // Only the first of two has the column.
      if (names.size < columns.length || [...names].some((name) => headerColumns.has(name))) return undefined;
      const additional: Step[] = [
        { kind: 'openText', key: 'AdditionalExtensions' },
        ...extras,
        { kind: 'closeText', longest: longestText },
      ];
      return [
        { kind: 'head', part: 0, most: 3 },
        ...columns,
        // What a function gives as id is a text when it is written.
        { ...id, kind: 'id', of: externalId, computed: undefined, as: 'text' },
        ...(extras.length > 0 ? additional : []),
      ];
    },
  };
}

/** Columns that a key's may not be. */
const headerColumns = new Set(['EventClass', 'EventName', 'Severity']);

function columnStep(context: ShapeContext, { name, type }: Column, source: Source): ValueStep | undefined {
  const writing = writings[type];
  const render = (value: unknown, problems: Problems): unknown => asColumn(type, value, problems);
  return writing && valueStep(context, name, source, writing, render, longestText);
}
