import { noProblems } from '../../compile/event.ts';
import { compileTexts } from '../../format/content.ts';
import { datadogTags } from '../../format/datadog.ts';
import { compileLog } from './log.ts';
import { joined, settingSteps } from './setting.ts';
import type { CompileShape } from './shape.ts';
import type { Step } from './step.ts';

/** The shape's own, and texts that a mapping may set. */
const taken = ['timestamp', 'date', 'status', 'ddsource', 'service', 'hostname', 'ddtags'];

/** format/datadog.ts for the direct path. */
export const datadogShape: CompileShape = (context) => {
  const { settings } = context;
  const { source, service, hostname, tags } = settings.datadog;
  // Tags that differ from record to record take decoded values.
  if ([...tags.values()].some(({ kind }) => kind !== 'literal')) return undefined;
  const ddtags = datadogTags(compileTexts(tags)({ record: {} }, noProblems()));
  const fixed: Step[] = ddtags === '' ? [] : [{ kind: 'piece', fields: { ddtags } }];
  const envelope = joined([
    settingSteps('ddsource', source, context, [{ kind: 'tag', key: 'ddsource', isFirst: true }]),
    settingSteps('service', service, context),
    settingSteps('hostname', hostname, context),
    fixed,
  ]);
  return envelope && compileLog(context, { level: 'status', envelope, taken, as: 'value' });
};
