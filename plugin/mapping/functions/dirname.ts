import { toText } from '../text.ts';
import { withoutSeparatorsAtEnd } from './path-end.ts';
import type { MappingFunction } from './types.ts';

export const dirname: MappingFunction = {
  name: 'dirname',
  description: 'A path without its last part, with / or backslashes.',
  parameters: [{ name: 'path' }],
  example: { args: ['/john.doe/docs/report.pdf'], result: '/john.doe/docs' },
  call: (path) => /^(.*)[/\\]/s.exec(withoutSeparatorsAtEnd(toText(path) ?? ''))?.[1],
};
