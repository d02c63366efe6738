import { lineContent, mappedContent, recordContent } from './content.ts';
import { type CompileShape, framed } from './shape.ts';

/** format/json.ts for the direct path. */
export const jsonShape: CompileShape = (context) => {
  const { event } = context.settings;
  if (event === 'record') return framed(recordContent(context));
  const content = event === 'cef' ? lineContent(context, 'message') : mappedContent(context, ['time']);
  return framed(content, [{ kind: 'isoTime', key: 'time' }]);
};
