import { expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { formats, passedRecord } from '../../plugin/format/index.ts';
import { destinationsSchema } from '../../plugin/mapping/destinations-schema.ts';
import { destination, received } from '../helpers.ts';

test('every format of destinations.yaml can be compiled', () => {
  const { format } = destinationsSchema.properties.destinations.additionalProperties.properties;
  expect([...formats.keys()].sort()).toEqual([...format.enum].sort());
});

test('`unmapped: pass` sends the record as it is', () => {
  const record = JSON.parse('{"a":1,"b":{"c":"x"},"__proto__":2}') as Record<string, unknown>;
  const event = passedRecord(record, 'some.tag', received);
  const render = (format: string) => formats.get(format)!.compile(destination(format))(event, noProblems());
  expect(Object.entries(render('json'))).toEqual([
    ['time', '2026-03-02T08:00:00.000Z'],
    ...Object.entries(record),
  ]);
  expect(Object.entries(render('splunk-hec').event as object)).toEqual(Object.entries(record));
});
