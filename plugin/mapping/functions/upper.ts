import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const upper: MappingFunction = {
  name: 'upper',
  description: 'The text in capital letters.',
  parameters: [{ name: 'text' }],
  example: { args: ['get'], result: 'GET' },
  call: (text) => toText(text)?.toUpperCase(),
};
