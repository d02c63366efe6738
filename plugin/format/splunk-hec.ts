import { isEmpty } from '../mapping/empty.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { mappedFields } from './json-value.ts';
import type { Render } from './render.ts';

/**
 * The envelope of Splunk's HTTP Event Collector: `time` in epoch seconds with milliseconds, `source` the
 * Fluent Bit tag unless the destination names one, `event` what the mapping says.
 * https://help.splunk.com/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
 */
export function compileSplunkHec(settings: DestinationSettings): Render {
  const { host, source, sourcetype = '_json', index } = settings.splunk;
  return (event, problems) => ({
    time: event.time / 1000,
    ...(host === undefined ? {} : { host }),
    source: source ?? (event.tag || 'fluent-bit-siem'),
    sourcetype,
    ...(index === undefined ? {} : { index }),
    event: notBlank(mappedFields(event, problems)),
  });
}

/** HEC refuses an empty event, and with it the rest of the request. */
function notBlank(event: Record<string, unknown>): Record<string, unknown> {
  return isEmpty(event) ? { eventClass: 'unknown' } : event;
}
