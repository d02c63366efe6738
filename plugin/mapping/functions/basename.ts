import { toText } from '../text.ts';
import { withoutSeparatorsAtEnd } from './path-end.ts';
import type { MappingFunction } from './types.ts';

export const basename: MappingFunction = {
  name: 'basename',
  description: 'The last part of a path, with / or backslashes.',
  parameters: [{ name: 'path' }],
  example: { args: ['/john.doe/docs/report.pdf'], result: 'report.pdf' },
  call: (path) => {
    const text = toText(path);
    if (text === undefined) return undefined;
    const whole = withoutSeparatorsAtEnd(text);
    return whole.slice(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1);
  },
};
