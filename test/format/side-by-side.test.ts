import { expect, test } from 'vitest';
import { mapWith } from '../helpers.ts';

test('the same record in every format', () => {
  const mapping = `
mappings:
  - id: share
    map:
      eventClass: Shares
      eventName: Shared a file
      severity: High
      extension: { suser: $user, fname: $file, cs1: $meta, cs1Label: Metadata, cn1: $size }
`;
  const record = {
    operation: 'share',
    user: 'o=neil',
    file: 'a|b\\c.txt',
    meta: { pii: true },
    size: 9007199254740993n,
  };
  const fields =
    '"eventClass":"Shares","eventName":"Shared a file","severity":"High","suser":"o=neil",' +
    '"fname":"a|b\\\\c.txt","cs1":{"pii":true},"cs1Label":"Metadata","cn1":9007199254740993';

  expect(mapWith(mapping, record)).toBe(
    'CEF:0|FileCloud|FileCloud|23.1|Shares|Shared a file|High|rt=1772438400000 suser=o\\=neil ' +
      'fname=a|b\\\\c.txt cs1={"pii":true} cs1Label=Metadata cn1=9007199254740993',
  );
  expect(mapWith(mapping, record, { format: 'splunk-hec' })).toBe(
    `{"time":1772438400,"source":"fluent-bit-siem","sourcetype":"_json","event":{${fields}}}`,
  );
  expect(mapWith(mapping, record, { format: 'json' })).toBe(`{"time":"2026-03-02T08:00:00.000Z",${fields}}`);
});
