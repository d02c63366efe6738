import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unpackr } from 'msgpackr';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { endsWithUs } from './children.ts';
import type { Chunk } from './chunks.ts';
import { lineLoad, sendFor } from './load.ts';
import { type StartSubject, untilIdle } from './subject.ts';

export interface SyslogNg {
  readonly path: string;
  readonly version: string;
}

/** SYSLOG_NG, else the one on PATH; undefined when there is none with json-parser and format-cef-extension. */
export function findSyslogNg(): SyslogNg | undefined {
  const path = process.env.SYSLOG_NG || 'syslog-ng';
  try {
    const text = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    if (!text.includes('json-plugin') || !/[:,]cef\b/.test(text)) return undefined;
    return { path, version: /\(([\d.]+)\)/.exec(text)?.[1] ?? 'unknown' };
  } catch {
    return undefined;
  }
}

/** syslog-ng: JSON lines in by TCP, CEF lines to /dev/null. */
export function syslogNgSubject({ path }: SyslogNg): StartSubject {
  return async (folder, chunks) => {
    const { child, load } = await startSyslogNg(path, folder, '/dev/null');
    const pids = [child.process.pid!];
    const lines = chunks.map(asLines);
    return {
      pids,
      feed: (milliseconds) => sendFor(load.send, lines, milliseconds, 4),
      settle: () => untilIdle(pids, 500),
      stop: async () => {
        load.close();
        await child.stop();
      },
    };
  };
}

/** Starts it in the foreground on a configuration of its own; nothing of the system's is read or written. */
export async function startSyslogNg(
  path: string,
  folder: string,
  output: string,
): Promise<{ child: Child; load: Awaited<ReturnType<typeof lineLoad>> }> {
  mkdirSync(folder, { recursive: true });
  const [port] = (await freePorts(1)) as [number];
  const config = join(folder, 'syslog-ng.conf');
  writeFileSync(config, configuration(port, output));
  const own = (name: string): string => join(folder, `syslog-ng.${name}`);
  const child = endsWithUs(
    new Child(path, [
      '--foreground',
      '--no-caps',
      '--cfgfile',
      config,
      '--persist-file',
      own('persist'),
      '--pidfile',
      own('pid'),
      '--control',
      own('ctl'),
    ]),
  );
  let load: Awaited<ReturnType<typeof lineLoad>> | undefined;
  const connects = async (): Promise<boolean> => {
    if (!child.isRunning) throw new Error(`syslog-ng ended:\n${child.output}`);
    load = await lineLoad(port).catch(() => undefined);
    return load !== undefined;
  };
  if (!(await until(connects, 30_000))) throw new Error(`syslog-ng never listened:\n${child.output}`);
  return { child, load: load! };
}

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** A chunk's records as JSON lines, which is what syslog-ng reads. */
export function asLines({ bytes, records }: Chunk): Chunk {
  const entries = unpackr.unpackMultiple(bytes) as [unknown, unknown][];
  const text = entries.map(([, record]) => `${JSON.stringify(record)}\n`).join('');
  return { bytes: Buffer.from(text), records };
}

// FileCloud's maps: one log path an operation, most frequent first, each with a template of its own.
const who =
  'suser=${.r.userName} shost=${.r.hostname} recordId=${.r.recordId} requestClientApplication=${.r.userAgent} src=${.r.ip}';
const login = 'user=${.r.userName} ip=${.r.ip} shost=${.r.hostname} recordId=${.r.recordId}';
// JSON objects come flattened: whether there is one is asked by the keys it may have.
const hasMetadata = "('${.r.metadata.Department}${.r.metadata.PII}' ne '')";
const metadata = `cs1=$(if ${hasMetadata} $(format-json --subkeys .r.metadata.) '') cs1Label=$(if ${hasMetadata} 'Metadata assigned to the file' '')`;
const isFailed = '"${.r.resultCode}" eq "0"';

/** Of one log path: the operation (none: all others), what else it asks, the header's end, the extension's pairs. */
type Path = readonly [operation: string, condition: string, head: string, pairs: string];

const paths: readonly Path[] = [
  [
    'downloadfile',
    '',
    'FileOperations|downloadfile|2',
    `${who} fname=$(or \${.r.request.filename} \${.r.notes}) filePath=$(or \${.r.realpath} \${.r.request.filePath}) fsize=\${.r.bandwidth} ${metadata}`,
  ],
  [
    'upload',
    '',
    'FileOperations|upload|2',
    `${who} fname=\${.r.request.filename} filePath=\${.r.request.path} fsize=\${.r.bandwidth}`,
  ],
  ['loginguest', isFailed, 'login|Invalid login attempt|2', login],
  ['samlsso', isFailed, 'login|Invalid SSO login attempt|2', login],
  ['samlsso', '', 'login|Successfull SSO login attempt|2', login],
  [
    'addusertoshare',
    '',
    'Shares|addusertoshare|2',
    `${who} filePath=\${.r.notes} duser=\${.r.request.userid} ${metadata}`,
  ],
  ['updateshare', '', 'Shares|updateshare|2', `${who} filePath=\${.r.request.sharelocation} ${metadata}`],
  [
    'setallowpublicaccess',
    '',
    'Shares|setallowpublicaccess|6',
    `${who} filePath=\${.r.notes} ispublic=\${.r.request.allowpublicaccess} ${metadata} cs2=\${.r.request.shareid} cs2Label='Share Identifier'`,
  ],
  [
    'dlp',
    '',
    'DLP Violation|dlp|6',
    `${who} filePath=\${.r.realpath} msg=\${.r.notes.message} shareTargetEmail=\${.r.notes.shareTargetEmail} ${metadata} cs3=\${.r.request.op} cs3Label='DLP Violation trigger' cs4=\${.r.notes.violatedRule} cs4Label='DLP Violation rule'`,
  ],
  [
    'addmembertogroup',
    '',
    'Groups|addmembertogroup|5',
    `${who} duser=\${.r.request.userid} msg=\${.r.notes}`,
  ],
  [
    '',
    '',
    '${.r.operation}|${.r.operation}|2',
    `${who} msg=\${.r.notes} fname=\${.r.request.filename} filePath=$(or \${.r.realpath} \${.r.request.path} \${.r.request.filepath}) duser=\${.r.request.userid}`,
  ],
];

function configuration(port: number, output: string): string {
  return `@version: 3.38
options { stats-freq(0); keep-hostname(yes); use-dns(no); chain-hostnames(no); };
log {
  source { network(ip("127.0.0.1") port(${port}) transport("tcp") flags(no-parse) log-iw-size(20000) log-fetch-limit(1000) log-msg-size(65536)); };
  parser { json-parser(prefix(".r.")); };
${paths.map((path, index) => logPath(path, index, output)).join('\n')}
  flags(flow-control);
};
`;
}

function logPath([operation, condition, head, pairs]: Path, index: number, output: string): string {
  const conditions = [operation && `"\${.r.operation}" eq "${operation}"`, condition].filter(Boolean);
  const filter = conditions.length > 0 ? `filter { ${conditions.join(' and ')} }; ` : '';
  const extension = `$(format-cef-extension --omit-empty-values rt=$(* \${.r.ts} 1000) externalId=\${.r.recordId} ${pairs})`;
  const template = `CEF:0|FileCloud|FileCloud|23.1|${head}|${extension}\\n`;
  // Two destinations on one file would be one to syslog-ng: each gets a persist-name.
  const destination = `file("${output}" template("${template}") persist-name("path${index}") log-fifo-size(30000));`;
  return `  log { ${filter}destination { ${destination} }; flags(final); };`;
}
