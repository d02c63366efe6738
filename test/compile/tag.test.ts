import { expect, test } from 'vitest';
import { compileTagPattern } from '../../plugin/compile/tag.ts';

test.each<[pattern: string, tag: string, fits: boolean]>([
  ['filecloud.audit', 'filecloud.audit', true],
  ['filecloud.audit', 'filecloud.audits', false],
  ['filecloud.audit', 'filecloudXaudit', false],
  ['filecloud.*', 'filecloud.audit', true],
  ['filecloud.*', 'filecloud.', true],
  ['filecloud.*', 'filecloud', false],
  ['*', 'anything at all', true],
  ['*.audit', 'a.b.audit', true],
  ['f*.a*t', 'filecloud.audit', true],
  ['f*.a*t', 'filecloud.auditor', false],
  ['**', 'x', true],
  ['a+(b)[c]{1}^$|\\', 'a+(b)[c]{1}^$|\\', true],
  ['a?', 'a', false],
  ['A', 'a', false],
  ['a*b', 'a\nb', true],
])('%s and tag %j: %s', (pattern, tag, fits) => {
  expect(compileTagPattern(pattern)(tag)).toBe(fits);
});

test.each(['filecloud.audit', '*', 'x'])('a record without a tag fits %s', (pattern) => {
  expect(compileTagPattern(pattern)('')).toBe(true);
});
