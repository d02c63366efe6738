import type { AuditRecord, Event } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { compileCef, compileCefLine } from './cef.ts';
import { compileCsv, compileCsvLine } from './csv.ts';
import { compileDatadog } from './datadog.ts';
import { compileEcs } from './ecs.ts';
import { compileJson } from './json.ts';
import { compileLeef, compileLeefLine } from './leef.ts';
import { compileNewRelic } from './newrelic.ts';
import { compileOcsf } from './ocsf.ts';
import type { Render } from './render.ts';
import { compileSentinel } from './sentinel.ts';
import { compileSplunkHec } from './splunk-hec.ts';
import { compileSumo } from './sumo.ts';
import type { RenderLine } from './text.ts';

/** One format: everything that depends only on the settings is done once, when it is compiled. */
export interface Format {
  readonly name: string;
  /** Whether an event is a line of text, under `message`, and not an object. */
  readonly isText: boolean;
  readonly compile: (settings: DestinationSettings) => Render;
  /** Of a line of text: the same in pieces, without syslog header and limit. */
  readonly compileLine?: (settings: DestinationSettings) => RenderLine;
}

export const formats: ReadonlyMap<string, Format> = new Map(
  [
    { name: 'cef', isText: true, compile: compileCef, compileLine: compileCefLine },
    { name: 'leef', isText: true, compile: compileLeef, compileLine: compileLeefLine },
    { name: 'csv', isText: true, compile: compileCsv, compileLine: compileCsvLine },
    { name: 'json', isText: false, compile: compileJson },
    { name: 'splunk-hec', isText: false, compile: compileSplunkHec },
    { name: 'sentinel', isText: false, compile: compileSentinel },
    { name: 'sumo', isText: false, compile: compileSumo },
    { name: 'datadog', isText: false, compile: compileDatadog },
    { name: 'newrelic', isText: false, compile: compileNewRelic },
    { name: 'ecs', isText: false, compile: compileEcs },
    { name: 'ocsf', isText: false, compile: compileOcsf },
  ].map((format) => [format.name, format]),
);

/** The event that stands for a record no mapping took, where the destination says `unmapped: pass`. */
export function passedRecord(record: AuditRecord, tag: string, time: number): Event {
  return {
    eventClass: undefined,
    eventName: undefined,
    severity: undefined,
    extension: Object.entries(record),
    time,
    tag,
    externalId: undefined,
    record,
  };
}
