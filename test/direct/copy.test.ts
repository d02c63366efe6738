import { describe, expect, test } from 'vitest';
import { careFor, copyText, writePiece } from '../../plugin/direct/lines/copy.ts';
import { pieceOf, viewOf } from '../../plugin/direct/words.ts';
import { EventBuffer } from '../../plugin/fluent/event-buffer.ts';

function copied(text: Buffer, care: Parameters<typeof copyText>[4], before = ''): string | undefined {
  const out = new EventBuffer();
  writePiece(out, pieceOf(before));
  // Other bytes stand around it.
  const bytes = Buffer.concat([Buffer.from('=\\\n'), text, Buffer.from('=\\\n\xff', 'latin1')]);
  const isDone = copyText(out, { bytes, view: viewOf(bytes) }, 3, 3 + text.length, care);
  expect(out.at).toBeGreaterThanOrEqual(before.length);
  if (!isDone) expect(out.at).toBe(before.length);
  return isDone ? out.bytes.toString('latin1', 0, out.at) : undefined;
}

describe.each([
  { name: 'CEF', care: careFor('\\=', '\t'), escaped: '\\=', kept: '\t', refused: '' },
  { name: 'LEEF with tabs', care: careFor('', '', '\t'), escaped: '', kept: '', refused: '\t' },
  { name: 'LEEF with ^', care: careFor('', '', '^'), escaped: '', kept: '', refused: '^' },
])('$name', ({ care, escaped, kept, refused }) => {
  test('each byte at each place of a word is copied, escaped or refused', () => {
    for (let byte = 0; byte < 256; byte++) {
      const character = String.fromCharCode(byte);
      const isPlain =
        (byte >= 0x20 && byte < 0x7f && !refused.includes(character)) || kept.includes(character);
      for (let place = 0; place < 9; place++) {
        const text = Buffer.from('abcdefghi');
        text[place] = byte;
        const whole = text.toString('latin1');
        const expected = escaped.includes(character) ? whole.replace(character, `\\${character}`) : whole;
        expect([byte, place, copied(text, care)]).toEqual([byte, place, isPlain ? expected : undefined]);
      }
    }
  });
});

test('characters beyond ASCII are copied when they are whole, and no separators of lines', () => {
  const care = careFor('\\=', '\t');
  const text = 'Größe=資料 🙂 x\\y';
  expect(Buffer.from(copied(Buffer.from(text), care)!, 'latin1').toString()).toBe('Größe\\=資料 🙂 x\\\\y');
  for (const odd of ['abcde\u2028', 'abc\u0085def', 'x\u2029'])
    expect(copied(Buffer.from(odd), care)).toBeUndefined();
  for (const whole of ['ß', '資', '🙂'])
    expect(copied(Buffer.from(`abcd${whole}`).subarray(0, -1), care)).toBeUndefined();
});

test('pieces of any length stand one behind the other', () => {
  const out = new EventBuffer();
  const texts = ['', 'a', 'bc', 'def', 'ghij', 'klmno', 'ä€🙂', 'x'.repeat(100_001)];
  for (const text of texts) writePiece(out, pieceOf(text));
  expect(out.bytes.toString('utf8', 0, out.at)).toBe(texts.join(''));
});

test('no more than two printable characters can be special', () => {
  expect(() => careFor('\\=|', '')).toThrow(RangeError);
});
