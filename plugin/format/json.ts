import { mappedFields } from './json-value.ts';
import type { Render } from './render.ts';

/**
 * The generic JSON shape: one flat object with `time` (ISO 8601, milliseconds, UTC), `eventClass`,
 * `eventName`, `severity` and the extension's keys. A mapping's own `time` wins.
 */
export function compileJson(): Render {
  return (event, problems) => ({
    time: new Date(event.time).toISOString(),
    ...mappedFields(event, problems),
  });
}
