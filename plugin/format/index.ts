import type { AuditRecord, Event } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { compileCef } from './cef.ts';
import { compileJson } from './json.ts';
import { compileLeef } from './leef.ts';
import type { Render } from './render.ts';
import { compileSplunkHec } from './splunk-hec.ts';
import { compileSyslogHeader } from './syslog-header.ts';

/** One format: everything that depends only on the settings is done once, when it is compiled. */
export interface Format {
  readonly name: string;
  /** Whether an event is a line of text, under `message`, and not an object. */
  readonly isText: boolean;
  readonly compile: (settings: DestinationSettings) => Render;
}

export const formats: ReadonlyMap<string, Format> = new Map(
  [
    { name: 'cef', isText: true, compile: withSyslogHeader(compileCef) },
    { name: 'leef', isText: true, compile: withSyslogHeader(compileLeef) },
    { name: 'splunk-hec', isText: false, compile: compileSplunkHec },
    { name: 'json', isText: false, compile: compileJson },
  ].map((format) => [format.name, format]),
);

/** Puts the syslog header in front of a text format's lines, where the destination asks for one. */
function withSyslogHeader(compile: Format['compile']): Format['compile'] {
  return (settings) => {
    const render = compile(settings);
    if (!settings.syslog) return render;
    const header = compileSyslogHeader(settings.syslog);
    return (event, problems) => ({ message: `${header(event)}${render(event, problems).message}` });
  };
}

/** The event that stands for a record no mapping took, where the destination says `unmapped: pass`. */
export function passedRecord(record: AuditRecord, tag: string, time: number): Event {
  return {
    eventClass: undefined,
    eventName: undefined,
    severity: undefined,
    extension: Object.entries(record),
    time,
    tag,
  };
}
