import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startFluentBit } from '../../plugin/cli/demo/fluent-bit.ts';
import { fromMilliseconds } from '../../plugin/fluent/event-time.ts';
import { ForwardClient } from '../../plugin/fluent/forward-client.ts';
import { packEvent, packForwardMessage } from '../../plugin/fluent/forward-message.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';
import { Loop, type LoopOptions, type Part } from './loop.ts';

/** What a test's records become: each its own event, with its id. */
const mapping = `
time: $time
mappings:
  - id: '*'
    map: { eventClass: Test, eventName: test, severity: 1, extension: { id: $id } }
`;

export interface GateLoopOptions extends LoopOptions {
  /** `deliver:` of the destination `splunk`, which outputs/gate.conf is for; YAML in one line. */
  readonly deliver: string;
  /** More keys of that destination. */
  readonly more?: string;
  /** What is to stay free in `storage` of the folder, for the service to look at. */
  readonly room?: string;
  /** How long an acknowledgement may take. */
  readonly ackTimeout?: string;
  /** More destinations, each a line. */
  readonly others?: string;
  /** More keys of `service`, each behind a comma. */
  readonly service?: string;
  /** Configurations among `files` that deliver, too. */
  readonly deliveries?: readonly string[];
  /** Files to put in the folder; the changes of a loop are made to them as to the shipped ones. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A record that the gate set aside, as outputs/dead-letter.conf writes it. */
export interface Letter {
  readonly time: string;
  readonly destination: string;
  readonly reason: string;
  readonly tag: string;
  readonly event: string;
}

/** The loop with the gate between the delivering Fluent Bit and the SIEM. */
export class GateLoop extends Loop {
  readonly #options: GateLoopOptions;
  readonly #deliveries: Child[] = [];
  #begin: (() => void) | undefined;

  constructor(options: GateLoopOptions) {
    super({ destinations: 'destinations.yaml', stanza: 'gate', ...options });
    this.#options = options;
    this.environment.FLUENT_BIT_SIEM_STATE = join(this.folder, 'state.json');
  }

  override async start(): Promise<void> {
    const {
      deliver,
      more = 'format: json',
      room,
      ackTimeout = '30s',
      others = '',
      service = '',
      files = {},
      deliveries = [],
    } = this.#options;
    const path = join(this.folder, 'storage');
    const storage = room === undefined ? '' : `, storage_path: '${path}', storage_free: ${room}`;
    const forward = `{ address: '127.0.0.1:24224', ack_timeout: ${ackTimeout}${storage} }`;
    writeFileSync(join(this.folder, 'any.yaml'), mapping);
    writeFileSync(
      join(this.folder, 'destinations.yaml'),
      `service: { forward: ${forward}${service} }\ndestinations:\n  splunk: { mappings: [any.yaml], ${more}, deliver: ${deliver} }\n${others}`,
    );
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
    const binary = (await findFluentBit()).path;
    // They are among the changed files only once the loop begins to start its parts.
    this.#begin = () => {
      for (const name of deliveries) this.#deliveries.push(startFluentBit(binary, join(this.folder, name)));
    };
    await super.start();
  }

  override run(part: Part): void {
    super.run(part);
    this.#begin?.();
    this.#begin = undefined;
  }

  override async stop(): Promise<void> {
    await Promise.all(this.#deliveries.map((child) => child.stop('SIGKILL')));
    await super.stop();
  }

  /** Dead letters in the order they were written; a line that a kill cut short is left out. */
  get letters(): Letter[] {
    const file = join(this.folder, 'var', 'dead-letters', 'dead-letters.ndjson');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as Letter];
        } catch {
          return [];
        }
      });
  }

  /** Hands records to `/map`, as a collector would. */
  async map(records: readonly object[], destination = 'splunk'): Promise<void> {
    const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const response = await fetch(`${this.url}/map/${destination}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`/map: ${response.status} ${await response.text()}`);
  }

  /** Puts records into the delivering Fluent Bit under a tag of the test's own. */
  async put(tag: string, records: readonly Record<string, unknown>[]): Promise<void> {
    const [, port] = /^ +Port +(\d+)$/m.exec(readFileSync(join(this.folder, 'fluent-bit.conf'), 'utf8'))!;
    const forward = new ForwardClient({
      address: { host: '127.0.0.1', port: Number(port) },
      credentials: undefined,
      ackTimeout: 30_000,
      onChange: () => {},
    });
    const events = records.map((record) => packEvent(fromMilliseconds(Date.now()), record));
    try {
      await forward.send(packForwardMessage(tag, events, 'test'), 'test');
    } finally {
      forward.close();
    }
  }

  /** Pauses or resumes the destination. */
  async turn(how: 'pause' | 'resume'): Promise<void> {
    const response = await fetch(`${this.url}/destinations/splunk/${how}`, { method: 'POST' });
    if (!response.ok) throw new Error(`${how}: ${response.status} ${await response.text()}`);
  }

  /** One of the service's counters for a destination. */
  async counter(name: string, destination = 'splunk'): Promise<number> {
    const text = (await (await this.get('/metrics'))?.text()) ?? '';
    const [, value] =
      new RegExp(`^fluent_bit_siem_${name}_total\\{destination="${destination}"\\} (\\d+)$`, 'm').exec(
        text,
      ) ?? [];
    return Number(value);
  }
}
