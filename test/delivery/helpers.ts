import { pino } from 'pino';
import { gateParts } from '../../plugin/cli/gate-parts.ts';
import { MappingHits } from '../../plugin/compile/hits.ts';
import { compileKind, compileMapper } from '../../plugin/compile/mapper.ts';
import { type CompiledDestination, Destination } from '../../plugin/delivery/destination.ts';
import { compileDirect } from '../../plugin/direct/direct-mapper.ts';
import { ForwardClient } from '../../plugin/fluent/forward-client.ts';
import { formats } from '../../plugin/format/index.ts';
import type { DestinationSettings } from '../../plugin/mapping/settings.ts';
import type { Address } from '../../plugin/mapping/units.ts';
import { mappingSets, destination as settingsOf } from '../helpers.ts';

/** A login becomes an event, a heartbeat is filtered out, anything else is unmapped. */
export const mapping = `
mappings:
  - id: login
    map: { eventClass: Auth, eventName: login, severity: 3, extension: { user: $user, text: $text } }
  - id: heartbeat
    prefilter: { exclude: true }
    map: { eventClass: None, eventName: none, severity: 0 }
`;

export interface DestinationOptions extends Partial<Omit<DestinationSettings, 'deliver'>> {
  mapping?: string;
  /** The gate's settings, as destinations.yaml has them. */
  deliver?: string;
  ackTimeout?: number;
}

/** A destination of JSON records behind a Fluent Bit, with the mapping above unless there is another. */
export function destinationOf(address: Address, options: DestinationOptions = {}): Destination {
  const compiled = compiledOf(options);
  const parts = gateParts(compiled.settings, pino({ level: 'silent' }));
  return new Destination(compiled, forwardTo(address, options.ackTimeout), parts);
}

/** What a configuration says of such a destination. */
export function compiledOf(options: DestinationOptions = {}): CompiledDestination {
  const { mapping: text = mapping, ackTimeout: _, deliver: to, ...more } = options;
  const settings = settingsOf(to === undefined ? 'json' : `json, deliver: ${to}`, more);
  const sets = mappingSets(text);
  const hits = new MappingHits(sets);
  return {
    settings,
    map: compileMapper(sets, hits),
    direct: compileDirect(sets, settings, hits),
    hits,
    kind: compileKind(sets),
    files: sets.map((set) => ({ set, digest: '' })),
    render: formats.get(settings.format)!.compile(settings),
    digest: text,
  };
}

export function forwardTo(address: Address, ackTimeout = 50_000): ForwardClient {
  return new ForwardClient({ address, credentials: undefined, ackTimeout, onChange: () => {} });
}

/** A login of each of these users. */
export function logins(...users: (string | number)[]): Record<string, unknown>[] {
  return users.map((user) => ({ operation: 'login', user: String(user) }));
}

/** 0 to `count` - 1. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
