import type { Image } from './assembly.ts';
import { constant, type Place, type Source } from './source.ts';
import type { Piece } from './words.ts';

/** @returns the address of a piece's bytes. @throws ImageFull */
export function putPiece({ words }: Piece, image: Image): number {
  return image.put(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

/** As assembly/source.ts has it. @returns its address; 0 for one that is computed. @throws ImageFull */
export function putSource({ alternatives }: Source, image: Image): number {
  if (!alternatives) return 0;
  const words = alternatives.flatMap((one) => (one === constant ? [1, 0, 0, 0, 0] : wordsOf(one, image)));
  return image.putWords([alternatives.length, image.putWords(words).address]).address;
}

/** A place alone, as assembly/source.ts has it. @returns its address. @throws ImageFull */
export function putPlace(place: Place, image: Image): number {
  return image.putWords(wordsOf(place, image)).address;
}

function wordsOf({ slot, below, keys }: Place, image: Image): number[] {
  const texts = image.putWords(keys.flatMap((key) => [image.put(key), key.length]));
  return [0, slot, keys.length, texts.address, below];
}
