import type { DestinationSettings } from '../mapping/settings.ts';
import { compileContent, withoutKeys } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import type { Render } from './render.ts';

const own = new Set(['timestamp']);

/**
 * A message for a Sumo Logic HTTP source: a flat object whose first key is `timestamp` (ISO 8601, UTC), for
 * Sumo takes the first time it finds in the text. At most 64 KB; Sumo would slice a longer one.
 * https://www.sumologic.com/help/docs/send-data/hosted-collectors/http-source/logs-metrics/upload-logs
 */
export function compileSumo(settings: DestinationSettings): Render {
  const content = compileContent(settings);
  const render: Render = (event, problems) => ({
    timestamp: new Date(event.time).toISOString(),
    ...withoutKeys(content(event, problems), own),
  });
  return withRecordLimit(render, settings.recordLimit);
}
