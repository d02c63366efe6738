import type { DestinationSettings } from '../mapping/settings.ts';
import { compileContent, compileTexts, messageOf, plainText, withoutKeys } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import type { Render } from './render.ts';
import { severityLevel } from './severity.ts';

const own = ['timestamp', 'date'];
/** Texts. A mapping may set them; a record's own, sent as it is, means something else by them. */
const texts = ['message', 'status', 'ddsource', 'service', 'hostname', 'ddtags'] as const;
const longestTag = 200;

/**
 * A log for Datadog's intake: the reserved attributes, then what the event holds. `message` is the mapping's
 * `msg` or the event's name, `status` comes from the severity, `timestamp` is epoch milliseconds.
 * https://docs.datadoghq.com/api/latest/logs/send-logs/
 */
export function compileDatadog(settings: DestinationSettings): Render {
  const { source, service, hostname, tags } = settings.datadog;
  const content = compileContent(settings);
  const named = compileTexts(Object.entries({ ddsource: source, service, hostname }));
  const tagTexts = compileTexts(tags);
  const taken = new Set<string>(settings.event === 'record' ? [...own, ...texts] : own);
  const render: Render = (event, problems) => {
    const fields = withoutKeys(content(event, problems), taken);
    const ddtags = datadogTags(tagTexts(event, problems));
    const reserved: Record<string, string | undefined> = {
      message: messageOf(event),
      status: severityLevel(event.severity),
      ddsource: event.tag.split('.', 1)[0] || 'fluent-bit-siem',
      ...named(event, problems),
      ...(ddtags === '' ? {} : { ddtags }),
    };
    for (const key of texts) {
      if (Object.hasOwn(fields, key)) reserved[key] = plainText(fields[key]) ?? reserved[key];
      delete fields[key];
    }
    return { timestamp: BigInt(event.time), ...reserved, ...fields };
  };
  return withRecordLimit(render, settings.recordLimit);
}

/** Tags as Datadog has them, in one text. */
export function datadogTags(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(([key, text]) => tag(key, text))
    .join(',');
}

/** `key:value`; a comma would begin another tag. */
function tag(key: string, text: string): string {
  return `${key}:${text}`
    .replace(/[,\s]+/g, '_')
    .slice(0, longestTag)
    .toWellFormed();
}
