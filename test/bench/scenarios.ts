import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { type Chunk, type ChunkSize, type EntryForm, makeChunks } from './chunks.ts';
import { type Fields, fileCloudMix, oneOperation, type RecordSource } from './filecloud-mix.ts';
import { filesComMix } from './filescom-mix.ts';
import { seededRandom } from './random.ts';

/** What is measured: records, and the destination they are for. */
export interface Scenario {
  readonly name: string;
  /** One line for the report. */
  readonly about: string;
  /** A destination's settings as YAML, without its mappings. */
  readonly destination: string;
  /** A mapping file's text; without one the shipped FileCloud maps. */
  readonly mappings?: string;
  readonly records: (seed: number) => RecordSource;
  readonly size?: ChunkSize;
  readonly form?: EntryForm;
  /** The function written by hand and the peers have the map of this scenario too. */
  readonly hasPeers?: boolean;
}

export const tag = 'filecloud.audit';

const cef = 'format: cef\n    device: { vendor: FileCloud, product: FileCloud, version: "23.1" }';
const json = (format: string): Scenario => ({
  name: format,
  about: `the mix as ${format}`,
  destination: `format: ${format}`,
  records: fileCloudMix,
});

const nestedMapping = `  - id: downloadfile
    map:
      eventClass: $a.b.c.class
      eventName: $operation
      severity: 2
      extension:
        suser: $a.b.c.d.e.user
        src: $a.b.c.d.e.ip
        fname: $a.list.2.name
        msg: $text.inner.message
        cs1: $a.b
        cs1Label: The object
`;

/** FileCloud's shipped maps, where every event has one pair more; without their examples, which give other lines then. */
function auditMapsWith(pair: Record<string, unknown>): string {
  const file = parse(readFileSync(join(packageRoot, 'mappings', 'filecloud', 'audit.yaml'), 'utf8'));
  for (const mapping of file.mappings) {
    mapping.map.extension = { ...pair, ...mapping.map.extension };
    delete mapping.examples;
  }
  return JSON.stringify(file);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'mix',
    about: 'shipped FileCloud maps, realistic mix, CEF',
    destination: cef,
    records: fileCloudMix,
    hasPeers: true,
  },
  {
    name: 'mix-objects',
    about: 'the mix where each mapping sets the time itself, which takes decoded values',
    destination: cef,
    mappings: auditMapsWith({ rt: '$ts' }),
    records: fileCloudMix,
  },
  {
    name: 'mix-functions',
    about: 'the mix where each mapping calls a function',
    destination: cef,
    mappings: auditMapsWith({
      outcome: { call: 'bool', args: ['$resultCode', 'success', 'failure'] },
    }),
    records: fileCloudMix,
  },
  {
    name: 'filescom',
    about: "Files.com's history by the shipped maps, which call functions for most values",
    destination: cef,
    mappings: readFileSync(join(packageRoot, 'mappings', 'filescom', 'action.yaml'), 'utf8').replace(
      'match: filescom.action',
      `match: ${tag}`,
    ),
    records: filesComMix,
  },
  {
    name: 'mix-decoded',
    about:
      'the mix where each mapping asks for a key (that no record has) by which all of a record is decoded',
    destination: cef,
    mappings: auditMapsWith({ none: '$__proto_none' }),
    records: fileCloudMix,
  },
  {
    name: 'mix-1.8',
    about: 'the mix as Fluent Bit 1.8 writes its entries',
    destination: cef,
    records: fileCloudMix,
    form: '1.8',
  },
  {
    name: 'mix-log',
    about:
      "the mix as Fluent Bit's tail reads it without a parser, which the shipped input does: lines of JSON",
    destination: cef,
    records: (seed) => asLines(fileCloudMix(seed)),
  },
  {
    name: 'mix-2mb',
    about: 'the mix in chunks of 2 MB',
    destination: cef,
    records: fileCloudMix,
    size: { bytes: 2_000_000 },
  },
  {
    name: 'one-map',
    about: 'one mapping, downloads only, CEF',
    destination: cef,
    mappings: mappingFile([download('downloadfile')]),
    records: (seed) => oneOperation('downloadfile', seed),
  },
  {
    name: '200-maps',
    about: 'the same downloads, 200 mappings',
    destination: cef,
    mappings: mappingFile(
      Array.from({ length: 200 }, (_, index) =>
        download(index === 150 ? 'downloadfile' : `operation${index}`),
      ),
    ),
    records: (seed) => oneOperation('downloadfile', seed),
  },
  {
    name: 'no-match',
    about: 'nothing matches: every record is dropped',
    destination: cef,
    mappings: mappingFile([download('nosuchoperation')]),
    records: fileCloudMix,
  },
  {
    name: 'escaping',
    about: 'much to escape in every value',
    destination: cef,
    mappings: mappingFile([download('downloadfile')]),
    records: (seed) => escaping(oneOperation('downloadfile', seed)),
  },
  {
    name: 'wide',
    about: 'records of 200 keys, ten mapped',
    destination: cef,
    mappings: mappingFile([download('downloadfile')]),
    records: (seed) => wide(oneOperation('downloadfile', seed), seed),
  },
  {
    name: 'nested',
    about: 'values six objects deep, and as JSON text',
    destination: cef,
    mappings: mappingFile([nestedMapping]),
    records: (seed) => nested(oneOperation('downloadfile', seed)),
  },
  { name: 'leef', about: 'the mix as LEEF', destination: 'format: leef', records: fileCloudMix },
  {
    name: 'csv',
    about: 'the mix as CSV',
    destination:
      'format: csv\n    csv: { columns: [time, name, severity, suser, src, fname, filePath, msg] }',
    records: fileCloudMix,
  },
  ...['splunk-hec', 'sentinel', 'sumo', 'datadog', 'newrelic', 'ecs', 'ocsf', 'json'].map(json),
];

/** Chunks that one scenario sends over and over. */
export function chunksOf({ records, size = { records: 1000 }, form = '5.x' }: Scenario): Chunk[] {
  return makeChunks(records(1), 10, size, form);
}

/**
 * Writes what the service needs for a scenario.
 *
 * @param service lines under `service:`
 * @returns path of destinations.yaml
 */
export function writeConfiguration(
  folder: string,
  { destination, mappings }: Scenario,
  service = 'listen: 127.0.0.1:2021',
): string {
  mkdirSync(folder, { recursive: true });
  if (mappings !== undefined) writeFileSync(join(folder, 'bench.yaml'), mappings);
  const file = mappings === undefined ? join(packageRoot, 'mappings', 'filecloud', '*.yaml') : 'bench.yaml';
  const config = join(folder, 'destinations.yaml');
  writeFileSync(
    config,
    `service:\n  ${service}\ndestinations:\n  bench:\n    ${destination}\n    mappings: ['${file}']\n`,
  );
  return config;
}

function mappingFile(mappings: readonly string[]): string {
  return `match: filecloud.audit\ntime: $ts\nmappings:\n${mappings.join('')}`;
}

function download(id: string): string {
  return `  - id: ${id}
    map:
      eventClass: FileOperations
      eventName: $operation
      severity: 2
      extension:
        suser: $userName
        shost: $hostname
        recordId: $recordId
        requestClientApplication: $userAgent
        src: $ip
        fname: $request.filename > $notes
        filePath: $realpath > $request.filePath
        fsize: $bandwidth
        cs1: $metadata
        cs1Label: Metadata assigned to the file
`;
}

function asLines(source: RecordSource): RecordSource {
  return () => ({ log: JSON.stringify(source()) });
}

function escaping(source: RecordSource): RecordSource {
  const harsh = 'C:\\share\\a=b|c\r\nX-Fake: 1\t=\\\u0001 ';
  return () => {
    const { request, ...record } = source();
    return {
      ...record,
      userName: `${harsh}${record.userName}`,
      userAgent: harsh.repeat(2),
      notes: harsh.repeat(4),
      request: { ...(request as Fields), filename: harsh.repeat(3), filePath: harsh.repeat(5) },
    };
  };
}

function wide(source: RecordSource, seed: number): RecordSource {
  const dice = seededRandom(seed);
  return () => {
    const record = source();
    for (let index = Object.keys(record).length; index < 200; index++) {
      record[`field_${index}`] =
        index % 3 === 0 ? Math.floor(dice() * 1e6) : `value ${index} ${Math.floor(dice() * 1e6)}`;
    }
    return record;
  };
}

function nested(source: RecordSource): RecordSource {
  return () => {
    const record = source();
    const e = { user: record.userName, ip: record.ip };
    const list = [{ name: 'a.txt' }, { name: 'b.txt' }, { name: 'c.txt' }];
    return {
      ...record,
      a: { b: { c: { class: 'Nested', d: { e } } }, list },
      text: JSON.stringify({ inner: { message: record.notes, list } }),
    };
  };
}
