import { lineContent, mappedContent, recordContent } from './content.ts';
import { type CompileShape, framed } from './shape.ts';

const own = ['timestamp'];

/** format/sumo.ts for the direct path. */
export const sumoShape: CompileShape = (context) => {
  const contents = {
    cef: () => lineContent(context, 'message'),
    mapped: () => mappedContent(context, own),
    record: () => recordContent(context, own),
  };
  return framed(contents[context.settings.event](), [{ kind: 'isoTime', key: 'timestamp' }]);
};
