import { until } from '../../plugin/cli/demo/ports.ts';
import { SplunkReceiver } from '../../plugin/cli/demo/splunk-receiver.ts';
import { secret } from '../secrets/marker.ts';
import { Loop, type LoopOptions } from './loop.ts';

const token = secret('splunk');

/** The loop on outputs/splunk.conf, to a Splunk that refuses what the real one refuses. */
export class SplunkLoop extends Loop {
  readonly splunk = new SplunkReceiver({ token, onEvent: (envelope) => this.#receive(envelope) });
  /** Every envelope that Splunk took, in order. */
  readonly received: Readonly<Record<string, unknown>>[] = [];
  readonly #ids = new Set<string>();

  constructor(options: Pick<LoopOptions, 'destinations' | 'collector' | 'arguments'> = {}) {
    // The stand-in speaks plain HTTP.
    super({ ...options, changes: [['tls', 'on', 'off']] });
  }

  /** Distinct record ids that arrived. */
  get distinct(): number {
    return this.#ids.size;
  }

  get duplicates(): number {
    return this.received.length - this.#ids.size;
  }

  override async start(): Promise<void> {
    await this.splunk.listen();
    Object.assign(this.environment, {
      SPLUNK_HEC_HOST: '127.0.0.1',
      SPLUNK_HEC_PORT: String(this.splunk.port),
      SPLUNK_HEC_TOKEN: token,
    });
    await super.start();
  }

  /** Waits for so many distinct records. @throws with what every part said last, when they don't come */
  async arrive(count: number, timeout = 60_000): Promise<void> {
    if (await until(() => this.distinct >= count, timeout)) return;
    throw new Error(`${this.distinct} of ${count} records arrived\n${this.outputs()}`);
  }

  /** One line on how it went, for the log of the run. */
  report(what: string, sent: number): void {
    const { distinct, duplicates, splunk } = this;
    console.log(
      `${what}: ${sent} sent, ${distinct} received, largest request ${splunk.largestRequest}, ${duplicates} duplicates`,
    );
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.splunk.close();
  }

  #receive(envelope: Readonly<Record<string, unknown>>): void {
    this.received.push(envelope);
    const event = envelope.event as Record<string, unknown>;
    this.#ids.add(String(event.recordId ?? JSON.stringify(event)));
  }
}
