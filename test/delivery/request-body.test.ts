import { expect, test } from 'vitest';
import { compileBody } from '../../plugin/delivery/request-body.ts';

const lines = ['{"a":1}', '{"a":"ü"}'];
const texts = ['{"message":"CEF:0|a=\\"b\\""}', '{"message":"x"}'];

test.each([
  ['array', false, lines, 'application/json', '[{"a":1},{"a":"ü"}]'],
  ['lines', false, lines, 'application/json', '{"a":1}\n{"a":"ü"}\n'],
  ['bulk', false, lines, 'application/x-ndjson', '{"create":{}}\n{"a":1}\n{"create":{}}\n{"a":"ü"}\n'],
  ['lines', true, texts, 'text/plain; charset=utf-8', 'CEF:0|a="b"\nx\n'],
  ['array', true, texts, 'application/json', '["CEF:0|a=\\"b\\"","x"]'],
] as const)('%s, text %s', (body, isText, events, contentType, expected) => {
  const maker = compileBody(body, isText);
  expect(maker.contentType).toBe(contentType);
  expect(maker.make(events).toString()).toBe(expected);
});

test('a line that is no text event is sent as it is', () => {
  expect(compileBody('lines', true).make(['{"other":1}']).toString()).toBe('{"other":1}\n');
});
