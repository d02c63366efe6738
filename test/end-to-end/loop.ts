import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, copyConfiguration, shortened, startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { SplunkReceiver } from '../../plugin/cli/demo/splunk-receiver.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

export interface LoopOptions {
  /** destinations.yaml to serve; without it the shipped one. */
  readonly destinations?: string;
  /** The provider's stanza: `splunk` is what fluent-bit.conf includes. */
  readonly stanza?: string;
  /** The destination that the collector's records go to: `splunk` is what outputs/map.conf says. */
  readonly destination?: string;
  /** What a collector does instead of tailing FileCloud's files and sending them to /map/splunk. */
  readonly collector?: string;
  /** Environment of both Fluent Bits and the service. */
  readonly environment?: Readonly<Record<string, string>>;
}

const token = 'e2e-5d0c7d1e';

/**
 * The whole loop as a team runs it: a collecting Fluent Bit, the service, a delivering Fluent Bit on the
 * shipped configuration (seconds instead of minutes), a Splunk that refuses what the real one refuses. Each
 * part can be killed and started again.
 */
export class Loop {
  readonly folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  readonly splunk = new SplunkReceiver({ token, onEvent: (envelope) => this.#receive(envelope) });
  /** Every envelope that Splunk took, in order. */
  readonly received: Readonly<Record<string, unknown>>[] = [];
  readonly #ids = new Set<string>();
  readonly #options: LoopOptions;
  readonly #children = new Map<'collector' | 'service' | 'delivery', Child>();
  #binary = '';
  #listen = 0;
  #forward = 0;
  #input = 0;

  constructor(options: LoopOptions = {}) {
    this.#options = options;
  }

  /** Distinct record ids that arrived. */
  get distinct(): number {
    return this.#ids.size;
  }

  get duplicates(): number {
    return this.received.length - this.#ids.size;
  }

  /** Base URL of the service. */
  get url(): string {
    return `http://127.0.0.1:${this.#listen}`;
  }

  /** Port of the collector's http input. */
  get inputPort(): number {
    return this.#input;
  }

  async start(): Promise<void> {
    this.#binary = (await findFluentBit()).path;
    [this.#listen, this.#forward, this.#input] = (await freePorts(3)) as [number, number, number];
    await this.splunk.listen();
    copyConfiguration(this.folder, [
      ...shortened,
      ['Port', '2021', String(this.#listen)],
      ['Port', '24224', String(this.#forward)],
      ['Port', '9880', String(this.#input)],
      ['tls', 'on', 'off'],
      ['Refresh_Interval', '10', '1'],
      ['URI', '/map/splunk', `/map/${this.#options.destination ?? 'splunk'}`],
    ]);
    const delivery = join(this.folder, 'fluent-bit.conf');
    const stanza = `@INCLUDE outputs/${this.#options.stanza ?? 'splunk'}.conf`;
    writeFileSync(delivery, readFileSync(delivery, 'utf8').replace('@INCLUDE outputs/splunk.conf', stanza));
    const stanzas = this.#options.collector ?? '@INCLUDE inputs/filecloud.conf\n@INCLUDE outputs/map.conf\n';
    const service = '[SERVICE]\n    Flush 1\n    scheduler.base 1\n    scheduler.cap 1\n    storage.path';
    writeFileSync(
      join(this.folder, 'collector.conf'),
      `${service} ${join(this.folder, 'var', 'collector')}\n\n${stanzas}`,
    );
    for (const part of ['delivery', 'service', 'collector'] as const) this.run(part);
    await this.ready();
  }

  /** Starts one part (again). */
  run(part: 'collector' | 'service' | 'delivery'): void {
    const environment = {
      FLUENT_BIT_SIEM_LISTEN: `127.0.0.1:${this.#listen}`,
      FLUENT_BIT_SIEM_FORWARD: `127.0.0.1:${this.#forward}`,
      SPLUNK_HEC_HOST: '127.0.0.1',
      SPLUNK_HEC_PORT: String(this.splunk.port),
      SPLUNK_HEC_TOKEN: token,
      ...this.#options.environment,
    };
    const config = this.#options.destinations ?? join(packageRoot, 'mappings', 'destinations.yaml');
    const child =
      part === 'service'
        ? new Child(
            process.execPath,
            [join(packageRoot, 'dist', 'main.js'), 'serve', '--config', config],
            environment,
          )
        : startFluentBit(
            this.#binary,
            join(this.folder, part === 'delivery' ? 'fluent-bit.conf' : 'collector.conf'),
            environment,
          );
    this.#children.set(part, child);
  }

  /** Kills one part with -9. */
  async kill(part: 'collector' | 'service' | 'delivery'): Promise<void> {
    await this.#children.get(part)!.stop('SIGKILL');
  }

  /** Waits until the service reaches its Fluent Bit. */
  async ready(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      for (const [part, child] of this.#children) {
        if (!child.isRunning) throw new Error(`${part} ended:\n${child.output}`);
      }
      return (await this.get('/ready'))?.ok ?? false;
    };
    if (!(await until(isReady, 30_000))) throw new Error(`never ready\n${this.outputs()}`);
  }

  async get(path: string): Promise<Response | undefined> {
    try {
      return await fetch(this.url + path);
    } catch {
      return undefined;
    }
  }

  /** Appends lines to a file that the collector tails. */
  feed(lines: readonly string[], file: 'audit' | 'system-alerts' = 'audit'): void {
    appendFileSync(join(this.folder, 'logs', `${file}.ndjson`), lines.map((line) => `${line}\n`).join(''));
  }

  /** Waits for so many distinct records. @throws with what every part said last, when they don't come */
  async arrive(count: number, timeout = 60_000): Promise<void> {
    if (await until(() => this.distinct >= count, timeout)) return;
    throw new Error(`${this.distinct} of ${count} records arrived\n${this.outputs()}`);
  }

  /** Time for what is sent twice to show itself: retries are a second apart here. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }

  /** One line on how it went, for the log of the run. */
  report(what: string, sent: number): void {
    const { distinct, duplicates, splunk } = this;
    console.log(
      `${what}: ${sent} sent, ${distinct} received, largest request ${splunk.largestRequest}, ${duplicates} duplicates`,
    );
  }

  outputs(): string {
    return [...this.#children].map(([part, child]) => `--- ${part}\n${child.output.slice(-3000)}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop('SIGKILL')));
    await this.splunk.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #receive(envelope: Readonly<Record<string, unknown>>): void {
    this.received.push(envelope);
    const event = envelope.event as Record<string, unknown>;
    this.#ids.add(String(event.recordId ?? JSON.stringify(event)));
  }
}
