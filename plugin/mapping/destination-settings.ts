import { type DeliverSettings, type DeliverShape, readDeliverSettings } from './deliver-settings.ts';
import { codes } from './diagnostic.ts';
import {
  canPass,
  commonSecurityLog,
  type FormatBlocks,
  isText,
  limitsOf,
  readFormatSettings,
  syslogRecordLimit,
} from './format-settings.ts';
import { type ForwardSettings, type ForwardShape, readForward } from './forward-settings.ts';
import type { MappingFileOptions } from './mapping-file.ts';
import { readDuration, readSize } from './quantities.ts';
import type { BatchSettings, DestinationSettings, SyslogSettings } from './settings.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { readProperty, readValue } from './value.ts';

/** A destination as it is written. */
export interface DestinationShape extends FormatBlocks {
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

/** What a destination has where it says nothing. */
export interface Defaults {
  readonly forward: ForwardSettings;
  /** Version in the CEF header of a destination that names no device. */
  readonly version: string;
  /** This machine's name, for syslog headers. */
  readonly hostname: string;
}

// The headers of a line may have half of it; RFC 3164's own limit is the smallest that receivers have.
const leastRecordLimit = 1024;

/** Reads a destination. */
export function readDestination(
  source: SourceFile,
  at: PathInFile,
  name: string,
  content: DestinationShape,
  defaults: Defaults,
): DestinationSettings {
  if (name === 'dead') {
    const message = "'dead' is taken: siem.dead.* is the tag of dead letters";
    source.error(codes.reservedName, at, message, undefined, 'key');
  }
  const device = { vendor: 'fluent-bit-siem', product: 'fluent-bit-siem', version: defaults.version };
  const { forward, batch = {} } = content;
  return {
    name,
    format: content.format,
    device: { ...device, ...content.device },
    cef: { version: 0, mistyped: 'keep', ...content.cef },
    leef: {
      version: '2.0',
      keys: 'translate',
      ...content.leef,
      delimiter: readDelimiter(source, at, content),
    },
    syslog: readSyslog(source, at, content, defaults.hostname),
    ...readFormatSettings(source, at, content),
    recordLimit: readRecordLimit(source, at, content),
    mappings: content.mappings.map((entry, index) => {
      const { file: pattern, ...options } = typeof entry === 'string' ? { file: entry } : entry;
      const place = [...at, 'mappings', index];
      checkOptions(source, place, options);
      return { pattern, options, at: place };
    }),
    unmapped: readUnmapped(source, at, content),
    deliver: readDeliver(source, at, content),
    forward: forward === undefined ? defaults.forward : readForward(source, [...at, 'forward'], forward),
    batch: {
      records: batch.records ?? 100,
      bytes: readSize(source, [...at, 'batch', 'bytes'], batch.bytes, limitsOf(content.format).batch),
      age: readDuration(source, [...at, 'batch', 'age'], batch.age, 60_000),
      by: batch.by ?? 'destination',
    },
  };
}

/** What is said about a mapping file here is read with the file; what is wrong with it belongs here. */
function checkOptions(
  source: SourceFile,
  at: PathInFile,
  { time, idField, externalId }: MappingFileOptions,
): void {
  if (time !== undefined) readValue(source, [...at, 'time'], time);
  if (externalId !== undefined) readValue(source, [...at, 'externalId'], externalId);
  if (idField !== undefined) readProperty(source, [...at, 'idField'], idField, 'value');
}

function readUnmapped(
  source: SourceFile,
  at: PathInFile,
  { unmapped = 'drop', format, event }: DestinationShape,
): 'drop' | 'pass' {
  if (unmapped === 'pass' && !canPass(format, event)) {
    const hint = canPass(format, 'record')
      ? "add a mapping with id '*', or event: record"
      : "add a mapping with id '*', or choose a JSON shape";
    const message = `'pass' sends the record as it is, which ${format} can't hold`;
    source.error(codes.wrongShape, [...at, 'unmapped'], message, hint);
  }
  return unmapped;
}

function readDeliver(
  source: SourceFile,
  at: PathInFile,
  { deliver, format, sentinel, event }: DestinationShape,
): DeliverSettings | undefined {
  if (!deliver) return undefined;
  const settings = readDeliverSettings(source, [...at, 'deliver'], deliver, format);
  const restamps = deliver.oldest_event !== undefined || deliver.newest_event !== undefined;
  if (restamps && settings.whenOlder === 'restamp' && sentinel?.table === commonSecurityLog) {
    const message = `${commonSecurityLog} has no column for the event's own time`;
    const hint = 'add when_older: send or dead-letter';
    source.error(codes.wrongShape, [...at, 'deliver'], message, hint, 'key');
  }
  if (restamps && format === 'json' && event === 'record') {
    const message = 'a record as it came has no time that could be told apart';
    source.error(codes.wrongShape, [...at, 'deliver'], message, undefined, 'key');
  }
  return settings;
}

/** The provider's own limit unless the destination names one. */
function readRecordLimit(
  source: SourceFile,
  at: PathInFile,
  { format, syslog, record_limit: written }: DestinationShape,
): number | undefined {
  if (written === undefined) return syslog ? syslogRecordLimit : limitsOf(format).recordLimit;
  const limit = readSize(source, [...at, 'record_limit'], written, leastRecordLimit);
  if (limit >= leastRecordLimit) return limit;
  const hint = 'leave it out, or name what the receiver takes, for example 8KB';
  const message = `an event needs ${leastRecordLimit} bytes for what can't be cut`;
  source.error(codes.wrongShape, [...at, 'record_limit'], message, hint);
  return undefined;
}

/** A character, or its code in hex as LEEF's own header writes it. */
function readDelimiter(source: SourceFile, at: PathInFile, { leef }: DestinationShape): string {
  const text = leef?.delimiter ?? 'x09';
  const [, digits] = /^0?x([0-9a-f]{1,4})$/i.exec(text) ?? [];
  const delimiter = digits === undefined ? text : String.fromCharCode(Number.parseInt(digits, 16));
  if (delimiter.length === 1 && !/[|=A-Za-z0-9\r\n]/.test(delimiter)) return delimiter;
  const message = 'a delimiter is one character, and no letter, digit, |, = or line break';
  source.error(codes.wrongShape, [...at, 'leef', 'delimiter'], message, "write '^', or x09 for a tab");
  return '\t';
}

function readSyslog(
  source: SourceFile,
  at: PathInFile,
  { syslog, format }: DestinationShape,
  hostname: string,
): SyslogSettings | undefined {
  if (!syslog) return undefined;
  if (!isText(format)) {
    const message = `a syslog header needs a line of text, which ${format} is not`;
    source.error(codes.wrongShape, [...at, 'syslog'], message, 'use cef or leef', 'key');
  }
  return { facility: 13, hostname, appname: 'fluent-bit-siem', ...syslog };
}
