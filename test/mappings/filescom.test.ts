import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../plugin/compile/event.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { kindOf, readFixtures, testEveryMapping, testLines, textsIn } from './fixtures.ts';

// `sample` holds the objects of Files.com's public documentation, `realistic` records made from its field lists.
const folder = join(import.meta.dirname, 'filescom');
const fixtures = await readFixtures(folder, join(folder, 'destinations.yaml'), (word) => `filescom.${word}`);
const { sets } = fixtures.destination;
const { cases } = fixtures;

testLines(folder, fixtures);
testEveryMapping(sets, cases);

test('there is a file for each of the twelve log types', () => {
  expect(sets.map(logTypeOf)).toEqual([
    'action',
    'api_request',
    'automation',
    'email',
    'exavault_api_request',
    'ftp_action',
    'outbound_connection',
    'public_hosting_request',
    'settings_change',
    'sftp_action',
    'sync',
    'web_dav_action',
  ]);
});

describe('a record without a tag is recognised by its keys', () => {
  const documented = cases.filter(({ name }) => /-(?:sample|realistic)$/.test(name));
  test.each(documented)('$name', ({ tag, records }) => {
    for (const record of records) {
      for (const unknown of ['', 'http.0']) {
        const takers = sets.filter((set) => isMapped([set], record, unknown));
        expect(takers.map((set) => set.match)).toEqual([tag]);
      }
    }
  });

  test.each<[what: string, keys: readonly string[]]>([
    ['a sync run', ['id', 'sync_id', 'sync_name', 'status', 'created_at', 'dry_run']],
    ['a file migration', ['timestamp', 'file_migration_id', 'dest_path', 'operation', 'path', 'status']],
    ['an inbound S3 request', ['path', 'client_ip', 'operation', 'status', 'request_id', 'user_agent']],
    ['a SCIM request', ['id', 'request_path', 'request_method', 'http_response_code', 'request_json']],
    ['an external event', ['id', 'event_type', 'status', 'body', 'created_at', 'body_url']],
    ["FileCloud's audit record", ['recordId', 'hostname', 'ts', 'operation', 'resultCode', 'request']],
  ])('%s is none of them', (_, keys) => {
    const record = Object.fromEntries(keys.map((key) => [key, 'example']));
    expect(sets.filter((set) => isMapped([set], record, '')).map(logTypeOf)).toEqual([]);
  });
});

test('passwords, prefixes of API keys and what a workflow put out are not sent', () => {
  const secrets = /hunter2|ab12|token/;
  expect(textsIn(folder, '.records.ndjson').some((text) => secrets.test(text))).toBe(true);
  expect(textsIn(folder, '.cef').filter((text) => secrets.test(text))).toEqual([]);
});

function isMapped(some: readonly MappingSet[], record: AuditRecord, tag: string): boolean {
  return kindOf(some, record, tag) === 'mapped';
}

function logTypeOf(set: MappingSet): string {
  return basename(set.file, '.yaml');
}
