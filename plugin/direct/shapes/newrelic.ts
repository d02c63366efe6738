import { mappedKeys } from './content.ts';
import { compileLog } from './log.ts';
import { joined, settingSteps } from './setting.ts';
import type { CompileShape } from './shape.ts';
import { isUsualKey } from './step.ts';

/** Keys of the shape itself. */
const own = ['timestamp', 'message', 'level', 'moreAttributes'];
/** With fewer attributes, and none with a longer name, none is beyond New Relic's limits. */
const most = 240;
const longestName = 255;

/** format/newrelic.ts for the direct path. */
export const newRelicShape: CompileShape = (context) => {
  const { settings } = context;
  const { attributes } = settings.newrelic;
  const keys = [...attributes.keys()];
  const isOdd = (key: string): boolean =>
    !isUsualKey(key) || key.length > longestName || [...own, ...mappedKeys].includes(key);
  const envelope = joined([...attributes].map(([key, value]) => settingSteps(key, value, context)));
  if (!envelope || keys.some(isOdd)) return undefined;
  const taken = [...own, ...keys];
  const shape = compileLog(context, { level: 'level', envelope, taken, as: 'attribute' });
  return (
    shape && {
      ...shape,
      steps: (mapping, externalId) => {
        const { extension } = mapping;
        const isMany = extension.length + keys.length > most;
        return isMany || extension.some(({ key }) => key.length > longestName)
          ? undefined
          : shape.steps(mapping, externalId);
      },
    }
  );
};
