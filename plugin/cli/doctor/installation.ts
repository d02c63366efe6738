import { readFileSync } from 'node:fs';
import { type Diagnostic, Diagnostics } from '../../mapping/diagnostic.ts';
import type { DestinationSettings, Settings } from '../../mapping/settings.ts';
import { YamlSource } from '../../mapping/yaml-source.ts';
import type { Configuration, Place } from './configuration.ts';
import { FluentBit } from './fluent-bit.ts';

/** What is looked at: destinations.yaml, the configuration of each Fluent Bit, and which version that is. */
export class Installation {
  readonly settings: Settings;
  readonly processes: readonly FluentBit[];
  /** Major and minor, as 5.1; undefined when no binary was found. */
  readonly version: number | undefined;
  readonly #config: string;

  /** @param config destinations.yaml, which was read into `settings` */
  constructor(
    config: string,
    settings: Settings,
    configurations: readonly Configuration[],
    version?: number,
  ) {
    this.#config = config;
    this.settings = settings;
    this.version = version;
    this.processes = configurations.map((one) => new FluentBit(one, settings));
  }

  get destinations(): readonly DestinationSettings[] {
    return this.settings.destinations;
  }

  destination(name: string): DestinationSettings | undefined {
    return this.destinations.find((one) => one.name === name);
  }

  /** Where a destination stands in destinations.yaml. */
  placeOf(name: string): Place {
    const text = readFileSync(this.#config, 'utf8');
    const source = new YamlSource(this.#config, text, new Diagnostics());
    const span = source.span(['destinations', name], 'key');
    return { file: this.#config, ...span, source: text.split(/\r?\n/)[span.line - 1] ?? '' };
  }
}

/** Adds a finding at a place. */
export type Report = (place: Place, message: string, hint: string) => void;

/** One thing that is looked at, and why. */
export interface Rule {
  readonly code: `D${number}`;
  readonly severity: Diagnostic['severity'];
  /** What is wrong, in a few words; for the list in docs/doctor.md. */
  readonly title: string;
  /** Why it matters; for the same list. */
  readonly reason: string;
  readonly check: (installation: Installation, report: Report) => void;
}
