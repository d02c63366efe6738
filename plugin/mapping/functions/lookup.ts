import { isEmpty } from '../empty.ts';
import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const lookup: MappingFunction = {
  name: 'lookup',
  description:
    'What a table says for a value, compared as text; else the default, else no value. A severity, for example: ' +
    '{ call: lookup, args: [$level, { critical: 10, warning: 5 }, 2] }.',
  parameters: [{ name: 'value' }, { name: 'table', kind: 'table' }, { name: 'default', optional: true }],
  example: { args: ['warning', new Map([['warning', 5]]), 2], result: 5 },
  call: (value, table, otherwise) => {
    const found = isEmpty(value)
      ? undefined
      : (table as ReadonlyMap<string, unknown>).get(toText(value) ?? '');
    return found ?? otherwise;
  },
};
