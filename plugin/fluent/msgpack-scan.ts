/** The bytes stop in the middle of a value, or hold one that msgpack does not know. */
export class MsgpackError extends Error {
  /** Byte offset of the value that can't be read. */
  readonly offset: number;
  /** More bytes could still make it a value. */
  readonly isCutOff: boolean;

  constructor(offset: number, message: string, isCutOff: boolean) {
    super(message);
    this.offset = offset;
    this.isCutOff = isCutOff;
  }
}

function cutOff(offset: number): MsgpackError {
  return new MsgpackError(offset, `the value at byte ${offset} is cut off`, true);
}

/**
 * Finds where a msgpack value ends without decoding it (msgpack specification, "Formats"). It walks
 * instead of recursing: nesting is the sender's choice.
 *
 * @param start byte offset of the value
 * @returns byte offset just behind the value
 * @throws MsgpackError when the value is cut off or not msgpack
 */
export function endOfValue(bytes: Buffer, start: number): number {
  let at = start;
  let pending = 1;
  while (pending > 0) {
    if (at >= bytes.length) throw cutOff(start);
    const type = bytes[at]!;
    pending--;
    if (type <= 0x7f || type >= 0xe0) at += 1;
    else if (type <= 0x8f) {
      pending += (type & 0x0f) * 2;
      at += 1;
    } else if (type <= 0x9f) {
      pending += type & 0x0f;
      at += 1;
    } else if (type <= 0xbf) at += 1 + (type & 0x1f);
    else {
      const [header, content] = fixedHeaders[type - 0xc0]!;
      if (header === 0)
        throw new MsgpackError(at, `byte ${at} (0x${type.toString(16)}) is no msgpack`, false);
      if (at + header > bytes.length) throw cutOff(start);
      const length = content === none ? 0 : readLength(bytes, at + 1, content.lengthBytes);
      at += header;
      if (content === none) continue;
      if (content.unit === 'bytes') at += length;
      else pending += content.unit === 'pairs' ? length * 2 : length;
    }
  }
  if (at > bytes.length) throw cutOff(start);
  return at;
}

/** What an array holds and where its first element starts; undefined when the value is no array. */
export function arrayHeader(bytes: Buffer, at: number): { length: number; first: number } | undefined {
  const type = bytes[at];
  if (type === undefined) return undefined;
  if (type >= 0x90 && type <= 0x9f) return { length: type & 0x0f, first: at + 1 };
  if (type === 0xdc && at + 3 <= bytes.length) return { length: bytes.readUInt16BE(at + 1), first: at + 3 };
  if (type === 0xdd && at + 5 <= bytes.length) return { length: bytes.readUInt32BE(at + 1), first: at + 5 };
  return undefined;
}

/** Whether a value is a map. */
export function isMap(bytes: Buffer, at: number): boolean {
  const type = bytes[at]!;
  return (type >= 0x80 && type <= 0x8f) || type === 0xde || type === 0xdf;
}

/** What a str or bin holds, as bytes; undefined when the value is neither. */
export function contentOf(bytes: Buffer, at: number): Buffer | undefined {
  const type = bytes[at]!;
  const isText = (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
  if (!isText && !(type >= 0xc4 && type <= 0xc6)) return undefined;
  const header = type <= 0xbf ? 1 : fixedHeaders[type - 0xc0]![0];
  return bytes.subarray(at + header, endOfValue(bytes, at));
}

/** Where the elements of an array, or the keys and values of a map in turn, start. */
export function elementsOf(bytes: Buffer, at: number): number[] {
  const type = bytes[at]!;
  const isSmallMap = type >= 0x80 && type <= 0x8f;
  const header = isSmallMap ? { length: (type & 0x0f) * 2, first: at + 1 } : arrayHeader(bytes, at);
  const starts: number[] = [];
  let next = header?.first ?? 0;
  for (let index = 0; index < (header?.length ?? 0); index++) {
    starts.push(next);
    next = endOfValue(bytes, next);
  }
  return starts;
}

interface Content {
  lengthBytes: 1 | 2 | 4;
  unit: 'bytes' | 'items' | 'pairs';
}

const none = undefined;
const data = (lengthBytes: 1 | 2 | 4): Content => ({ lengthBytes, unit: 'bytes' });

/** For 0xc0 to 0xdf: bytes of the header (an ext type's own byte included), and what a length counts. */
const fixedHeaders: readonly (readonly [header: number, content: Content | undefined])[] = [
  [1, none], // nil
  [0, none], // never used
  [1, none], // false
  [1, none], // true
  [2, data(1)], // bin 8
  [3, data(2)],
  [5, data(4)],
  [3, data(1)], // ext 8
  [4, data(2)],
  [6, data(4)],
  [5, none], // float 32
  [9, none],
  [2, none], // uint 8
  [3, none],
  [5, none],
  [9, none],
  [2, none], // int 8
  [3, none],
  [5, none],
  [9, none],
  [3, none], // fixext 1
  [4, none],
  [6, none],
  [10, none],
  [18, none],
  [2, data(1)], // str 8
  [3, data(2)],
  [5, data(4)],
  [3, { lengthBytes: 2, unit: 'items' }], // array 16
  [5, { lengthBytes: 4, unit: 'items' }],
  [3, { lengthBytes: 2, unit: 'pairs' }], // map 16
  [5, { lengthBytes: 4, unit: 'pairs' }],
];

function readLength(bytes: Buffer, at: number, lengthBytes: 1 | 2 | 4): number {
  if (lengthBytes === 1) return bytes[at]!;
  return lengthBytes === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at);
}
