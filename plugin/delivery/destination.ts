import { randomBytes } from 'node:crypto';
import type { Mapper } from '../compile/mapper.ts';
import type { DirectMapper } from '../direct/direct-mapper.ts';
import type { ForwardClient } from '../fluent/forward-client.ts';
import { packForwardMessage } from '../fluent/forward-message.ts';
import { formats } from '../format/index.ts';
import type { Render } from '../format/render.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { Batcher } from './batch.ts';
import { Counters } from './counters.ts';
import { type DeadLetter, packDeadLetter } from './dead-letter.ts';
import { Gate, type GateOptions } from './gate.ts';
import { sendTestEvent, type TestResult } from './test-event.ts';

/** What a destination needs to deliver by itself. */
export interface GateParts extends Pick<GateOptions, 'send' | 'onChange' | 'now'> {
  /** Closes the connections to the SIEM. */
  readonly close: () => Promise<void>;
}

/** A SIEM: how records become its events, and the Fluent Bit that delivers them. */
export class Destination {
  readonly name: string;
  readonly settings: DestinationSettings;
  readonly map: Mapper;
  /** Where the format has one: what it takes goes another way to the same line. */
  readonly direct: DirectMapper | undefined;
  readonly render: Render;
  readonly forward: ForwardClient;
  readonly isText: boolean;
  readonly deadLetters: Batcher;
  readonly counters = new Counters();
  /** Only of a destination with `deliver`. */
  readonly gate: Gate | undefined;
  readonly #batches = new Map<string, Batcher>();
  readonly #parts: GateParts | undefined;
  readonly #start = randomBytes(5).toString('hex');
  #chunks = 0;

  constructor(
    settings: DestinationSettings,
    map: Mapper,
    render: Render,
    forward: ForwardClient,
    parts?: GateParts,
    direct?: DirectMapper,
  ) {
    this.name = settings.name;
    this.settings = settings;
    this.map = map;
    this.direct = direct;
    this.render = render;
    this.forward = forward;
    this.isText = formats.get(settings.format)!.isText;
    this.deadLetters = new Batcher(`dead.${settings.name}`, settings.batch);
    this.#parts = parts;
    const { deliver } = settings;
    this.gate =
      deliver && parts
        ? new Gate({
            ...parts,
            settings: { ...settings, deliver },
            isText: this.isText,
            counters: this.counters,
            bury: (letters) => this.#bury(letters),
          })
        : undefined;
  }

  /** The batches that records of a tag share with those of all others, or have for themselves. */
  batchesOf(tag: string): Batcher {
    const { name, batch } = this.settings;
    const key = batch.by === 'tag' ? `${name}.${tagPart(tag)}` : name;
    let batcher = this.#batches.get(key);
    if (!batcher) {
      // A new one never gives an id that an old one gave.
      if (this.#batches.size >= mostBatchers) this.#batches.clear();
      batcher = new Batcher(key, batch);
      this.#batches.set(key, batcher);
    }
    return batcher;
  }

  /** A chunk id that no other message of this destination has. */
  chunkId(): string {
    return `${this.#start}-${this.#chunks++}`;
  }

  /** Closes its connections; what is under way fails, and is repeated. */
  async close(): Promise<void> {
    this.forward.close();
    await this.#parts?.close();
  }

  /** Sends a marked event to the SIEM; only of a destination with a gate. */
  async sendTestEvent(): Promise<TestResult> {
    const { format, deliver } = this.settings;
    return sendTestEvent({ format, deliver: deliver!, isText: this.isText }, this.render, this.#parts!.send);
  }

  /** Hands dead letters to Fluent Bit. @throws ForwardError */
  async #bury(letters: readonly DeadLetter[]): Promise<void> {
    const packed = letters.map((letter) => packDeadLetter(letter, this.name));
    const portions = this.deadLetters.allocate(packed.map(({ length }) => length));
    await Promise.all(
      portions.map(({ tag, start, end }) => {
        const chunk = this.chunkId();
        const events = packed.slice(start, end);
        return this.forward.send(packForwardMessage(tag, events, chunk), chunk);
      }),
    );
  }
}

/** A sender that makes up tags must not fill the memory. */
const mostBatchers = 1000;
const longestTagPart = 100;

/** A tag as part of another, and of a file's name: out_file calls its files by the tag. */
function tagPart(tag: string): string {
  return tag.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, longestTagPart) || 'untagged';
}
