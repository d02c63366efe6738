import { lineContent, mappedContent, recordContent } from './content.ts';
import { joined, settingSteps } from './setting.ts';
import { type CompileShape, framed } from './shape.ts';
import { isUsualKey, type Step } from './step.ts';

/** format/splunk-hec.ts for the direct path. */
export const splunkShape: CompileShape = (context) => {
  const { settings, slotOf } = context;
  const { host, source, sourcetype, index, fields } = settings.splunk;
  const usual: Step = { kind: 'piece', fields: { sourcetype: settings.event === 'cef' ? 'cef' : '_json' } };
  const before = joined([
    [{ kind: 'seconds', key: 'time' }],
    settingSteps('host', host, slotOf),
    settingSteps('source', source, slotOf, [{ kind: 'tag', key: 'source', isFirst: false }]),
    settingSteps('sourcetype', sourcetype, slotOf, [usual]),
    settingSteps('index', index, slotOf),
  ]);
  const indexed = joined(
    [...fields].map(([key, value]) => (isUsualKey(key) ? settingSteps(key, value, slotOf) : undefined)),
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
