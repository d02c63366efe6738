import type { AuditRecord, Event } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/destinations.ts';
import { compileCef } from './cef.ts';
import { compileJson } from './json.ts';
import type { Render } from './render.ts';
import { compileSplunkHec } from './splunk-hec.ts';

/** One format: everything that depends only on the settings is done once, when it is compiled. */
export interface Format {
  readonly name: string;
  /** Whether a record can go out as it is (`unmapped: pass`): only where the shape takes any object. */
  readonly passesRecords: boolean;
  readonly compile: (settings: DestinationSettings) => Render;
}

export const formats: ReadonlyMap<string, Format> = new Map(
  [
    { name: 'cef', passesRecords: false, compile: compileCef },
    { name: 'splunk-hec', passesRecords: true, compile: compileSplunkHec },
    { name: 'json', passesRecords: true, compile: compileJson },
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
  };
}
