// What the API says, for the service and for the page: types only.

/** `GET /api/session`. */
export interface SessionState {
  /** Whether what was sent with the request will not do. */
  readonly isNeeded: boolean;
  readonly isLoggedIn: boolean;
  /** What `service.auth.admin` holds; both false: everything is open. */
  readonly by: WaysIn;
}

export interface WaysIn {
  readonly token: boolean;
  readonly password: boolean;
}

/** `GET /api/state`, and the events of `GET /api/state/stream`. Times are ISO 8601. */
export interface State {
  readonly version: string;
  readonly startedAt: string;
  readonly configuration: ConfigurationState | undefined;
  /** Whether `service.dead_letters` says where they are. */
  readonly hasDeadLetters: boolean;
  readonly destinations: readonly DestinationState[];
}

export interface ConfigurationState {
  readonly loadedAt: string;
  readonly digest: string;
  /** Why the last one was not taken over. */
  readonly error?: { readonly since: string; readonly findings: readonly string[] };
}

export interface DestinationState {
  readonly name: string;
  readonly format: string;
  /** Host of the SIEM; undefined where Fluent Bit delivers. */
  readonly to: string | undefined;
  /** `direct`: Fluent Bit delivers it, and knows how it goes. */
  readonly state: 'delivering' | 'failing' | 'paused' | 'direct';
  readonly paused?: { readonly by: string; readonly since: string };
  readonly failure?: Problem & {
    readonly since: string;
    readonly attempts: number;
    readonly nextAttempt: string;
  };
  /** Of a SIEM that delivers again, too. */
  readonly lastError?: Problem & { readonly time: string };
  readonly lastSuccess?: string;
  /** When the service took the oldest record that is known to wait. */
  readonly oldestWaiting?: string;
  /** The Fluent Bit that keeps what waits. */
  readonly fluentBit: { readonly address: string; readonly problem?: string };
  readonly counters: Readonly<Record<string, number>>;
  /** How many records became one, by why. */
  readonly deadLetters: Readonly<Record<string, number>>;
}

/** What the SIEM said, and what to do about it. */
export interface Problem {
  readonly reason: string;
  readonly advice: string | undefined;
}

/** What is drawn; each column as long as the others. */
export interface History {
  /** Milliseconds from a point to the next. */
  readonly step: number;
  /** Of the last point, epoch milliseconds. */
  readonly end: number;
  readonly destinations: Readonly<Record<string, Columns>>;
}

/** What one point says of the time since the one before; null where there is nothing to be known. */
export interface Columns {
  /** Records that came in, and events that the SIEM took. */
  readonly records: readonly (number | null)[];
  readonly delivered: readonly (number | null)[];
  /** Events that wait at the time of the point. */
  readonly waiting: readonly (number | null)[];
  /** Mean time of a request to the SIEM, milliseconds. */
  readonly latency: readonly (number | null)[];
}

/** All that the state view shows. */
export interface StateAnswer {
  readonly state: State;
  readonly history: History;
}

/** `GET /api/dead-letters?destination=NAME`. */
export interface DeadLetters {
  readonly file: string;
  /** Whether there are no older ones. */
  readonly isAll: boolean;
  /** The newest first. */
  readonly letters: readonly DeadLetterState[];
}

export interface DeadLetterState {
  readonly id: string;
  readonly time: string;
  readonly destination: string;
  readonly reason: string;
  readonly tag: string;
  /** As text, whatever it holds; its beginning when it is long. */
  readonly content: string;
  readonly isCut: boolean;
  readonly isEvent: boolean;
  /** Why it can't be sent again. */
  readonly obstacle?: string;
  readonly replayedAt?: string;
}

/** `POST /api/dead-letters/replay` with `{ destination, ids }`. */
export interface ReplayResult {
  readonly sent: number;
}

/** `GET /api/mappings`. */
export interface Mappings {
  readonly configuration: ConfigurationState | undefined;
  readonly startedAt: string;
  readonly destinations: readonly DestinationMappings[];
}

export interface DestinationMappings {
  readonly name: string;
  readonly format: string;
  /** What becomes of a record that no mapping is for. */
  readonly unmapped: 'drop' | 'pass';
  /** In the order they are tried. */
  readonly files: readonly MappingFileState[];
  /** Records that nothing maps, the most frequent first; counts of frequent ones are estimates. */
  readonly unmappedKinds: readonly { readonly tag: string; readonly id: string; readonly count: number }[];
}

export interface MappingFileState {
  readonly file: string;
  /** Tag pattern of the records it is for. */
  readonly match: string;
  /** SHA-256 (hex) of its text. */
  readonly digest: string;
  readonly mappings: readonly MappingState[];
}

export interface MappingState {
  /** `*` for every record. */
  readonly ids: readonly string[];
  readonly line: number;
  /** Conditions of its prefilter, as text. */
  readonly prefilter: readonly string[];
  /** It filters out what meets them. */
  readonly exclude: boolean;
  readonly matched: number;
}
