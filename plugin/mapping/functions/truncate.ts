import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const truncate: MappingFunction = {
  name: 'truncate',
  description: 'At most so many characters of a text, from its start; a character is never cut in two.',
  parameters: [{ name: 'text' }, { name: 'length' }],
  example: { args: ['report.pdf', 6], result: 'report' },
  call: (value, length) => {
    const text = toText(value);
    const most = Math.max(0, Math.floor(Number(length)));
    if (text === undefined || Number.isNaN(most)) return undefined;
    return text.length <= most ? text : [...text.slice(0, most * 2)].slice(0, most).join('');
  },
};
