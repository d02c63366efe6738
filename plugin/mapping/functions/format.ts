import { isEmpty } from '../empty.ts';
import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const format: MappingFunction = {
  name: 'format',
  description:
    'A text with values in place of {0}, {1} and so on; an empty value leaves its place empty. ' +
    'No value when all values are empty.',
  parameters: [{ name: 'template' }, { name: 'values', rest: true }],
  example: { args: ['{0} by {1}', 'upload', 'john.doe'], result: 'upload by john.doe' },
  call: (template, ...values) => {
    if (values.length > 0 && values.every(isEmpty)) return undefined;
    return toText(template)?.replace(
      /\{(\d+)\}/g,
      (_whole, index: string) => toText(values[Number(index)]) ?? '',
    );
  },
};
