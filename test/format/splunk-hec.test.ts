import { expect, test } from 'vitest';
import { noProblems } from '../../plugin/compile/event.ts';
import type { OutgoingRecord } from '../../plugin/format/render.ts';
import { compileSplunkHec } from '../../plugin/format/splunk-hec.ts';
import { destination, eventOf, mapWith, received, recordsFrom } from '../helpers.ts';
import { packAndUnpack } from './unpack-event.ts';

const mapping = `
time: $ts
mappings:
  - id: '*'
    map: { eventClass: Files, eventName: $operation, severity: 2, extension: { user: $user } }
`;
const event = eventOf({ time: 1772438437123, tag: 'a.b' });

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

test('the destination may name host, source, sourcetype, index and indexed fields, from the record too', () => {
  const splunk =
    'splunk: { host: $hostname, source: s, sourcetype: t, index: i, fields: { user: $user, none: $x } }';
  const record = { operation: 'upload', user: 'jane', hostname: 'cloud' };
  const [envelope] = recordsFrom(mapping, record, { format: `splunk-hec, ${splunk}` }) as [OutgoingRecord];
  expect(envelope).toMatchObject({ host: 'cloud', source: 's', sourcetype: 't', index: 'i' });
  expect(envelope.fields).toEqual({ user: 'jane' });
});

test('without a value for them, host and fields are not there', () => {
  const splunk = 'splunk: { host: $hostname, fields: { user: $user } }';
  const [envelope] = recordsFrom(mapping, {}, { format: `splunk-hec, ${splunk}` }) as [OutgoingRecord];
  expect(Object.keys(envelope)).toEqual(['time', 'source', 'sourcetype', 'event']);
});

test('the event may be the record as it came, or the CEF line', () => {
  const record = { operation: 'upload', user: 'jane', n: 9007199254740993n };
  const [asRecord] = recordsFrom(mapping, record, { format: 'splunk-hec, event: record' }) as [
    OutgoingRecord,
  ];
  expect(asRecord).toMatchObject({ sourcetype: '_json', event: record });
  const [asCef] = recordsFrom(mapping, record, { format: 'splunk-hec, event: cef' }) as [OutgoingRecord];
  expect(asCef).toMatchObject({
    sourcetype: 'cef',
    event: `CEF:0|FileCloud|FileCloud|23.1|Files|upload|2|rt=${received} user=jane`,
  });
});

test('the time reaches Fluent Bit in seconds, with its milliseconds', () => {
  const render = compileSplunkHec(destination('splunk-hec'));
  expect(packAndUnpack(render(event, noProblems())).get('time')).toBe(1772438437.123);
  expect(packAndUnpack(render({ ...event, time: 1772438437000 }, noProblems())).get('time')).toBe(1772438437);
});
