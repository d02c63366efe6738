import type { Mapper } from '../compile/mapper.ts';
import type { ForwardClient } from '../fluent/forward-client.ts';
import { formats } from '../format/index.ts';
import type { Render } from '../format/render.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { Batcher } from './batch.ts';
import { Counters } from './counters.ts';

/** A SIEM: how records become its events, and the Fluent Bit that delivers them. */
export class Destination {
  readonly name: string;
  readonly settings: DestinationSettings;
  readonly map: Mapper;
  readonly render: Render;
  readonly forward: ForwardClient;
  readonly isText: boolean;
  readonly deadLetters: Batcher;
  readonly counters = new Counters();
  readonly #batches = new Map<string, Batcher>();

  constructor(settings: DestinationSettings, map: Mapper, render: Render, forward: ForwardClient) {
    this.name = settings.name;
    this.settings = settings;
    this.map = map;
    this.render = render;
    this.forward = forward;
    this.isText = formats.get(settings.format)!.isText;
    this.deadLetters = new Batcher(`dead.${settings.name}`, settings.batch);
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
}

/** A sender that makes up tags must not fill the memory. */
const mostBatchers = 1000;
const longestTagPart = 100;

/** A tag as part of another, and of a file's name: out_file calls its files by the tag. */
function tagPart(tag: string): string {
  return tag.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, longestTagPart) || 'untagged';
}
