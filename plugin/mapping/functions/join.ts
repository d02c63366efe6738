import { isEmpty } from '../empty.ts';
import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const join: MappingFunction = {
  name: 'join',
  description:
    'The elements of a list as one text, without the empty ones. What is no list is taken as it is.',
  parameters: [{ name: 'list' }, { name: 'separator' }],
  example: { args: [['a.txt', '', 'b.txt'], ', '], result: 'a.txt, b.txt' },
  call: (list, separator) => {
    const items = Array.isArray(list) ? list.filter((item) => !isEmpty(item)) : [list];
    return items.map((item) => toText(item) ?? '').join(toText(separator));
  },
};
