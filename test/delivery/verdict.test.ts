import { describe, expect, test } from 'vitest';
import { judge } from '../../plugin/delivery/verdict.ts';

const answer = (status: number, text = '', retryAfter?: number) => ({ status, text, retryAfter });
const json = (status: number, content: unknown) => answer(status, JSON.stringify(content));

test.each([200, 201, 202, 204, 206, 299])('%i: all are taken', (status) => {
  expect(judge(answer(status), 'json', 'array', 3)).toEqual({ kind: 'taken' });
});

test.each([
  301, 302, 307, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 415, 421, 425, 426, 429, 431, 451,
  500, 501, 502, 503, 504, 507, 599,
])('%i: the SIEM, the way or the configuration is at fault, and all is kept', (status) => {
  const verdict = judge(answer(status, 'no\r\nway', 5000), 'json', 'array', 3);
  expect(verdict).toEqual({ kind: 'failing', reason: `${status} no way`, retryAfter: 5000 });
});

test.each([
  [413, 'json'],
  [413, 'splunk-hec'],
  [400, 'json'],
  [422, 'datadog'],
  [400, 'splunk-hec'],
])('%i from a %s receiver: fewer at a time will show which record it is', (status, format) => {
  expect(judge(answer(status, 'too bad'), format, 'array', 3)).toEqual({
    kind: 'refused',
    reason: `${status} too bad`,
  });
});

describe('Splunk', () => {
  test.each([5, 6, 12, 13, 15, 16])(
    'names the event that is bad, and took those before it: code %i',
    (code) => {
      const verdict = judge(
        json(400, { text: 'bad', code, 'invalid-event-number': 2 }),
        'splunk-hec',
        'lines',
        5,
      );
      expect(verdict).toMatchObject({
        kind: 'taken-until',
        refused: 2,
        reason: expect.stringMatching(/^400 /),
      });
    },
  );
  test.each([7, 10, 11, 14])('code %i is about the configuration', (code) => {
    const verdict = judge(
      json(400, { text: 'x', code, 'invalid-event-number': 1 }),
      'splunk-hec',
      'lines',
      5,
    );
    expect(verdict.kind).toBe('failing');
  });
  test.each([[-1], [5], [1.5], ['2'], [null]])('an event number %s that can not be is none', (number) => {
    const verdict = judge(json(400, { code: 6, 'invalid-event-number': number }), 'splunk-hec', 'lines', 5);
    expect(verdict.kind).toBe('refused');
  });
  test('only Splunk is believed to mean it', () => {
    expect(judge(json(400, { code: 6, 'invalid-event-number': 2 }), 'json', 'lines', 5).kind).toBe('refused');
  });
});

describe('a bulk answer', () => {
  test('without errors: all are taken', () => {
    expect(judge(json(200, { errors: false, items: [] }), 'ecs', 'bulk', 2)).toEqual({ kind: 'taken' });
  });
  test('has a fate for each document', () => {
    const items = [
      { create: { status: 201 } },
      { create: { status: 409, error: {} } },
      { create: { status: 400, error: { type: 'mapper_parsing_exception' } } },
      { create: { status: 429 } },
      { create: { status: 503 } },
    ];
    expect(judge(json(200, { errors: true, items }), 'ecs', 'bulk', 5)).toEqual({
      kind: 'each',
      fates: ['taken', 'taken', { reason: '400 {"type":"mapper_parsing_exception"}' }, undefined, undefined],
    });
  });
  test.each(['', '[]', '{"errors":true}', '{"errors":true,"items":[{}]}'])(
    '%s is none: all is kept',
    (text) => {
      expect(judge(answer(200, text), 'ecs', 'bulk', 2).kind).toBe('failing');
    },
  );
});

test('the words of the SIEM are one line, and not too many', () => {
  const { reason } = judge(answer(500, `a\n\0b${'x'.repeat(5000)}`), 'json', 'array', 1) as {
    reason: string;
  };
  expect(reason).toMatch(/^500 a bx+$/);
  expect(reason.length).toBeLessThan(520);
});
