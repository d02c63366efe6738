/** What a byte of a value needs: nothing, a backslash before it, or more than can be told from the byte alone. */
const asIs = 0;
const backslash = 1;
const more = 2;

/** What the characters of a value need. */
export interface Care {
  readonly ofByte: Uint8Array;
  /** The printable ASCII characters that are not copied as they are, four times each; zeros where there are fewer. */
  readonly special: number;
  readonly otherSpecial: number;
}

/**
 * @param escaped characters that get a backslash
 * @param kept controls that may stand as they are; any other needs more
 * @param refused other characters that need more
 * @throws RangeError when more than two printable characters are special
 */
export function careFor(escaped: string, kept: string, refused = ''): Care {
  const ofByte = new Uint8Array(256).fill(more);
  for (let byte = 0x20; byte < 0x7f; byte++) ofByte[byte] = asIs;
  for (const character of kept) ofByte[character.charCodeAt(0)] = asIs;
  for (const character of escaped) ofByte[character.charCodeAt(0)] = backslash;
  for (const character of refused) ofByte[character.charCodeAt(0)] = more;
  const special = [...ofByte.keys()].filter((byte) => byte >= 0x20 && byte < 0x7f && ofByte[byte] !== asIs);
  if (special.length > 2) throw new RangeError('no more than two characters can be looked for at once');
  const [first = 0, second = 0] = special;
  return { ofByte, special: first * 0x01010101, otherSpecial: second * 0x01010101 };
}
