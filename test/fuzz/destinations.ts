import { compileMapper } from '../../plugin/compile/mapper.ts';
import type { CompiledDestination } from '../../plugin/delivery/destination.ts';
import { compileDirect } from '../../plugin/direct/direct-mapper.ts';
import { formats } from '../../plugin/format/index.ts';
import { destination, mappingSets } from '../helpers.ts';

/** Keys that the mapping reads. */
export const keys = [
  'operation',
  'kind',
  'user',
  'text',
  'a',
  'b',
  'list',
  'ip',
  'ts',
  'level',
  'size',
  'log',
];

const mapping = `
time: $ts
mappings:
  - id: excluded
    prefilter: { kind: ['', gone], exclude: true }
    map: { eventClass: c, eventName: n, severity: 1 }
  - id: plain
    map:
      eventClass: $kind > 'plain'
      eventName: $user > $text > 'none'
      severity: $level
      extension: { suser: $user, cs1: $text, cs1Label: A label, msg: $a.b > $a > $text, src: $ip, end: $ts, fsize: $size, cs3: $list, cs2: $list.0, odd key: $b, app: $a.b.a.b }
  - id: function
    map:
      eventClass: { call: lower, args: [$kind] }
      eventName: { call: format, args: ['{} of {}', $text, $user] }
      severity: { call: number, args: [$level] }
      extension:
        msg: { call: upper, args: [$text] }
        fname: { call: basename, args: [$a.b > $text] }
        cs1: { call: join, args: [$list, ', '] }
        end: { call: epochMilliseconds, args: [$ts] }
        cs2: { call: truncate, args: [$user, $level] }
        externalId: $size
  - id: any
    map: { eventClass: Any, eventName: $kind, severity: $level, extension: { request: $text, msg: $a, cs4: $b, cs5: $log } }
`;

/** A destination of each format, with and without limits, events of each kind, and what is unmapped passed on. */
const settings = [
  'cef',
  'cef, cef: { mistyped: move, version: 1 }, record_limit: 1024',
  'cef, syslog: { format: rfc5424 }',
  'leef',
  "leef, leef: { version: '2.0', delimiter: '^', keys: as-is }, record_limit: 1500",
  'csv, csv: { columns: [time, eventName, suser, fname] }',
  'csv, record_limit: 1024',
  'splunk-hec, unmapped: pass',
  'splunk-hec, event: record, record_limit: 2000',
  'sentinel, sentinel: { table: Audit_CL }',
  'sentinel, sentinel: { table: CommonSecurityLog }',
  'sentinel, sentinel: { table: Audit_CL }, event: record, unmapped: pass',
  'sumo, event: cef',
  'sumo, event: record',
  'datadog, unmapped: pass',
  'datadog, event: record',
  'newrelic, event: record',
  'newrelic, unmapped: pass',
  'ecs',
  'ocsf',
  'json, unmapped: pass, record_limit: 1024',
  'json, event: record',
];

/** A destination to be tried, and the same without the direct path where it has one. */
export interface Subject {
  readonly name: string;
  readonly isText: boolean;
  readonly destination: CompiledDestination;
  readonly overObjects: CompiledDestination | undefined;
}

const sets = mappingSets(mapping);

/** One for each of the settings, which are its name. */
export const subjects: ReadonlyMap<string, Subject> = new Map(
  settings.map((name) => {
    const { batch, ...rest } = destination(name);
    // A request that no two events fit in: both ways count the bytes of each one by one.
    const one = { ...rest, batch: { ...batch, bytes: 1 } };
    const { compile, isText } = formats.get(one.format)!;
    const make = (direct: CompiledDestination['direct']): CompiledDestination => ({
      settings: one,
      map: compileMapper(sets),
      direct,
      render: compile(one),
      digest: '',
    });
    const direct = compileDirect(sets, one);
    return [name, { name, isText, destination: make(direct), overObjects: direct && make(undefined) }];
  }),
);
