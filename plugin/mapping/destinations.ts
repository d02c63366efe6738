import { type DeliverSettings, type DeliverShape, readDeliverSettings } from './deliver-settings.ts';
import { destinationsSchema } from './destinations-schema.ts';
import { codes, type Diagnostics } from './diagnostic.ts';
import {
  canPass,
  commonSecurityLog,
  type FormatBlocks,
  isText,
  limitsOf,
  readFormatSettings,
  syslogRecordLimit,
} from './format-settings.ts';
import type { MappingFileOptions } from './mapping-file.ts';
import { resolveSecrets, type Secrets } from './secret.ts';
import {
  type AuthSettings,
  type AuthShape,
  checkReach,
  readAuth,
  readTls,
  type TlsSettings,
  type TlsShape,
} from './service-settings.ts';
import type {
  BatchSettings,
  DestinationSettings,
  ForwardSettings,
  Settings,
  SyslogSettings,
} from './settings.ts';
import { checkShape, compileSchema } from './shape.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { type Address, parseAddress, parseDuration, parseSize } from './units.ts';
import { readProperty, readValue } from './value.ts';
import { YamlSource } from './yaml-source.ts';

const validate = compileSchema(destinationsSchema);

/** What comes from outside the file: secrets, and the two addresses the environment may override. */
export interface SettingsContext {
  readonly secrets: Secrets;
  /** Version in the CEF header of a destination that names no device. */
  readonly version: string;
  /** This machine's name, for syslog headers. */
  readonly hostname: string;
}

type ForwardShape =
  | string
  | {
      address: string;
      shared_key?: string;
      username?: string;
      password?: string;
      ack_timeout?: string;
      storage_path?: string;
      storage_free?: string | number;
    };

interface DestinationShape extends FormatBlocks {
  device?: { vendor?: string; product?: string; version?: string };
  cef?: { version?: 0 | 1; mistyped?: 'keep' | 'move' };
  leef?: { version?: '1.0' | '2.0'; delimiter?: string; keys?: 'translate' | 'as-is' };
  syslog?: { format: 'rfc5424' | 'rfc3164'; facility?: number; hostname?: string; appname?: string };
  record_limit?: string | number;
  mappings: (string | ({ file: string } & MappingFileOptions))[];
  unmapped?: 'drop' | 'pass';
  forward?: ForwardShape;
  deliver?: DeliverShape;
  batch?: { records?: number; bytes?: string | number; age?: string; by?: BatchSettings['by'] };
}

interface SettingsShape {
  functions?: string;
  service?: {
    listen?: string;
    workers?: number;
    forward?: ForwardShape;
    body_limit?: string | number;
    in_flight?: string | number;
    state?: string;
    dead_letters?: string;
    auth?: AuthShape;
    tls?: TlsShape;
    watch?: boolean;
    keep_seen?: number;
  } | null;
  destinations: Record<string, DestinationShape>;
}

// Fluent Bit's largest chunk is 2 MB plus one append of up to 6 MB (its default input buffers).
const defaultBodyLimit = 64_000_000;
// The headers of a line may have half of it; RFC 3164's own limit is the smallest that receivers have.
const leastRecordLimit = 1024;
// A few of Fluent Bit's largest chunks; the process needs about three times as much for them.
const defaultInFlight = 2 ** 26;
const defaultStorageFree = 200_000_000;
const defaultListen = '127.0.0.1:2021';
const defaultForward = '127.0.0.1:24224';
const defaultState = '/var/lib/fluent-bit-siem/state.json';

/**
 * Reads destinations.yaml.
 *
 * @returns the settings and the file they came from, or undefined when there were errors (all of them are
 *   in `diagnostics`)
 */
export function readSettings(
  file: string,
  text: string,
  diagnostics: Diagnostics,
  context: SettingsContext,
): { settings: Settings; source: SourceFile } | undefined {
  const source = new YamlSource(file, text, diagnostics);
  if (!checkShape(source, validate)) return undefined;
  const written = source.value as SettingsShape;
  const content = resolveSecrets(source, written, context.secrets) as SettingsShape;
  // Paths of mapping files are shown in findings and logs, so nothing is put in them.
  for (const [name, { mappings }] of Object.entries(written.destinations))
    content.destinations[name]!.mappings = mappings;
  const reader = new SettingsReader(source, context);
  const settings = reader.settings(content, written.service?.auth ?? {});
  return diagnostics.hasErrors ? undefined : { settings, source };
}

class SettingsReader {
  readonly #source: SourceFile;
  readonly #context: SettingsContext;

  constructor(source: SourceFile, context: SettingsContext) {
    this.#source = source;
    this.#context = context;
  }

  /** @param writtenAuth `service.auth` as it stands in the file, its secrets not in their places */
  settings(content: SettingsShape, writtenAuth: AuthShape): Settings {
    const service = content.service ?? {};
    const at = ['service'];
    // Set to nothing, as compose files do, is not set.
    const override = this.#context.secrets.environment('FLUENT_BIT_SIEM_FORWARD') || undefined;
    const shared = this.#forward([...at, 'forward'], service.forward ?? defaultForward, override);
    // Findings come in the order of the file.
    const auth = readAuth(this.#source, [...at, 'auth'], writtenAuth, service.auth ?? {});
    const tls = service.tls && readTls(this.#source, [...at, 'tls'], service.tls, this.#context.secrets);
    const listen = this.#listen([...at, 'listen'], service.listen, auth, tls);
    const bodyLimit = this.#size([...at, 'body_limit'], service.body_limit, defaultBodyLimit);
    return {
      listen,
      auth,
      tls,
      workers: service.workers ?? 1,
      watch: service.watch ?? true,
      keepSeen: service.keep_seen ?? 0,
      bodyLimit,
      inFlight: this.#inFlight([...at, 'in_flight'], service.in_flight, bodyLimit),
      stateFile: this.#context.secrets.environment('FLUENT_BIT_SIEM_STATE') || service.state || defaultState,
      deadLetters: service.dead_letters,
      functions: content.functions,
      destinations: Object.entries(content.destinations).map(([name, one]) =>
        this.#destination(name, one, shared),
      ),
    };
  }

  #destination(name: string, content: DestinationShape, shared: ForwardSettings): DestinationSettings {
    const at: PathInFile = ['destinations', name];
    if (name === 'dead') {
      this.#source.error(
        codes.reservedName,
        at,
        "'dead' is taken: siem.dead.* is the tag of dead letters",
        undefined,
        'key',
      );
    }
    const device = { vendor: 'fluent-bit-siem', product: 'fluent-bit-siem', version: this.#context.version };
    const batch = content.batch ?? {};
    return {
      name,
      format: content.format,
      device: { ...device, ...content.device },
      cef: { version: 0, mistyped: 'keep', ...content.cef },
      leef: { version: '2.0', keys: 'translate', ...content.leef, delimiter: this.#delimiter(at, content) },
      syslog: this.#syslog(at, content),
      ...readFormatSettings(this.#source, at, content),
      recordLimit: this.#recordLimit(at, content),
      mappings: content.mappings.map((entry, index) => {
        const { file: pattern, ...options } = typeof entry === 'string' ? { file: entry } : entry;
        const place = [...at, 'mappings', index];
        this.#checkOptions(place, options);
        return { pattern, options, at: place };
      }),
      unmapped: this.#unmapped(at, content),
      deliver: this.#deliver(at, content),
      forward: content.forward === undefined ? shared : this.#forward([...at, 'forward'], content.forward),
      batch: {
        records: batch.records ?? 100,
        bytes: this.#size([...at, 'batch', 'bytes'], batch.bytes, limitsOf(content.format).batch),
        age: this.#duration([...at, 'batch', 'age'], batch.age, 60_000),
        by: batch.by ?? 'destination',
      },
    };
  }

  /** What is said about a mapping file here is read with the file; what is wrong with it belongs here. */
  #checkOptions(at: PathInFile, { time, idField, externalId }: MappingFileOptions): void {
    if (time !== undefined) readValue(this.#source, [...at, 'time'], time);
    if (externalId !== undefined) readValue(this.#source, [...at, 'externalId'], externalId);
    if (idField !== undefined) readProperty(this.#source, [...at, 'idField'], idField, 'value');
  }

  #unmapped(at: PathInFile, { unmapped = 'drop', format, event }: DestinationShape): 'drop' | 'pass' {
    if (unmapped === 'pass' && !canPass(format, event)) {
      const hint = canPass(format, 'record')
        ? "add a mapping with id '*', or event: record"
        : "add a mapping with id '*', or choose a JSON shape";
      this.#source.error(
        codes.wrongShape,
        [...at, 'unmapped'],
        `'pass' sends the record as it is, which ${format} can't hold`,
        hint,
      );
    }
    return unmapped;
  }

  #deliver(
    at: PathInFile,
    { deliver, format, sentinel, event }: DestinationShape,
  ): DeliverSettings | undefined {
    if (!deliver) return undefined;
    const settings = readDeliverSettings(this.#source, [...at, 'deliver'], deliver, format);
    const restamps = deliver.oldest_event !== undefined || deliver.newest_event !== undefined;
    if (restamps && settings.whenOlder === 'restamp' && sentinel?.table === commonSecurityLog) {
      const message = `${commonSecurityLog} has no column for the event's own time`;
      const hint = 'add when_older: send or dead-letter';
      this.#source.error(codes.wrongShape, [...at, 'deliver'], message, hint, 'key');
    }
    if (restamps && format === 'json' && event === 'record') {
      const message = 'a record as it came has no time that could be told apart';
      this.#source.error(codes.wrongShape, [...at, 'deliver'], message, undefined, 'key');
    }
    return settings;
  }

  /** The provider's own limit unless the destination names one. */
  #recordLimit(
    at: PathInFile,
    { format, syslog, record_limit: written }: DestinationShape,
  ): number | undefined {
    if (written === undefined) return syslog ? syslogRecordLimit : limitsOf(format).recordLimit;
    const limit = this.#size([...at, 'record_limit'], written, leastRecordLimit);
    if (limit >= leastRecordLimit) return limit;
    const hint = 'leave it out, or name what the receiver takes, for example 8KB';
    const message = `an event needs ${leastRecordLimit} bytes for what can't be cut`;
    this.#source.error(codes.wrongShape, [...at, 'record_limit'], message, hint);
    return undefined;
  }

  /** A character, or its code in hex as LEEF's own header writes it. */
  #delimiter(at: PathInFile, { leef }: DestinationShape): string {
    const text = leef?.delimiter ?? 'x09';
    const [, digits] = /^0?x([0-9a-f]{1,4})$/i.exec(text) ?? [];
    const delimiter = digits === undefined ? text : String.fromCharCode(Number.parseInt(digits, 16));
    if (delimiter.length === 1 && !/[|=A-Za-z0-9\r\n]/.test(delimiter)) return delimiter;
    const message = 'a delimiter is one character, and no letter, digit, |, = or line break';
    this.#source.error(
      codes.wrongShape,
      [...at, 'leef', 'delimiter'],
      message,
      "write '^', or x09 for a tab",
    );
    return '\t';
  }

  #syslog(at: PathInFile, { syslog, format }: DestinationShape): SyslogSettings | undefined {
    if (!syslog) return undefined;
    if (!isText(format)) {
      this.#source.error(
        codes.wrongShape,
        [...at, 'syslog'],
        `a syslog header needs a line of text, which ${format} is not`,
        'use cef or leef',
        'key',
      );
    }
    return { facility: 13, hostname: this.#context.hostname, appname: 'fluent-bit-siem', ...syslog };
  }

  #forward(at: PathInFile, content: ForwardShape, override?: string): ForwardSettings {
    const shape = typeof content === 'string' ? { address: content } : content;
    const addressAt = typeof content === 'string' ? at : [...at, 'address'];
    if ((shape.username === undefined) !== (shape.password === undefined)) {
      this.#source.error(codes.missingKey, at, 'username and password go together');
    }
    if (shape.username !== undefined && shape.shared_key === undefined) {
      this.#source.error(
        codes.missingKey,
        at,
        "'forward' has a username and no shared_key",
        'Fluent Bit asks for users only together with a shared key',
      );
    }
    if (shape.storage_free !== undefined && shape.storage_path === undefined)
      this.#source.error(codes.missingKey, at, "'forward' has storage_free and no storage_path");
    const free = this.#size([...at, 'storage_free'], shape.storage_free, defaultStorageFree);
    return {
      address: this.#address(
        addressAt,
        override ?? shape.address,
        override === undefined ? undefined : 'FLUENT_BIT_SIEM_FORWARD',
      ),
      sharedKey: shape.shared_key,
      username: shape.username,
      password: shape.password,
      ackTimeout: this.#duration([...at, 'ack_timeout'], shape.ack_timeout, 30_000),
      storage: shape.storage_path === undefined ? undefined : { path: shape.storage_path, free },
    };
  }

  #listen(
    at: PathInFile,
    text: string | undefined,
    auth: AuthSettings,
    tls: TlsSettings | undefined,
  ): Address {
    const override = this.#context.secrets.environment('FLUENT_BIT_SIEM_LISTEN') || undefined;
    const variable = override === undefined ? undefined : 'FLUENT_BIT_SIEM_LISTEN';
    const listen = this.#address(at, override ?? text ?? defaultListen, variable);
    checkReach(this.#source, at, { listen, auth, tls }, variable);
    return listen;
  }

  #address(at: PathInFile, text: string, variable?: string): Address {
    const address = parseAddress(text);
    if (address) return address;
    const what = variable === undefined ? 'this' : `the environment's ${variable}`;
    this.#source.error(
      codes.badAddress,
      at,
      `${what} is no address`,
      'write host:port, for example 127.0.0.1:24224, or unix:/path',
    );
    return { host: '127.0.0.1', port: 0 };
  }

  #inFlight(at: PathInFile, text: string | number | undefined, bodyLimit: number): number {
    const size = this.#size(at, text, Math.max(defaultInFlight, bodyLimit));
    if (size >= bodyLimit) return size;
    const message = `one body may have ${bodyLimit} bytes, so no less can be in flight`;
    const hint = `write ${bodyLimit} or more, or lower body_limit`;
    this.#source.error(codes.wrongShape, at, message, hint);
    return bodyLimit;
  }

  #duration(at: PathInFile, text: string | undefined, fallback: number): number {
    const duration = text === undefined ? fallback : parseDuration(text);
    if (duration === undefined)
      this.#source.error(
        codes.wrongShape,
        at,
        'this is no length of time',
        'write 500ms, 30s, 5m, 12h or 7d',
      );
    return duration ?? fallback;
  }

  #size(at: PathInFile, text: string | number | undefined, fallback: number): number {
    const size = text === undefined ? fallback : parseSize(text);
    if (size === undefined)
      this.#source.error(codes.wrongShape, at, 'this is no size', 'write 1000000, 900KB, 64MB or 1MiB');
    return size ?? fallback;
  }
}
