import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Child } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { makeCertificate } from '../receivers/certificate.ts';
import type { Rsyslog } from '../setup/rsyslog.mjs';
import {
  type CefFields,
  cefRule,
  inOrder,
  type LeefForm,
  type LeefReading,
  leefRule,
} from './lognormalizer.ts';

export const transports = ['tcp', 'tls', 'udp'] as const;
export type Transport = (typeof transports)[number];

/** A message as rsyslog understood it. */
export interface ReceivedMessage {
  /** As it came. */
  readonly raw: string;
  /** Without priority, time and host. */
  readonly line: string;
  readonly facility: string;
  readonly severity: string;
  readonly time: string;
  readonly host: string;
  readonly app: string;
  /** What its own reader, mmnormalize, made of the line; undefined when it could not read it. */
  readonly fields: CefFields | LeefReading | undefined;
}

export interface RsyslogdOptions {
  /** Settings besides; left out, rsyslog is as it comes. */
  readonly global?: string;
  /** How LEEF is written that it is to read. */
  readonly leef?: readonly LeefForm[];
}

/**
 * A real rsyslogd in the foreground, on free ports of loopback, with everything it writes in a folder of its
 * own: what came over TCP, TLS and UDP, as it came (`tcp.log`, ...) and as it was read (`tcp.json`, ...).
 */
export class Rsyslogd {
  readonly folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  readonly #rsyslog: Rsyslog;
  readonly #options: RsyslogdOptions;
  #ports: Readonly<Record<Transport, number>> = { tcp: 0, tls: 0, udp: 0 };
  #child: Child | undefined;

  constructor(rsyslog: Rsyslog, options: RsyslogdOptions = {}) {
    this.#rsyslog = rsyslog;
    this.#options = options;
  }

  port(transport: Transport): number {
    return this.#ports[transport];
  }

  /** The file with its certificate. */
  get certificate(): string {
    return join(this.folder, 'certificate.pem');
  }

  async start(): Promise<void> {
    const [tcp, tls, udp] = (await freePorts(3)) as [number, number, number];
    this.#ports = { tcp, tls, udp };
    const { key, cert } = makeCertificate();
    writeFileSync(this.certificate, cert);
    writeFileSync(join(this.folder, 'key.pem'), key);
    const rules = [cefRule, ...(this.#options.leef ?? []).map(leefRule)];
    writeFileSync(join(this.folder, 'rulebase'), `version=2\n${rules.join('\n')}\n`);
    mkdirSync(join(this.folder, 'work'));
    const config = join(this.folder, 'rsyslog.conf');
    writeFileSync(config, this.#configuration());
    const { rsyslogd, modules, environment } = this.#rsyslog;
    this.#child = new Child(
      rsyslogd,
      ['-n', '-f', config, '-i', join(this.folder, 'rsyslogd.pid'), '-M', modules],
      // RFC 3164 has no zone.
      { ...environment, TZ: 'UTC' },
    );
    const listens = async (): Promise<boolean> => {
      if (!this.#child!.isRunning) throw new Error(`rsyslogd ended:\n${this.#child!.output}`);
      return (await canConnect(tcp)) && (await canConnect(tls));
    };
    if (!(await until(listens, 30_000))) throw new Error(`rsyslogd never listened:\n${this.#child.output}`);
  }

  /** Sends lines in one connection, with a line feed behind each; UDP takes a datagram for each. */
  async send(transport: Transport, lines: readonly string[]): Promise<void> {
    if (transport === 'udp') return this.#sendDatagrams(lines);
    const port = this.port(transport);
    const ca = readFileSync(this.certificate);
    const socket =
      transport === 'tls'
        ? connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost' })
        : connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).once('close', () => resolve());
      socket.end(lines.map((line) => `${line}\n`).join(''));
      socket.resume();
    });
  }

  /** Nothing says whether a datagram has come, and a full buffer loses them: some at a time, then wait. */
  async #sendDatagrams(lines: readonly string[]): Promise<void> {
    const socket = createSocket('udp4');
    let count = this.lines('udp').length;
    for (let start = 0; start < lines.length; start += 20) {
      const some = lines.slice(start, start + 20);
      for (const line of some)
        await new Promise((resolve) => socket.send(line, this.port('udp'), '127.0.0.1', resolve));
      count += some.length;
      await this.arrive('udp', count);
    }
    socket.close();
  }

  /** Waits for so many messages. @throws when they don't come */
  async arrive(transport: Transport, count: number): Promise<readonly ReceivedMessage[]> {
    const arrived = (): number => this.messages(transport).length;
    if (!(await until(() => arrived() >= count, 60_000, 20)))
      throw new Error(`${arrived()} of ${count} messages arrived\n${this.#child!.output}`);
    return this.messages(transport);
  }

  /** What came, line by line as rsyslog wrote it. */
  lines(transport: Transport): string[] {
    return linesOf(join(this.folder, `${transport}.log`));
  }

  messages(transport: Transport): ReceivedMessage[] {
    return linesOf(join(this.folder, `${transport}.json`)).map((line) => {
      const { read, ...message } = JSON.parse(line);
      const fields = 'unparsed-data' in read ? undefined : 'cef' in read ? inOrder(read.cef) : read;
      return { ...message, fields };
    });
  }

  async stop(): Promise<void> {
    await this.#child?.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #configuration(): string {
    const path = (name: string): string => join(this.folder, name);
    // Everything is read by one thread, so that it is written in the order in which it came.
    return `
global(workDirectory="${path('work')}" ${this.#options.global ?? ''}
  defaultNetstreamDriverCAFile="${this.certificate}"
  defaultNetstreamDriverCertFile="${this.certificate}"
  defaultNetstreamDriverKeyFile="${path('key.pem')}")
main_queue(queue.workerThreads="1")
module(load="imudp")
module(load="imtcp")
module(load="mmnormalize")
template(name="time" type="string" string="%timereported:::date-rfc3339%")
template(name="raw" type="string" string="%rawmsg%\\n")
template(name="json" type="string" string="%$!all-json%\\n")
${transports.map((transport) => this.#rules(transport, path)).join('\n')}
input(type="imudp" address="127.0.0.1" port="${this.port('udp')}" ruleset="udp" rcvbufSize="1m")
input(type="imtcp" address="127.0.0.1" port="${this.port('tcp')}" ruleset="tcp")
input(type="imtcp" address="127.0.0.1" port="${this.port('tls')}" ruleset="tls"
  streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
`;
  }

  #rules(transport: Transport, path: (name: string) => string): string {
    return `
ruleset(name="${transport}") {
  set $!raw = $rawmsg;
  set $!facility = $syslogfacility-text;
  set $!severity = $syslogseverity-text;
  set $!time = exec_template("time");
  set $!host = $hostname;
  set $!app = $app-name;
  # To RFC 3164, 'CEF:' is the name of a program.
  if $protocol-version == "1" then { set $!line = $msg; } else { set $!line = $syslogtag & $msg; }
  action(type="mmnormalize" ruleBase="${path('rulebase')}" variable="$!line" path="$!read")
  action(type="omfile" file="${path(`${transport}.log`)}" template="raw")
  action(type="omfile" file="${path(`${transport}.json`)}" template="json")
}`;
  }
}

function linesOf(path: string): string[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').slice(0, -1);
}

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
