import { toText } from '../text.ts';
import type { MappingFunction } from './types.ts';

export const basename: MappingFunction = {
  name: 'basename',
  description: 'The last part of a path, with / or backslashes.',
  parameters: [{ name: 'path' }],
  example: { args: ['/john.doe/docs/report.pdf'], result: 'report.pdf' },
  call: (path) =>
    toText(path)
      ?.replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1),
};
