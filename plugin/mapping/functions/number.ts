import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const number: MappingFunction = {
  name: 'number',
  description: 'The number a text holds; no value when it holds none. Integers keep all their digits.',
  parameters: [{ name: 'value' }],
  example: { args: [' 48211 '], result: 48211 },
  call: (value) => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
    const text = toText(value)?.trim() ?? '';
    if (!/^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return undefined;
    const found = Number(text);
    if (!Number.isFinite(found)) return undefined;
    return Number.isInteger(found) && !Number.isSafeInteger(found) && /^[+-]?\d+$/.test(text)
      ? BigInt(text.replace('+', ''))
      : found;
  },
};
