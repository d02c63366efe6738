import type { DeliverSettings } from './deliver-settings.ts';
import type { ForwardSettings } from './forward-settings.ts';
import type { MappingFileOptions } from './mapping-file.ts';
import type { Value } from './model.ts';
import type { AuthSettings, TlsSettings } from './service-settings.ts';
import type { PathInFile } from './source.ts';
import type { Address } from './units.ts';

/** What one tag, and so one request to the SIEM, may carry. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly age: number;
}

export interface BatchSettings extends BatchLimits {
  /** Whether records of different tags share a batch, or each tag has its own and stands in the batch's tag. */
  readonly by: 'destination' | 'tag';
}

/** An entry of a destination's `mappings`: a path or pattern, and what it says in the files' stead. */
export interface MappingReference {
  readonly pattern: string;
  readonly options: MappingFileOptions;
  /** Where it stands, for a finding about it. */
  readonly at: PathInFile;
}

export interface LeefSettings {
  readonly version: '1.0' | '2.0';
  /** One character. */
  readonly delimiter: string;
  readonly keys: 'translate' | 'as-is';
}

/** The syslog header in front of a text format's line. */
export interface SyslogSettings {
  readonly format: 'rfc5424' | 'rfc3164';
  readonly facility: number;
  readonly hostname: string;
  readonly appname: string;
}

export interface DestinationSettings {
  readonly name: string;
  readonly format: string;
  readonly device: { readonly vendor: string; readonly product: string; readonly version: string };
  readonly cef: {
    readonly version: 0 | 1;
    /** A value that is not what its key holds: sent as it is, or under a key of its own. */
    readonly mistyped: 'keep' | 'move';
  };
  readonly leef: LeefSettings;
  readonly syslog: SyslogSettings | undefined;
  /** Most bytes of one event: of the line, or of the JSON text. */
  readonly recordLimit: number | undefined;
  /** What a JSON shape's event holds: the mapping's keys, the record as it came, or the CEF line. */
  readonly event: 'mapped' | 'record' | 'cef';
  readonly splunk: {
    readonly host: Value | undefined;
    readonly source: Value | undefined;
    readonly sourcetype: Value | undefined;
    readonly index: Value | undefined;
    /** Indexed fields. */
    readonly fields: ReadonlyMap<string, Value>;
  };
  /** A custom table (..._CL), or CommonSecurityLog. */
  readonly sentinel: { readonly table: string };
  readonly datadog: {
    readonly source: Value | undefined;
    readonly service: Value | undefined;
    readonly hostname: Value | undefined;
    readonly tags: ReadonlyMap<string, Value>;
  };
  readonly newrelic: { readonly attributes: ReadonlyMap<string, Value> };
  readonly csv: { readonly columns: readonly string[] };
  readonly mappings: readonly MappingReference[];
  readonly unmapped: 'drop' | 'pass';
  readonly forward: ForwardSettings;
  readonly batch: BatchSettings;
  /** The gate; without it Fluent Bit's stanza points straight at the SIEM. */
  readonly deliver: DeliverSettings | undefined;
}

export interface Settings {
  readonly listen: Address;
  /** Who may do what; an area without credentials is open, on this machine only. */
  readonly auth: AuthSettings;
  readonly tls: TlsSettings | undefined;
  /** Processes that map; 1 does all in one. */
  readonly workers: number;
  /** Bytes of an unpacked request body. */
  readonly bodyLimit: number;
  /** Bytes of all request bodies under way at a time, in each process. */
  readonly inFlight: number;
  /** Where what must survive a restart is kept: which destinations are paused. */
  readonly stateFile: string;
  /** Where Fluent Bit writes dead letters, for people to look at. */
  readonly deadLetters: string | undefined;
  /** Records that are kept in memory for the web page's workbench; 0: none, for records are private. */
  readonly keepSeen: number;
  /** Whether changed files are taken over by themselves. */
  readonly watch: boolean;
  /** The administrator's own module of functions, relative to the file. */
  readonly functions: string | undefined;
  readonly destinations: readonly DestinationSettings[];
}
