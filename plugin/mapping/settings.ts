import type { MappingFileOptions } from './mapping-file.ts';
import type { PathInFile } from './source.ts';
import type { Address } from './units.ts';

/** How to reach Fluent Bit's [INPUT] forward. */
export interface ForwardSettings {
  readonly address: Address;
  readonly sharedKey: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds an acknowledgement may take. */
  readonly ackTimeout: number;
}

/** What one tag, and so one request to the SIEM, may carry. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly age: number;
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
  readonly cef: { readonly version: 0 | 1 };
  readonly leef: LeefSettings;
  readonly syslog: SyslogSettings | undefined;
  readonly splunk: {
    readonly host?: string;
    readonly source?: string;
    readonly sourcetype?: string;
    readonly index?: string;
  };
  readonly mappings: readonly MappingReference[];
  readonly unmapped: 'drop' | 'pass';
  readonly forward: ForwardSettings;
  readonly batch: BatchLimits;
}

export interface Settings {
  readonly listen: Address;
  /** Bytes of an unpacked request body. */
  readonly bodyLimit: number;
  /** The administrator's own module of functions, relative to the file. */
  readonly functions: string | undefined;
  readonly destinations: readonly DestinationSettings[];
}
