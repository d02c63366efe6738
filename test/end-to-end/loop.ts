import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Change, Child, copyConfiguration, shortened } from '../../plugin/cli/demo/fluent-bit.ts';
import { freePorts, until } from '../../plugin/cli/demo/ports.ts';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

export interface LoopOptions {
  /** destinations.yaml to serve, a path from the loop's folder; without it the shipped one. */
  readonly destinations?: string;
  /** The file of outputs/ that delivers: `splunk` is what fluent-bit.conf includes. */
  readonly stanza?: string;
  /** What a collector does instead of tailing FileCloud's files and sending them to /map/splunk. */
  readonly collector?: string;
  /** What the service is started with besides its configuration. */
  readonly arguments?: readonly string[];
  /** What else differs from the shipped configuration. */
  readonly changes?: readonly Change[];
  /** A command that runs a part: it is given the part's own command, and becomes it. */
  readonly within?: Partial<Record<Part, readonly string[]>>;
}

export type Part = 'collector' | 'service' | 'delivery';

/**
 * The whole loop as a team runs it: a collecting Fluent Bit, the service, a delivering Fluent Bit on the
 * shipped configuration (seconds instead of minutes). Each part can be killed and started again. The receiver
 * is the test's own.
 */
export class Loop {
  /** Configuration and data of this run; files that a test puts here before the start take part. */
  readonly folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
  /** Environment of both Fluent Bits and the service: what a stanza asks for goes here before the start. */
  readonly environment: Record<string, string> = {};
  readonly #options: LoopOptions;
  readonly #children = new Map<Part, Child>();
  #binary = '';
  #listen = 0;
  #forward = 0;
  #input = 0;

  constructor(options: LoopOptions = {}) {
    this.#options = options;
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
    const { stanza = 'splunk', changes = [] } = this.#options;
    this.#binary = (await findFluentBit()).path;
    [this.#listen, this.#forward, this.#input] = (await freePorts(3)) as [number, number, number];
    copyConfiguration(this.folder, [
      ...shortened,
      ['Port', '2021', String(this.#listen)],
      ['Port', '24224', String(this.#forward)],
      ['Port', '9880', String(this.#input)],
      ['Refresh_Interval', '10', '1'],
      ...changes,
    ]);
    const delivery = join(this.folder, 'fluent-bit.conf');
    const text = readFileSync(delivery, 'utf8');
    writeFileSync(delivery, text.replace('@INCLUDE outputs/splunk.conf', `@INCLUDE outputs/${stanza}.conf`));
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
  run(part: Part): void {
    const environment = {
      FLUENT_BIT_SIEM_LISTEN: `127.0.0.1:${this.#listen}`,
      FLUENT_BIT_SIEM_FORWARD: `127.0.0.1:${this.#forward}`,
      ...this.environment,
    };
    const shipped = join(packageRoot, 'mappings', 'destinations.yaml');
    const config = resolve(this.folder, this.#options.destinations ?? shipped);
    const command =
      part === 'service'
        ? [
            process.execPath,
            join(packageRoot, 'dist', 'main.js'),
            'serve',
            '--config',
            config,
            ...(this.#options.arguments ?? []),
          ]
        : [this.#binary, '-c', join(this.folder, part === 'delivery' ? 'fluent-bit.conf' : 'collector.conf')];
    const [first, ...rest] = [...(this.#options.within?.[part] ?? []), ...command];
    // 1.8 looks for an included file in the working directory before it looks beside the configuration.
    const folder = part === 'service' ? undefined : this.folder;
    const child = new Child(first!, rest, environment, folder);
    this.#children.set(part, child);
  }

  /** Sends one part a signal. */
  signal(part: Part, name: NodeJS.Signals): void {
    this.#children.get(part)!.process.kill(name);
  }

  /** Kills one part with -9. */
  async kill(part: Part): Promise<void> {
    await this.#children.get(part)!.stop('SIGKILL');
  }

  /** Kills a worker of the service with -9. */
  killWorker(number: number): void {
    const ready = new RegExp(`"worker":${number},"workerPid":(\\d+),"msg":"worker ready"`);
    process.kill(Number(ready.exec(this.#children.get('service')!.output)![1]), 'SIGKILL');
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

  /** Process id of a part that runs. */
  pid(part: Part): number | undefined {
    const child = this.#children.get(part);
    return child?.isRunning ? child.process.pid : undefined;
  }

  /** Files in which the Fluent Bits keep records that are not delivered. */
  get kept(): string[] {
    return readdirSync(join(this.folder, 'var'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.flb'),
    );
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

  /** Posts one record to the collector's http input, which makes the path the tag. */
  async post(tag: string, record: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#input}/${tag}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `[${record}]`,
    });
  }

  /** Time for what is sent twice to show itself: retries are a second apart here. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }

  outputs(): string {
    return [...this.#children].map(([part, child]) => `--- ${part}\n${child.output.slice(-3000)}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
