import fc from 'fast-check';
import { anyKey, anyText } from '../format/arbitraries.ts';

// msgpack written by hand, not by the library that reads it: what no encoder would write is what is wanted.

/** A header with its length in 1, 2 or 4 bytes, whether or not fewer would do. */
const header = (types: readonly [number, number, number], length: number, width: number): Buffer => {
  const bytes = Buffer.alloc(1 + 2 ** width);
  bytes[0] = types[width]!;
  bytes.writeUIntBE(length, 1, 2 ** width);
  return bytes;
};

const str = (content: Buffer, width = 2): Buffer =>
  Buffer.concat([header([0xd9, 0xda, 0xdb], content.length, width), content]);

/** A text as short as msgpack has it. */
export function packText(text: string): Buffer {
  const content = Buffer.from(text);
  if (content.length < 32) return Buffer.concat([Buffer.of(0xa0 | content.length), content]);
  return str(content, content.length < 256 ? 0 : content.length < 65_536 ? 1 : 2);
}

/** A map of packed keys and values; with few of them the short header. */
export function packMap(pairs: readonly (readonly [key: Buffer, value: Buffer])[]): Buffer {
  const head = pairs.length < 16 ? Buffer.of(0x80 | pairs.length) : header([0, 0xde, 0xdf], pairs.length, 2);
  return Buffer.concat([head, ...pairs.flat()]);
}

/** `[[EventTime, {}], record]`, or `[EventTime, record]` as 1.8 has it. */
export function packEntry(record: Buffer, isNew = true): Buffer {
  const time = Buffer.from('d70069a543a5075bcd15', 'hex');
  return isNew
    ? Buffer.concat([Buffer.of(0x92, 0x92), time, Buffer.of(0x80), record])
    : Buffer.concat([Buffer.of(0x92), time, record]);
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 127 }).map((value) => Buffer.of(value)),
  fc.integer({ min: 0xe0, max: 0xff }).map((value) => Buffer.of(value)),
  fc
    .tuple(
      fc.constantFrom<[number, number]>([0xcc, 1], [0xcd, 2], [0xce, 4], [0xcf, 8], [0xd0, 1], [0xd3, 8]),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
    )
    .map(([[type, length], bytes]) => Buffer.concat([Buffer.of(type), bytes.subarray(0, length)])),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.concat([Buffer.of(0xcb), bytes])),
  fc.constantFrom('cb7ff0000000000000', 'cb7ff8000000000000', 'cafff80000', 'cb8000000000000000').map(hex),
);

const text = fc.oneof(
  { weight: 6, arbitrary: anyText().map(packText) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('CEF:0|a|b|c|d|e|1|', '{"a":{"b":[1]}}', '[1', '2026-03-02').map(packText),
  },
  // Bytes that are no UTF-8; the same text with a longer header than it needs.
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => str(Buffer.from(bytes), 0)) },
  {
    weight: 1,
    arbitrary: fc.tuple(anyText(), fc.constantFrom(1, 2)).map(([one, width]) => str(Buffer.from(one), width)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', '\\', '=', '"', 'é', '😀', '\n', '[', '{"a":'), fc.nat(20_000))
      .map(([unit, count]) => packText(unit.repeat(count))),
  },
);

const other = fc.oneof(
  fc.constantFrom('c0', 'c2', 'c3', 'c400', 'c403fffefd', '90', '80', 'd70069a543a5075bcd15').map(hex),
  // Ext types: the time in its longer form, one too short, one of msgpack's own, unknown ones.
  fc
    .constantFrom('c7080069a543a5075bcd15', 'd60069a543a5', 'd6ff69a543a5', 'c70cff0000000000000000ffffffff')
    .map(hex),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 20 }))
    .map(([type, bytes]) => Buffer.concat([Buffer.of(0xc7, bytes.length, type), bytes])),
);

const nested = fc
  .tuple(fc.constantFrom('91', '81a161', '81a0', '91'), fc.oneof(fc.nat(200), fc.nat(100_000)))
  .map(([unit, depth]) => Buffer.concat([Buffer.from(unit.repeat(depth), 'hex'), Buffer.of(0xc0)]));

/** Keys: those the mapping reads, those that mean something to JavaScript, any text, and what is no text at all. */
const key = (known: readonly string[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...known).map(packText) },
    { weight: 3, arbitrary: anyKey.map(packText) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('timestamp', 'message', 'rt', '_time', 'ddtags', '__proto_', 'k'.repeat(70_000))
        .map(packText),
    },
    { weight: 1, arbitrary: fc.oneof(number, other) },
  );

/**
 * A packed record.
 *
 * @param known keys that a mapping reads
 */
export function packedRecord(known: readonly string[]): fc.Arbitrary<Buffer> {
  const { value } = fc.letrec<{ value: Buffer; list: Buffer; map: Buffer }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: text },
      { weight: 3, arbitrary: number },
      { weight: 1, arbitrary: other },
      { weight: 1, arbitrary: nested },
      { weight: 2, arbitrary: tie('list') },
      { weight: 2, arbitrary: tie('map') },
    ),
    list: fc
      .array(tie('value'), { maxLength: 5 })
      .map((items) => Buffer.concat([Buffer.of(0x90 | items.length), ...items])),
    map: fc.array(fc.tuple(key(known), tie('value')), { maxLength: 6 }).map(packMap),
  }));
  const pairs = fc.array(fc.tuple(key(known), value), { maxLength: 24 });
  const id = fc
    .constantFrom('plain', 'any', 'function', 'excluded', 'none')
    .map((one) => [packText('operation'), packText(one)] as const);
  // Thousands of small keys now and then: what is quadratic shows.
  const many = fc
    .tuple(fc.nat(3000), fc.constantFrom('k', '9', 'timestamp_', 'é'))
    .map(([count, name]) =>
      Array.from({ length: count }, (_, index) => [packText(name + index), packText(`v${index}`)] as const),
    );
  return fc.oneof(
    { weight: 20, arbitrary: fc.tuple(id, pairs).map(([first, rest]) => packMap([first, ...rest])) },
    { weight: 1, arbitrary: fc.tuple(id, many).map(([first, rest]) => packMap([first, ...rest])) },
  );
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

/**
 * Where a msgpack value ends, by the specification and nothing of plugin/.
 *
 * @returns undefined when it is cut off or no msgpack
 */
export function wholeValue(bytes: Buffer, start: number): number | undefined {
  let at = start;
  for (let open = 1; open > 0; open--) {
    const type = bytes[at++];
    if (type === undefined || type === 0xc1) return undefined;
    const size = (width: number): number => {
      if (at + width > bytes.length) return Number.NaN;
      at += width;
      return bytes.readUIntBE(at - width, width);
    };
    const jump = (count: number): void => {
      at += count;
    };
    if (type <= 0x7f || type >= 0xe0) continue;
    if (type <= 0x8f) open += 2 * (type & 15);
    else if (type <= 0x9f) open += type & 15;
    else if (type <= 0xbf) at += type & 31;
    else if (type >= 0xc4 && type <= 0xc6) jump(size(2 ** (type - 0xc4)));
    else if (type >= 0xc7 && type <= 0xc9) jump(size(2 ** (type - 0xc7)) + 1);
    else if (type === 0xca) at += 4;
    else if (type === 0xcb) at += 8;
    else if (type >= 0xcc && type <= 0xcf) at += 2 ** (type - 0xcc);
    else if (type >= 0xd0 && type <= 0xd3) at += 2 ** (type - 0xd0);
    else if (type >= 0xd4 && type <= 0xd8) at += 1 + 2 ** (type - 0xd4);
    else if (type >= 0xd9 && type <= 0xdb) jump(size(2 ** (type - 0xd9)));
    else if (type === 0xdc || type === 0xdd) open += size(type === 0xdc ? 2 : 4);
    else if (type === 0xde || type === 0xdf) open += 2 * size(type === 0xde ? 2 : 4);
    if (!(at <= bytes.length) || Number.isNaN(open)) return undefined;
  }
  return at;
}
