import { randomBytes } from 'node:crypto';
import type { AuditRecord } from '../compile/event.ts';
import type { MappingHits } from '../compile/hits.ts';
import type { Mapper } from '../compile/mapper.ts';
import type { DirectMapper } from '../direct/direct-mapper.ts';
import type { ForwardClient } from '../fluent/forward-client.ts';
import { packForwardMessage } from '../fluent/forward-message.ts';
import { formats } from '../format/index.ts';
import type { Render } from '../format/render.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { Batcher } from './batch.ts';
import type { Counters } from './counters.ts';
import { type DeadLetter, packDeadLetter } from './dead-letter.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { GateRules } from './gate-rules.ts';
import { Measures } from './measures.ts';
import { sendTestEvent, type TestResult } from './test-event.ts';

/** What a destination needs to deliver by itself. */
export interface GateParts extends Pick<GateOptions, 'send' | 'onChange' | 'now'> {
  /** Closes the connections to the SIEM. */
  readonly close: () => Promise<void>;
}

/** What a configuration says of a destination: how records become its events. */
export interface CompiledDestination {
  readonly settings: DestinationSettings;
  readonly map: Mapper;
  /** Where the format has one: what it takes goes another way to the same line. */
  readonly direct: DirectMapper | undefined;
  readonly render: Render;
  /** Which mapping matched how often, counted by `map` and `direct`. */
  readonly hits?: MappingHits;
  /** What a record is called that no mapping is for, by its tag. */
  readonly kind?: (record: AuditRecord, tag: string) => string;
  /** The mapping files, in the order they are tried. */
  readonly files?: readonly CompiledFile[];
  /** Of all that decides which events a body becomes, and in which order. */
  readonly digest: string;
}

/** A mapping file of a configuration. */
export interface CompiledFile {
  readonly set: MappingSet;
  /** SHA-256 (hex) of its text. */
  readonly digest: string;
}

export const destinationStates = ['direct', 'delivering', 'failing', 'paused'] as const;

export type DestinationState = (typeof destinationStates)[number];

/**
 * A SIEM: how records become its events, and the Fluent Bit that delivers them. With another configuration it stays
 * the same destination: counters, batches and what its gate knows go on.
 */
export class Destination {
  readonly name: string;
  readonly deadLetters: Batcher;
  readonly measures: Measures;
  readonly #batches = new Map<string, Batcher>();
  /** Test events under way. */
  readonly #tests = new Set<Promise<TestResult>>();
  #compiled: CompiledDestination;
  #forward: ForwardClient;
  #parts: GateParts | undefined;
  #gate: Gate | undefined;
  readonly #start = randomBytes(5).toString('hex');
  #chunks = 0;

  /** @param parts of one with `deliver`, where it is to deliver */
  constructor(compiled: CompiledDestination, forward: ForwardClient, parts?: GateParts) {
    const { name, batch } = compiled.settings;
    this.name = name;
    this.measures = new Measures(parts?.now);
    this.deadLetters = new Batcher(`dead.${name}`, batch);
    this.#compiled = compiled;
    this.#forward = forward;
    this.#parts = parts;
    this.#gate = this.#gateBy(parts);
  }

  /** All of the configuration in use at once: for a request that must not see another one halfway. */
  get compiled(): CompiledDestination {
    return this.#compiled;
  }

  get counters(): Counters {
    return this.measures.counters;
  }

  /** `direct`: Fluent Bit delivers it, and knows how it goes. */
  get state(): DestinationState {
    if (!this.#gate) return 'direct';
    if (this.#gate.isPaused) return 'paused';
    return this.#gate.circuit.failure ? 'failing' : 'delivering';
  }

  get settings(): DestinationSettings {
    return this.#compiled.settings;
  }

  get forward(): ForwardClient {
    return this.#forward;
  }

  /** Only of a destination with `deliver`. */
  get gate(): Gate | undefined {
    return this.#gate;
  }

  /** Whose gate is made of them. */
  get parts(): GateParts | undefined {
    return this.#parts;
  }

  get isText(): boolean {
    return formats.get(this.settings.format)!.isText;
  }

  /**
   * Goes on by another configuration. What is under way ends as it began, and old connections are closed after that.
   *
   * @param forward the one it has, unless the way to Fluent Bit is another
   * @param parts those it has, unless the way to the SIEM is another
   */
  apply(compiled: CompiledDestination, forward: ForwardClient, parts?: GateParts): void {
    this.collect();
    const before = { forward: this.#forward, parts: this.#parts, gate: this.#gate };
    const { batch } = compiled.settings;
    this.#compiled = compiled;
    this.#forward = forward;
    this.#parts = parts;
    for (const batcher of [this.deadLetters, ...this.#batches.values()]) batcher.limits = batch;
    const rules = this.#rulesBy(parts);
    if (rules && this.#gate) this.#gate.apply(rules);
    else this.#gate = this.#gateBy(parts);
    if (before.forward !== forward) before.forward.retire();
    if (before.parts !== parts) void this.#closeWhenUnused(before.parts, before.gate);
  }

  /** It is in no configuration any more: closes its connections when what is under way has ended. */
  retire(): void {
    this.#forward.retire();
    void this.#closeWhenUnused(this.#parts, this.#gate);
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

  /** Has what the mappings in use have counted until now among the measures. */
  collect(): void {
    const { hits } = this.#compiled;
    if (hits) this.measures.mapped.take(hits);
  }

  /** Closes its connections; what is under way fails, and is repeated. */
  async close(): Promise<void> {
    this.#forward.close();
    await this.#parts?.close();
  }

  /** Sends a marked event to the SIEM; only of a destination with a gate. */
  async sendTestEvent(): Promise<TestResult> {
    const { settings, render } = this.#compiled;
    const { format, deliver } = settings;
    const test = sendTestEvent({ format, deliver: deliver!, isText: this.isText }, render, this.#parts!.send);
    this.#tests.add(test);
    try {
      return await test;
    } finally {
      this.#tests.delete(test);
    }
  }

  #rulesBy(parts: GateParts | undefined): GateRules | undefined {
    const { settings } = this.#compiled;
    const { deliver } = settings;
    return deliver && parts && { settings: { ...settings, deliver }, isText: this.isText, send: parts.send };
  }

  #gateBy(parts: GateParts | undefined): Gate | undefined {
    const rules = this.#rulesBy(parts);
    if (!rules) return undefined;
    const { measures } = this;
    return new Gate({ ...parts, ...rules, measures, bury: (letters) => this.#bury(letters) });
  }

  async #closeWhenUnused(parts: GateParts | undefined, gate: Gate | undefined): Promise<void> {
    await Promise.allSettled([gate?.emptied(), ...this.#tests]);
    await parts?.close();
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
