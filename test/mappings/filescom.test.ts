import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load } from '../../plugin/cli/load.ts';
import { type AuditRecord, noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { parseJson } from '../../plugin/mapping/json.ts';
import type { MappingSet } from '../../plugin/mapping/model.ts';
import { parseCef } from '../format/parse-cef.ts';
import { received } from '../helpers.ts';

// A case is two files: `<log type>-<case>.records.ndjson` and the lines they become, `<log type>-<case>.cef`.
// `sample` holds the objects of Files.com's public documentation, `realistic` records made from its field lists.
// `UPDATE_FIXTURES=1 npx vitest run test/mappings` writes the lines anew: read the diff.
const folder = join(import.meta.dirname, 'filescom');
const update = process.env.UPDATE_FIXTURES === '1';

interface Case {
  readonly name: string;
  readonly logType: string;
  readonly records: readonly AuditRecord[];
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.records.ndjson'))
  .map((file) => readCase(file.slice(0, -'.records.ndjson'.length)));

const { loaded } = await load(join(folder, 'destinations.yaml'), {});
const { map, render, sets } = loaded!.destinations[0]!;
const logTypes = sets.map(logTypeOf);

test('there is a file for each of the twelve log types', () => {
  expect(logTypes).toEqual([
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

describe("Files.com's records become these CEF lines", () => {
  test.each(cases)('$name', ({ name, logType, records }) => {
    const problems = noProblems();
    const lines = records.flatMap((record) => {
      const outcome = map(record, `filescom.${logType}`, received, problems);
      return outcome.kind === 'mapped'
        ? outcome.events.map((event) => String(render(event, problems).message))
        : [];
    });
    const text = lines.map((line) => `${line}\n`).join('');
    const file = join(folder, `${name}.cef`);
    if (update) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(lines).toHaveLength(records.length);
    expect(problems).toEqual(noProblems());
    for (const line of lines) parseCef(line);
  });
});

test('every expectation belongs to a file of records', () => {
  const expectations = readdirSync(folder).filter((file) => file.endsWith('.cef'));
  expect(expectations).toEqual(cases.map(({ name }) => `${name}.cef`));
});

describe('every mapping takes a record of some case', () => {
  const mappings = sets.flatMap((set) =>
    set.mappings.map((mapping, index) => ({ at: `${mapping.file}:${mapping.line}`, set, index })),
  );
  test.each(mappings)('$at', ({ set, index }) => {
    const isFirstFor = compileIsFirstFor(set, index);
    const takers = cases
      .filter(({ logType }) => logType === logTypeOf(set))
      .filter(({ records }) => records.some(isFirstFor));
    expect(takers).not.toEqual([]);
  });
});

describe('a record without a tag is recognised by its keys', () => {
  const documented = cases.filter(({ name }) => /-(?:sample|realistic)$/.test(name));
  test.each(documented)('$name', ({ logType, records }) => {
    for (const record of records) {
      for (const tag of ['', 'http.0']) {
        const takers = sets.filter((set) => isMapped([set], record, tag));
        expect(takers.map(logTypeOf)).toEqual([logType]);
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
  const texts = (ending: string): string[] =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  expect(texts('.records.ndjson').some((text) => secrets.test(text))).toBe(true);
  expect(texts('.cef').filter((text) => secrets.test(text))).toEqual([]);
});

/** Tells whether no mapping before this one takes a record, and this one does. */
function compileIsFirstFor(set: MappingSet, index: number): (record: AuditRecord) => boolean {
  const tag = `filescom.${logTypeOf(set)}`;
  const [before, upToThis] = [index, index + 1].map((end) =>
    compileMapper([{ ...set, mappings: set.mappings.slice(0, end) }]),
  );
  return (record) =>
    before!(record, tag, received, noProblems()).kind === 'unmapped' &&
    upToThis!(record, tag, received, noProblems()).kind === 'mapped';
}

function isMapped(some: readonly MappingSet[], record: AuditRecord, tag: string): boolean {
  return compileMapper(some)(record, tag, received, noProblems()).kind === 'mapped';
}

function logTypeOf(set: MappingSet): string {
  return basename(set.file, '.yaml');
}

function readCase(name: string): Case {
  const lines = readFileSync(join(folder, `${name}.records.ndjson`), 'utf8').split('\n');
  const records = lines.filter((line) => line !== '').map((line) => parseJson(line) as AuditRecord);
  return { name, logType: name.split('-')[0]!, records };
}
