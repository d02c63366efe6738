import type { Diagnostic, Span } from '../mapping/diagnostic.ts';

/** A record to be shown as every destination would get it. */
export interface RenderRequest {
  /** A record, or text that holds one: JSON, a line of NDJSON, a dead letter. */
  readonly record: unknown;
  /** Fluent Bit's tag; a dead letter brings its own. */
  readonly tag?: string;
  /** A mapping file's text to be tried in the stead of the file of that name, or alone. */
  readonly mapping?: { readonly text: string; readonly file?: string };
  /** Only this one. */
  readonly destination?: string;
}

export interface RenderAnswer {
  /** undefined when there is no record in it: then `problem` says why. */
  readonly input?: InputAnswer;
  readonly problem?: { readonly message: string; readonly offset: number };
  /** About the text of `mapping`. */
  readonly diagnostics: readonly Diagnostic[];
  /** References to secrets, as they are written, that a fixed word stands for here. */
  readonly standIns: readonly string[];
  /** None when the mapping has errors. */
  readonly destinations: readonly DestinationAnswer[];
}

export interface InputAnswer {
  readonly kind: 'record' | 'lines' | 'dead-letter';
  /** Records there were; the first is shown. */
  readonly count: number;
  readonly tag: string;
  /** The record itself, indented. */
  readonly text: string;
}

/** What becomes of the record at one destination. */
export interface DestinationAnswer {
  readonly name: string;
  readonly format: string;
  /** `passed`: unmapped, and sent as it is (`unmapped: pass`). */
  readonly outcome: 'mapped' | 'passed' | 'filtered' | 'unmapped' | 'dead-letter';
  /** Why it is a dead letter. */
  readonly reason?: string;
  readonly steps: readonly StepAnswer[];
  readonly events: readonly EventAnswer[];
  /** What could not be said as the mapping wanted it. */
  readonly notes: readonly string[];
}

/** A file or mapping that was looked at, in order. */
export interface StepAnswer {
  readonly file: string;
  readonly verdict: 'passed' | 'taken' | 'filtered' | 'ended';
  readonly why: string;
  /** undefined where it is about the whole file. */
  readonly mapping?: MappingPlace;
}

export interface MappingPlace {
  readonly file: string;
  /** Of all in the file, from 0. */
  readonly index: number;
  readonly line: number;
  /** Its ids. */
  readonly name: string;
}

export interface EventAnswer {
  readonly mapping?: MappingPlace;
  readonly syslogHeader?: string;
  /** What the SIEM gets: the line, or the JSON text. */
  readonly text: string;
  /** The same for people, JSON indented: together they are the whole. */
  readonly pieces: readonly { readonly text: string; readonly key?: number }[];
  readonly keys: readonly KeyAnswer[];
  /** Keys of the mapping that are not in it. */
  readonly leftOut: readonly { readonly key: string; readonly why: string; readonly at?: Place }[];
  /** Set when the event is too large for its keys to be followed. */
  readonly isUnlinked?: true;
}

/** One key of an event. */
export interface KeyAnswer {
  /** As the SIEM sees it; dots stand for nesting. */
  readonly name: string;
  readonly value: string;
  readonly from: readonly SourceAnswer[];
}

/** What a key's value comes from. */
export interface SourceAnswer {
  /** `eventClass`, `eventName`, `severity`, `time`, `externalId`, `tag`, an extension's key, or `record`. */
  readonly part: string;
  readonly why: string;
  readonly paths: readonly { readonly text: string; readonly segments: readonly string[] }[];
  /** Where it stands in the mapping file. */
  readonly at?: Place;
}

export interface Place extends Span {
  readonly file: string;
}

/** FileCloud's PHP as YAML. */
export interface ImportAnswer {
  readonly yaml: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A record to begin with. */
export interface SampleAnswer {
  readonly name: string;
  /** The file it is from. */
  readonly from: string;
  readonly tag: string;
  /** JSON. */
  readonly record: string;
}

/** One of the last records that came. */
export interface SeenAnswer {
  /** ISO 8601. */
  readonly time: string;
  readonly tag: string;
  /** JSON. */
  readonly record: string;
}

/** What an editor completes. */
export interface SchemaAnswer {
  readonly schema: unknown;
  readonly functions: readonly {
    readonly name: string;
    readonly signature: string;
    readonly description: string;
  }[];
  readonly cefKeys: readonly {
    readonly name: string;
    readonly type: string;
    readonly description?: string;
  }[];
  /** Mapping files in use, as `GET .../mapping?file=` takes them. */
  readonly files: readonly string[];
  readonly destinations: readonly { readonly name: string; readonly format: string }[];
}
