import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areSame, hashOf, viewOf } from '../../plugin/direct/words.ts';

const bytes = fc.uint8Array({ maxLength: 20 });

test('bytes are the same when each of them is, wherever they stand', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(5), fc.nat(5), (one, other, before, otherBefore) => {
      const at = viewOf(Buffer.concat([Buffer.alloc(before, 1), one]));
      const otherAt = viewOf(Buffer.concat([Buffer.alloc(otherBefore, 2), other]));
      const length = Math.min(one.length, other.length);
      const isEqual = Buffer.from(one.subarray(0, length)).equals(other.subarray(0, length));
      expect(areSame(at, before, otherAt, otherBefore, length)).toBe(isEqual);
      if (isEqual) expect(hashOf(at, before, length)).toBe(hashOf(otherAt, otherBefore, length));
    }),
  );
});

test('one byte of difference is seen at every place', () => {
  for (let length = 1; length < 14; length++) {
    for (let place = 0; place < length; place++) {
      const one = Buffer.alloc(length, 0x61);
      const other = Buffer.from(one);
      other[place] = 0x62;
      expect(areSame(viewOf(one), 0, viewOf(other), 0, length)).toBe(false);
    }
  }
});
