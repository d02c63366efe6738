import type { DestinationSettings } from '../mapping/settings.ts';
import { compileContent } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import type { Render } from './render.ts';

/**
 * The generic JSON shape: one flat object with `time` (ISO 8601, milliseconds, UTC), `eventClass`,
 * `eventName`, `severity` and the extension's keys, where a mapping's own `time` wins. With `event: record` it is
 * the record as it came, and nothing else.
 */
export function compileJson(settings: DestinationSettings): Render {
  const content = compileContent(settings);
  const render: Render =
    settings.event === 'record'
      ? content
      : (event, problems) => ({ time: new Date(event.time).toISOString(), ...content(event, problems) });
  return withRecordLimit(render, settings.recordLimit);
}
