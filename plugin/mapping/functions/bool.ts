import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

const yes: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);
const no: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);

export const bool: MappingFunction = {
  name: 'bool',
  description:
    "One word for all spellings of yes (1, true, yes, on) and another for those of no (0, false, no, off): 'true' and " +
    "'false' unless others are given. No value for anything else.",
  parameters: [
    { name: 'value' },
    { name: 'whenTrue', optional: true },
    { name: 'whenFalse', optional: true },
  ],
  example: { args: ['1', 'success', 'failure'], result: 'success' },
  call: (value, whenTrue = 'true', whenFalse = 'false') => {
    const text = toText(value)?.trim().toLowerCase() ?? '';
    if (yes.has(text)) return whenTrue;
    return no.has(text) ? whenFalse : undefined;
  },
};
