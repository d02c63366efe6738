import { lineContent, mappedContent, recordContent } from './content.ts';
import { joined, settingSteps } from './setting.ts';
import { type CompileShape, framed } from './shape.ts';
import { isUsualKey, type Step } from './step.ts';

/** format/splunk-hec.ts for the direct path. */
export const splunkShape: CompileShape = (context) => {
  const { settings } = context;
  const { host, source, sourcetype, index, fields } = settings.splunk;
  const usual: Step = { kind: 'piece', fields: { sourcetype: settings.event === 'cef' ? 'cef' : '_json' } };
  const before = joined([
    [{ kind: 'seconds', key: 'time' }],
    settingSteps('host', host, context),
    settingSteps('source', source, context, [{ kind: 'tag', key: 'source', isFirst: false }]),
    settingSteps('sourcetype', sourcetype, context, [usual]),
    settingSteps('index', index, context),
  ]);
  const indexed = joined(
    [...fields].map(([key, value]) => (isUsualKey(key) ? settingSteps(key, value, context) : undefined)),
  );
  if (!before || !indexed) return undefined;
  const after: Step[] = [{ kind: 'open', key: 'fields' }, ...indexed, { kind: 'close', isOptional: true }];
  const contents = {
    cef: () => lineContent(context, 'event'),
    mapped: () => framed(mappedContent(context), [], [], 'event'),
    record: () => framed(recordContent(context), [], [], 'event'),
  };
  return framed(contents[settings.event](), before, indexed.length > 0 ? after : []);
};
