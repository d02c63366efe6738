import type { Mapper } from '../compile/mapper.ts';
import type { ForwardClient } from '../fluent/forward-client.ts';
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
  readonly batches: Batcher;
  readonly deadLetters: Batcher;
  readonly counters = new Counters();

  constructor(settings: DestinationSettings, map: Mapper, render: Render, forward: ForwardClient) {
    this.name = settings.name;
    this.settings = settings;
    this.map = map;
    this.render = render;
    this.forward = forward;
    this.batches = new Batcher(settings.name, settings.batch);
    this.deadLetters = new Batcher(`dead.${settings.name}`, settings.batch);
  }
}
