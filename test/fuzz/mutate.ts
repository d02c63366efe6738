import fc from 'fast-check';

type Change = (bytes: Buffer) => Buffer;

/** Somewhere in the bytes. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (bytes: Buffer, where: number): number => Math.floor(where * bytes.length);

/** Headers whose length claims 4 GB, or more than follows; what ends or opens something in a text. */
const inflated = ['dfffffffff', 'ddffffffff', 'dbffffffff', 'c6ffffffff', 'c9ffffffff00', 'deffff', 'dcffff'];
const signs = [
  '00',
  '0a',
  '0d',
  '22',
  '27',
  '5b',
  '7b',
  '5d',
  '7d',
  '2c',
  '3a',
  '5c',
  'e280a8',
  'ed a0 80',
  'ff',
];

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Change =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        if (changed.length > 0) changed[at(changed, where)] = byte;
        return changed;
      },
  ),
  fc.tuple(place, fc.constantFrom(...inflated, ...signs)).map(
    ([where, text]): Change =>
      (bytes) => {
        const position = at(bytes, where);
        const sign = Buffer.from(text.replaceAll(' ', ''), 'hex');
        return Buffer.concat([bytes.subarray(0, position), sign, bytes.subarray(position + sign.length)]);
      },
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 8 })).map(
    ([where, more]): Change =>
      (bytes) => {
        const position = at(bytes, where);
        return Buffer.concat([bytes.subarray(0, position), more, bytes.subarray(position)]);
      },
  ),
  fc.tuple(place, place).map(
    ([from, to]): Change =>
      (bytes) => {
        const [start, end] = [at(bytes, from), at(bytes, to)].sort((a, b) => a - b) as [number, number];
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
      },
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 50 })).map(
    ([from, to, times]): Change =>
      (bytes) => {
        const [start, end] = [at(bytes, from), at(bytes, to)].sort((a, b) => a - b) as [number, number];
        const piece = bytes.subarray(start, Math.min(end, start + 20_000));
        const copies = Array.from({ length: times }, () => piece);
        return Buffer.concat([bytes.subarray(0, start), ...copies, bytes.subarray(start)]);
      },
  ),
  place.map(
    (where): Change =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
);

/** Longer ones show nothing more, and the reader that checks what they become is no fast one. */
const longest = 250_000;

/** What valid bytes become by up to four changes; sometimes none. */
export function mutated(valid: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(valid, fc.array(change, { maxLength: 4 }))
    .map(([bytes, changes]) => changes.reduce((result, one) => one(result), bytes).subarray(0, longest));
}

/** The same of a text. */
export function mutatedText(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return mutated(valid.map((text) => Buffer.from(text))).map((bytes) => bytes.toString());
}
