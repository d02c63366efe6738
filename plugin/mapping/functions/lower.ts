import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const lower: MappingFunction = {
  name: 'lower',
  description: 'The text in small letters.',
  parameters: [{ name: 'text' }],
  example: { args: ['SUCCESS'], result: 'success' },
  call: (text) => toText(text)?.toLowerCase(),
};
