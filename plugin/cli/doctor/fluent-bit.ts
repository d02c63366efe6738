import type { DestinationSettings, Settings } from '../../mapping/settings.ts';
import type { Address } from '../../mapping/units.ts';
import { type Configuration, isOn, type Place, Section } from './configuration.ts';
import { start } from './reader.ts';

/** Where an [OUTPUT] http into the service leads: `/map/<destination>` or `/deliver/<destination>`. */
export interface Route {
  readonly to: 'map' | 'deliver';
  readonly destination: string;
  /** What comes after the question mark. */
  readonly query: string;
}

/** One Fluent Bit process, by what its configuration makes of it. */
export class FluentBit {
  readonly file: string;
  readonly isYaml: boolean;
  readonly files: readonly string[];
  /** The keys of all its [SERVICE] sections. */
  readonly service: Section;
  readonly inputs: readonly Section[];
  readonly filters: readonly Section[];
  readonly outputs: readonly Section[];
  /** The destinations whose events come in here, by its [INPUT] forward. */
  readonly delivers: readonly DestinationSettings[];

  constructor({ file, isYaml, files, sections }: Configuration, { destinations }: Settings) {
    const of = (kind: string): Section[] => sections.filter((section) => section.kind === kind);
    this.file = file;
    this.isYaml = isYaml;
    this.files = files;
    const services = of('service');
    this.service = new Section('service', services[0]?.place ?? { file, ...start, source: '' });
    this.service.properties.push(...services.flatMap(({ properties }) => properties));
    this.inputs = of('input');
    this.filters = of('filter');
    this.outputs = of('output');
    const addresses = this.forwardInputs.flatMap((input) => addressOf(input) ?? []);
    this.delivers = destinations.filter(({ forward }) =>
      addresses.some((address) => isSamePort(address, forward.address)),
    );
  }

  get forwardInputs(): readonly Section[] {
    return this.inputs.filter(({ plugin }) => plugin === 'forward');
  }

  /** Whether events come in here to be delivered: from the service, or as its own stanzas say. */
  get isDelivering(): boolean {
    return this.delivers.length > 0 || this.outputs.some((output) => isForEvents(output));
  }

  /** Outputs into the service. */
  routes(to: Route['to']): { output: Section; route: Route }[] {
    return this.outputs.flatMap((output) => {
      const route = routeOf(output);
      return route?.to === to ? [{ output, route }] : [];
    });
  }

  /** Outputs that get a destination's events, the gate's among them. */
  outputsFor(destination: DestinationSettings): Section[] {
    return this.outputs.filter((output) => matchesEventsOf(output, destination));
  }

  /** Outputs that deliver: to a SIEM or to the gate. What stands in for one, as `Match *` may, is none. */
  get deliveryOutputs(): Section[] {
    return this.isDelivering ? this.outputs.filter((output) => isForEvents(output)) : [];
  }

  /** Whether an input's records are in files before they count as taken. */
  isOnDisk(input: Section): boolean {
    if (input.isOpen('storage.type')) return true;
    const own = input.value('storage.type');
    // Since 4.0.4 the service may say it for all.
    const inherited = isOn(this.service.value('storage.inherit')) ? this.service.value('storage.type') : '';
    return /^filesystem$/i.test(own ?? inherited ?? '');
  }

  /** Where a finding about a key of [SERVICE] belongs. */
  atService(key: string): Place {
    return this.service.at(key);
  }
}

/** Outputs that deliver nothing to anyone: for a look at what passes. */
const lookers = new Set(['stdout', 'null', 'counter']);

/** Whether it delivers events, and no others: its pattern begins with `siem.`. */
export function isForEvents(output: Section): boolean {
  const expression = output.value('match_regex')?.replace(/^\^/, '').replaceAll('\\.', '.');
  const pattern = output.value('match') ?? expression ?? '';
  return pattern.startsWith('siem.') && !pattern.startsWith('siem.dead') && !lookers.has(output.plugin);
}

/** Whether it takes a destination's events; with `batch: { by: tag }`, those of any one tag. */
export function matchesEventsOf(output: Section, { name, batch }: DestinationSettings): boolean {
  if (batch.by === 'tag' && (output.value('match') ?? '').startsWith(`siem.${name}.`)) return true;
  return output.matches(sampleTag(name));
}

/** A tag such as the service makes it. */
export function sampleTag(destination: string): string {
  return `siem.${destination}.1772438400000-0000000-1`;
}

/** The dead letters' tag, such as the service makes it. */
export const deadTag = 'siem.dead.any.1772438400000-0000000-1';

/** Where an output leads when it is one into the service; undefined for all others, and when it can't be known. */
export function routeOf(output: Section): Route | undefined {
  if (output.plugin !== 'http') return undefined;
  const [, to, destination = '', query = ''] =
    /^\/(map|deliver)(?:\/([^/?]*))?(?:\?(.*))?$/.exec(output.value('uri') ?? '') ?? [];
  return to === undefined ? undefined : { to: to as Route['to'], destination: decoded(destination), query };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where an [INPUT] forward listens; undefined when it can't be known. */
export function addressOf(input: Section): Address | undefined {
  const path = input.value('unix_path');
  if (path !== undefined) return { path };
  if (input.isOpen('port') || input.isOpen('unix_path')) return undefined;
  return { host: input.value('listen') ?? '0.0.0.0', port: Number(input.value('port') ?? 24224) };
}

/** Whether both lead to the same listener of one machine: hosts are not compared, a machine has many names. */
export function isSamePort(one: Address, other: Address): boolean {
  if ('path' in one || 'path' in other) return 'path' in one && 'path' in other && one.path === other.path;
  return one.port === other.port;
}
