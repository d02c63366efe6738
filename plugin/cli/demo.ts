import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noProblems } from '../compile/event.ts';
import { Child, copyConfiguration, findFluentBit, shortened, startFluentBit } from './demo/fluent-bit.ts';
import { freePorts, until } from './demo/ports.ts';
import { generateRecord } from './demo/records.ts';
import { SplunkReceiver } from './demo/splunk-receiver.ts';
import { load } from './load.ts';
import { packageRoot } from './package-root.ts';
import { command, exit, UsageError } from './usage.ts';

const shown = 3;
const token = '3f1c8a52-demo';
const chunkOfRecords = 1000;
/** Without any progress for so long, the demo gives up. */
const patience = 30_000;

export const demo = command(
  {
    name: 'demo',
    summary: 'the whole loop on sample records, with real Fluent Bit and a stand-in Splunk',
    description: `Runs the whole loop on this machine: a real Fluent Bit on the shipped configuration (flushing every second
instead of every minute), the service, and a stand-in Splunk that refuses what the real one refuses. Feeds FileCloud's sample
records, shows the first few, and ends with

  demo: N sent, N received, largest request M, D duplicates`,
    options: {
      records: {
        type: 'string',
        value: 'N',
        default: '0',
        about: 'made-up records to feed after the samples',
      },
    },
    environment: { FLUENT_BIT: 'the Fluent Bit to run, instead of the one on PATH' },
    exits: ['all arrived', 'something is missing'],
    examples: [['fluent-bit-siem demo --records 100000', 'with some weight on it']],
  },
  async (values) => {
    if (!/^\d{1,8}$/.test(values.records))
      throw new UsageError(`--records takes a whole number, not '${values.records}'`);
    let fluentBit: string;
    try {
      fluentBit = await findFluentBit((line) => process.stderr.write(`${line}\n`));
    } catch (error) {
      process.stderr.write(`demo: ${(error as Error).message}\n`);
      return exit.findings;
    }
    const run = new DemoRun(fluentBit, Number(values.records));
    // Ctrl-C must not leave a Fluent Bit behind.
    process.once('SIGINT', () => void run.stop().then(() => process.exit(130)));
    try {
      return (await run.run()) ? exit.fine : exit.findings;
    } finally {
      await run.stop();
    }
  },
);

class DemoRun {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-demo-'));
  readonly #fluentBit: string;
  readonly #generated: number;
  readonly #samples: string[];
  readonly #children: Child[] = [];
  readonly #seen = new Set<string>();
  /** What arrived of the samples that are shown, by record id. */
  readonly #arrived = new Map<string, string>();
  readonly #shown: readonly string[];
  readonly #splunk = new SplunkReceiver({ token, onEvent: (envelope) => this.#receive(envelope) });
  #received = 0;
  #sent = 0;
  #port = 0;

  constructor(fluentBit: string, generated: number) {
    this.#fluentBit = fluentBit;
    this.#generated = generated;
    const samples = readFileSync(join(packageRoot, 'mappings', 'examples', 'filecloud-audit.ndjson'), 'utf8');
    this.#samples = samples.split('\n').filter((line) => line !== '');
    this.#shown = this.#samples.slice(0, shown);
  }

  /** @returns true when every record arrived */
  async run(): Promise<boolean> {
    if (!(await this.#start())) return false;
    this.#feed(this.#samples);
    await until(() => this.#arrived.size === shown, patience);
    await this.#showFirst();
    const total = this.#samples.length + this.#generated;
    for (let number = 0; number < this.#generated; number += chunkOfRecords) {
      const length = Math.min(chunkOfRecords, this.#generated - number);
      this.#feed(Array.from({ length }, (_, offset) => JSON.stringify(generateRecord(number + offset))));
    }
    await this.#watch(total);
    const duplicates = this.#received - this.#seen.size;
    print(
      `demo: ${this.#sent} sent, ${this.#seen.size} received, largest request ${this.#splunk.largestRequest}, ${duplicates} duplicates`,
    );
    if (this.#seen.size === total) return true;
    this.#explain(`${total - this.#seen.size} records are missing`);
    return false;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
    await this.#splunk.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<boolean> {
    const [listen, forward] = (await freePorts(2)) as [number, number];
    this.#port = listen;
    await this.#splunk.listen();
    copyConfiguration(this.#folder, [
      ...shortened,
      ['Port', '2021', String(listen)],
      ['Port', '24224', String(forward)],
      // The stand-in speaks plain HTTP.
      ['tls', 'on', 'off'],
      ['Refresh_Interval', '10', '1'],
    ]);
    const environment = {
      FLUENT_BIT_SIEM_LISTEN: `127.0.0.1:${listen}`,
      FLUENT_BIT_SIEM_FORWARD: `127.0.0.1:${forward}`,
      SPLUNK_HEC_HOST: '127.0.0.1',
      SPLUNK_HEC_PORT: String(this.#splunk.port),
      SPLUNK_HEC_TOKEN: token,
    };
    const config = join(packageRoot, 'mappings', 'destinations.yaml');
    this.#children.push(
      startFluentBit(this.#fluentBit, join(this.#folder, 'fluent-bit-single.conf'), environment),
      new Child(process.execPath, [process.argv[1]!, 'serve', '--config', config], environment),
    );
    const allRun = (): boolean => this.#children.every((child) => child.isRunning);
    const isReady = await until(async () => !allRun() || (await this.#get('/ready')) !== undefined, patience);
    if (isReady && allRun()) return true;
    this.#explain('Fluent Bit or the service did not start');
    return false;
  }

  #feed(lines: readonly string[]): void {
    appendFileSync(join(this.#folder, 'logs', 'audit.ndjson'), `${lines.join('\n')}\n`);
    this.#sent += lines.length;
  }

  #receive(envelope: Readonly<Record<string, unknown>>): void {
    const event = envelope.event as Record<string, unknown>;
    // The few maps that carry no record id tell their records apart by everything else.
    const id = String(event.recordId ?? JSON.stringify(event));
    this.#received++;
    this.#seen.add(id);
    if (this.#shown.some((sample) => sample.includes(id))) this.#arrived.set(id, JSON.stringify(envelope));
  }

  async #showFirst(): Promise<void> {
    const { loaded } = await load(join(packageRoot, 'mappings', 'examples', 'cef.yaml'));
    const cef = loaded!.destinations[0]!;
    for (const sample of this.#shown) {
      const record = JSON.parse(sample);
      const problems = noProblems();
      const outcome = cef.map(record, 'filecloud.audit', 0, problems);
      const lines =
        outcome.kind === 'mapped' ? outcome.events.map((event) => cef.render(event, problems).message) : [];
      print(
        `record  ${sample}\n  CEF   ${lines.join('\n')}\n  JSON  ${this.#arrived.get(record.recordId)}\n`,
      );
    }
  }

  async #watch(total: number): Promise<void> {
    let last = -1;
    let since = Date.now();
    await until(
      async () => {
        if (this.#seen.size !== last) since = Date.now();
        last = this.#seen.size;
        const metrics = (await this.#get('/metrics')) ?? '';
        const mapped = /^fluent_bit_siem_mapped_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? '?';
        print(`sent ${this.#sent}, mapped ${mapped}, received ${this.#seen.size}`);
        return this.#seen.size >= total || Date.now() - since > patience;
      },
      Number.POSITIVE_INFINITY,
      1000,
    );
    // A repeat that is under way would be a duplicate: give it the time to show.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }

  async #get(path: string): Promise<string | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${path}`);
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  #explain(problem: string): void {
    process.stderr.write(`demo: ${problem}. The end of what Fluent Bit and the service said:\n`);
    for (const child of this.#children) process.stderr.write(`${child.output.slice(-2000)}\n`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
