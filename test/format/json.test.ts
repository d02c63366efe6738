import { expect, test } from 'vitest';
import { mapWith, recordsFrom } from '../helpers.ts';

const mapping = `
time: $ts
mappings:
  - id: '*'
    map:
      eventClass: Files
      eventName: $operation
      severity: 2
      extension: { user: $user, request: $request, 'odd key': $x }
`;

test('one flat object: the time, the three fields of every event, the extension', () => {
  const record = { operation: 'upload', ts: 1772438437, user: 'jane', request: { size: 5 }, x: 'y' };
  expect(mapWith(mapping, record, { format: 'json' })).toBe(
    '{"time":"2026-03-02T08:00:37.000Z","eventClass":"Files","eventName":"upload","severity":2,' +
      '"user":"jane","request":{"size":5},"odd key":"y"}',
  );
});

test("a mapping's own time wins, and stays in front", () => {
  const [record] = recordsFrom(
    mapping.replace('user: $user', 'time: $when'),
    { when: 'noon' },
    { format: 'json' },
  );
  expect(Object.entries(record as object)[0]).toEqual(['time', 'noon']);
});

test('a time at the end of what four digits hold is a time still; one in microseconds is none', () => {
  expect(mapWith(mapping, { ts: 253402300799999 }, { format: 'json' })).toContain(
    '"time":"9999-12-31T23:59:59.999Z"',
  );
  expect(mapWith(mapping, { ts: 1772438437123456 }, { format: 'json' })).toContain(
    '"time":"2026-03-02T08:00:00.000Z"',
  );
});
