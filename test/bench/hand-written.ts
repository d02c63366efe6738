import { randomBytes } from 'node:crypto';
import { addExtension, Packr, Unpackr } from 'msgpackr';

/** Any FileCloud record: whoever writes this knows the keys. */
// biome-ignore lint/suspicious/noExplicitAny: that is how it would be written by hand
type Loose = any;

interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

addExtension({
  type: 0,
  unpack: (bytes: Uint8Array): Time => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return { seconds: view.getUint32(0), nanoseconds: view.getUint32(4) };
  },
});

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
const packr = new Packr({ useRecords: false, variableMapSize: true });
const header = 'CEF:0|FileCloud|FileCloud|23.1|';
const batchSize = 100;

/**
 * What a good engineer would write for FileCloud's maps and nothing else: decode, one function an operation, CEF,
 * forward messages of 100 events. It knows no mapping files, checks no types and counts nothing, so it is the near
 * limit of what JavaScript objects can do.
 *
 * @param raw Fluent Bit's msgpack
 * @returns forward messages
 */
export function mapByHand(raw: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  let batch = Buffer.allocUnsafe(256 * 1024);
  let end = 0;
  let count = 0;
  const close = (): void => {
    if (count > 0) messages.push(forwardMessage(batch.subarray(0, end), count));
    end = count = 0;
  };
  for (const [timeOrHeader, record] of unpackr.unpackMultiple(raw) as Loose[]) {
    const line = toCef(record);
    const most = end + 30 + line.length * 3;
    if (most > batch.length) batch = Buffer.concat([batch.subarray(0, end)], most * 2);
    end = writeEvent(batch, end, Array.isArray(timeOrHeader) ? timeOrHeader[0] : timeOrHeader, line);
    if (++count === batchSize) close();
  }
  close();
  return messages;
}

/** The line alone. */
export function toCef(record: Loose): string {
  return (byOperation[record.operation] ?? other)(record, record.request ?? {});
}

const byOperation: Readonly<Record<string, (record: Loose, request: Loose) => string>> = {
  downloadfile: (record, request) =>
    `${start('FileOperations', record, 2)}${who(record)}${pair('fname', request.filename || record.notes)}${pair('filePath', record.realpath || request.filePath)}${pair('fsize', record.bandwidth)}${metadata(record)}`,
  upload: (record, request) =>
    `${start('FileOperations', record, 2)}${who(record)}${pair('fname', request.filename)}${pair('filePath', request.path)}${pair('fsize', record.bandwidth)}`,
  loginguest: (record, request) =>
    String(record.resultCode) === '0'
      ? `${header}login|Invalid login attempt|2|${login(record)}`
      : other(record, request),
  samlsso: (record, request) => {
    const code = String(record.resultCode);
    if (code === '0') return `${header}login|Invalid SSO login attempt|2|${login(record)}`;
    if (code === '1') return `${header}login|Successfull SSO login attempt|2|${login(record)}`;
    return other(record, request);
  },
  addusertoshare: (record, request) =>
    `${start('Shares', record, 2)}${who(record)}${pair('filePath', record.notes)}${pair('duser', request.userid)}${metadata(record)}`,
  updateshare: (record, request) =>
    `${start('Shares', record, 2)}${who(record)}${pair('filePath', request.sharelocation)}${metadata(record)}`,
  setallowpublicaccess: (record, request) =>
    `${start('Shares', record, 6)}${who(record)}${pair('filePath', record.notes)}${pair('ispublic', request.allowpublicaccess)}${metadata(record)}${labelled('cs2', request.shareid, 'Share Identifier')}`,
  dlp: (record, request) => {
    const notes = typeof record.notes === 'string' ? JSON.parse(record.notes) : record.notes;
    return `${start('DLP Violation', record, 6)}${who(record)}${pair('filePath', record.realpath)}${pair('msg', notes.message)}${pair('shareTargetEmail', notes.shareTargetEmail)}${metadata(record)}${labelled('cs3', request.op, 'DLP Violation trigger')}${labelled('cs4', notes.violatedRule, 'DLP Violation rule')}`;
  },
  addmembertogroup: (record, request) =>
    `${start('Groups', record, 5)}${who(record)}${pair('duser', request.userid)}${pair('msg', record.notes)}`,
};

function other(record: Loose, request: Loose): string {
  return `${start(inHeader(record.operation), record, 2)}${who(record)}${pair('msg', record.notes)}${pair('fname', request.filename)}${pair('filePath', record.realpath || request.path || request.filepath)}${pair('duser', request.userid)}`;
}

function start(eventClass: string, record: Loose, severity: number): string {
  return `${header}${eventClass}|${inHeader(record.operation)}|${severity}|rt=${record.ts * 1000}${pair('externalId', record.recordId)}`;
}

function who(record: Loose): string {
  return `${pair('suser', record.userName)}${pair('shost', record.hostname)}${pair('recordId', record.recordId)}${pair('requestClientApplication', record.userAgent)}${pair('src', record.ip)}`;
}

function login(record: Loose): string {
  return `rt=${record.ts * 1000}${pair('externalId', record.recordId)}${pair('user', record.userName)}${pair('ip', record.ip)}${pair('shost', record.hostname)}${pair('recordId', record.recordId)}`;
}

function metadata(record: Loose): string {
  return labelled('cs1', record.metadata, 'Metadata assigned to the file');
}

function labelled(key: string, value: Loose, label: string): string {
  const text = pair(key, value);
  return text === '' ? '' : `${text} ${key}Label=${label}`;
}

/** One pair, a space before it; nothing for what is empty. */
function pair(key: string, value: Loose): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string') return ` ${key}=${inExtension(value)}`;
  if (typeof value !== 'object') return ` ${key}=${value}`;
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? '' : ` ${key}=${inExtension(text)}`;
}

const unsafe = /[\\=\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '=': '\\=', '\n': '\\n', '\r': '\\r' };

function inExtension(text: string): string {
  if (!unsafe.test(text)) return text;
  return text.replace(/[\\=\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => escapes[character] ?? ' ');
}

function inHeader(text: string): string {
  if (!/[\\|\0-\x1f\x7f-\x9f\u2028\u2029]/.test(text)) return text;
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ').replace(/[\\|]/g, '\\$&');
}

/** `[EventTime, {message: line}]`. @returns where it ends */
function writeEvent(target: Buffer, at: number, time: Time, line: string): number {
  target[at] = 0x92;
  target[at + 1] = 0xd7;
  target[at + 2] = 0;
  target.writeUInt32BE(time.seconds, at + 3);
  target.writeUInt32BE(time.nanoseconds, at + 7);
  target[at + 11] = 0x81;
  target.write('\xa7message', at + 12, 'latin1');
  const length = target.write(line, at + 23, 'utf8');
  target[at + 20] = 0xda; // str 16: no line of these maps is longer
  target.writeUInt16BE(length, at + 21);
  return at + 23 + length;
}

const run = randomBytes(5).toString('hex');
let batches = 0;

function forwardMessage(events: Buffer, size: number): Buffer {
  const chunk = `${run}-${batches++}`;
  const tag = packr.pack(`siem.arcsight.${Date.now()}-${chunk}`);
  const options = Buffer.from(packr.pack({ chunk, size }));
  const length = Buffer.of(0xc6, 0, 0, 0, 0);
  length.writeUInt32BE(events.length, 1);
  return Buffer.concat([Buffer.of(0x93), tag, length, events, options]);
}
