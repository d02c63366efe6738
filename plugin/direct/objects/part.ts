import { packRecord } from '../../fluent/forward-message.ts';
import { jsonBytes } from '../../format/json-limit.ts';
import { remembered } from '../../format/remembered.ts';

/** Packed bytes that stand somewhere in an object. */
export interface Part {
  readonly bytes: Uint8Array;
  /** Bytes they have in JSON text, with the colon and the comma of each pair. */
  readonly size: number;
  /** How many pairs they are. */
  readonly count: number;
}

/** Packs a value. @returns memory that is used again for the next one */
export function packValue(value: unknown): Buffer {
  // Behind the map's header and its key.
  return packRecord({ k: value }).subarray(3);
}

/** A value, packed. */
export function partOf(value: unknown): Part {
  return { bytes: Buffer.from(packValue(value)), size: jsonBytes(value), count: 0 };
}

/** The key of a pair; most mappings have the same. */
export const partOfKey = remembered((key): Part => {
  const { bytes, size } = partOf(key);
  return { bytes, size: size + 2, count: 0 };
});

/** Pairs, one behind the other. */
export function partOfPairs(pairs: Readonly<Record<string, unknown>>): Part {
  const parts = Object.entries(pairs).flatMap(([key, value]) => [partOfKey(key), partOf(value)]);
  return {
    bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    count: parts.length / 2,
  };
}

/** Bytes of a text that is counted when it is complete. */
export function partOfText(text: string): Part {
  return { bytes: Buffer.from(text), size: 0, count: 0 };
}

/** As assembly/object.ts has it. @param address of the bytes */
export function wordsOfPart({ bytes, size, count }: Part, address: number): number[] {
  return [address, bytes.length, size, count];
}
