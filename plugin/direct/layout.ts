import type { Image } from './assembly.ts';
import { constant, type Place, type Source } from './source.ts';
import type { Piece } from './words.ts';

/** @returns the address of a piece's bytes. @throws ImageFull */
export function putPiece({ words }: Piece, image: Image): number {
  return image.share(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

/** As assembly/source.ts has it. @returns its address; 0 for one that is computed. @throws ImageFull */
export function putSource({ alternatives }: Source, image: Image): number {
  if (!alternatives) return 0;
  const words = alternatives.flatMap((one) => (one === constant ? [1, 0, 0, 0, 0] : wordsOf(one, image)));
  return image.shareWords([alternatives.length, image.shareWords(words)]);
}

/** A place alone, as assembly/source.ts has it. @returns its address. @throws ImageFull */
export function putPlace(place: Place, image: Image): number {
  return image.shareWords(wordsOf(place, image));
}

function wordsOf({ slot, below, keys }: Place, image: Image): number[] {
  const texts = image.shareWords(keys.flatMap((key) => [image.share(key), key.length]));
  return [0, slot, keys.length, texts, below];
}
