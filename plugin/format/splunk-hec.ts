import type { Event, Problems } from '../compile/event.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { compileContent, compileTexts } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import type { Render } from './render.ts';

/**
 * The envelope of Splunk's HTTP Event Collector: `time` in epoch seconds with milliseconds, `source` the
 * Fluent Bit tag unless the destination names one, `event` an object or the CEF line.
 * https://help.splunk.com/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
 */
export function compileSplunkHec(settings: DestinationSettings): Render {
  const { host, source, sourcetype, index, fields } = settings.splunk;
  const usual = { sourcetype: settings.event === 'cef' ? 'cef' : '_json' };
  const hostText = compileTexts([['host', host]]);
  const texts = compileTexts(Object.entries({ source, sourcetype, index }));
  const indexed = compileTexts(fields);
  const content = compileEvent(settings);
  const render: Render = (event, problems) => {
    const indexedFields = indexed(event, problems);
    return {
      time: event.time / 1000,
      ...hostText(event, problems),
      source: event.tag || 'fluent-bit-siem',
      ...usual,
      ...texts(event, problems),
      event: content(event, problems),
      // HEC refuses an event with fields that are no flat object; an empty one says nothing.
      ...(isEmpty(indexedFields) ? {} : { fields: indexedFields }),
    };
  };
  return withRecordLimit(render, settings.recordLimit);
}

/** HEC refuses an empty event, and with it the rest of the request. */
function compileEvent(settings: DestinationSettings): (event: Event, problems: Problems) => unknown {
  const content = compileContent(settings);
  if (settings.event === 'cef') return (event, problems) => content(event, problems).message;
  return (event, problems) => {
    const fields = content(event, problems);
    return isEmpty(fields) ? { eventClass: 'unknown' } : fields;
  };
}
