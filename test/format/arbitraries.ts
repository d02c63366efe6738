import fc from 'fast-check';

/** Characters that end, split or hide something in one of the formats; lone surrogates among them. */
const dangerous = [
  ...'|=\\\n\r\t\0\x07\x0b\x0c\x1b\x7f\x80\x85\x9f\u2028\u2029\ufeff "\'{}[]^,:aé😀',
  '\ud83d',
  '\udc00',
  '\r\n',
];

/** Text of anything, half of it dangerous. */
export const anyText = (maxLength = 40): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.oneof(fc.constantFrom(...dangerous), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
    maxLength,
  });

/** A key of a record; the ones that mean something to JavaScript among them. */
export const anyKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toJSON',
    'toString',
    'valueOf',
    'then',
    'length',
    '',
    '0',
  ),
  anyText(6),
);
