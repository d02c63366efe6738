import { expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileSplunkHec } from '../../plugin/format/splunk-hec.ts';
import { destination, mapWith } from '../helpers.ts';
import { packAndUnpack } from './unpack-event.ts';

const mapping = `
time: $ts
mappings:
  - id: '*'
    map: { eventClass: Files, eventName: $operation, severity: 2, extension: { user: $user } }
`;
const event = {
  eventClass: 'c',
  eventName: 'n',
  severity: 2,
  extension: [],
  time: 1772438437123,
  tag: 'a.b',
};

test('the envelope of the HTTP Event Collector with what the mapping says in it', () => {
  const record = { operation: 'upload', ts: '1772438437123', user: 'jane' };
  expect(mapWith(mapping, record, { format: 'splunk-hec', tag: 'filecloud.audit' })).toBe(
    '{"time":1772438437.123,"source":"filecloud.audit","sourcetype":"_json",' +
      '"event":{"eventClass":"Files","eventName":"upload","severity":2,"user":"jane"}}',
  );
});

test('the source of a record without a tag is this service', () => {
  expect(mapWith(mapping, {}, { format: 'splunk-hec' })).toContain('"source":"fluent-bit-siem"');
});

test('the destination may name host, source, sourcetype and index', () => {
  const splunk = { host: 'h', source: 's', sourcetype: 't', index: 'i' };
  const render = compileSplunkHec(destination('splunk-hec', { splunk }));
  expect(render(event, noProblems())).toMatchObject(splunk);
});

test('the time reaches Fluent Bit in seconds, with its milliseconds', () => {
  const render = compileSplunkHec(destination('splunk-hec'));
  expect(packAndUnpack(render(event, noProblems())).get('time')).toBe(1772438437.123);
  expect(packAndUnpack(render({ ...event, time: 1772438437000 }, noProblems())).get('time')).toBe(1772438437);
});
