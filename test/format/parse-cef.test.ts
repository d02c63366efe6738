import { describe, expect, test } from 'vitest';
import { parseCef } from './parse-cef.ts';

test('a line is taken apart and unescaped', () => {
  expect(parseCef('CEF:0|V\\|v|P|1.0|a\\\\b|n=1|5|src=1.1.1.1 msg=a\\=b | c\\\\ d\\n  end=x')).toEqual({
    version: 'CEF:0',
    vendor: 'V|v',
    product: 'P',
    deviceVersion: '1.0',
    eventClass: 'a\\b',
    eventName: 'n=1',
    severity: '5',
    extension: [
      ['src', '1.1.1.1'],
      ['msg', 'a=b | c\\ d\n '],
      ['end', 'x'],
    ],
  });
});

test('the extension may be empty', () => {
  expect(parseCef('CEF:1|v|p|1|c|n|Very-High|').extension).toEqual([]);
});

describe('what the standard does not allow is refused', () => {
  test.each([
    ['CEF:0|v|p|1|c|n|5', 'only 6 header fields'],
    ['CEF:0|v|p||c|n|5|', 'header field 3 is empty'],
    ['CEF:2|v|p|1|c|n|5|', 'no CEF version'],
    ['CEF:0|v|p|1|c|n|11|', 'no severity'],
    ['CEF:0|v|p|1|c\\=|n|5|', 'no escape of a header: \\='],
    ['CEF:0|v|p|1|c\\n|n|5|', 'no escape of a header: \\n'],
    ['CEF:0|v|p|1|c\tc|n|5|', 'a tab in the header'],
    ['CEF:0|v|p|1|c|n|5|a=1\nb=2', 'a control character'],
    ['CEF:0|v|p|1|c|n|5|a=\u2028', 'a control character'],
    ['CEF:0|v|p|1|c|n|5|a=\ud800', 'a lone surrogate'],
    ['CEF:0|v|p|1|c|n|5|a=b\\|c', 'no escape of a value: \\|'],
    ['CEF:0|v|p|1|c|n|5|a=b\\', 'no escape of a value: \\'],
    ['CEF:0|v|p|1|c|n|5|a=b=c', 'no key in'],
    ['CEF:0|v|p|1|c|n|5|a=1 b_c=2', 'no key: b_c'],
    ['CEF:0|v|p|1|c|n|5|a=1 a=2', 'a key appears twice'],
    ['CEF:0|v|p|1|c|n|5|a= b=2', 'an empty value'],
    ['CEF:0|v|p|1|c|n|5|a=', 'an empty value'],
    ['CEF:0|v|p|1|c|n|5|text', 'an extension without ='],
  ])('%j', (line, problem) => {
    expect(() => parseCef(line)).toThrow(problem);
  });
});
