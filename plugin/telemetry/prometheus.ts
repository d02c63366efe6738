import { durationBounds } from '../delivery/histogram.ts';
import { type Family, type Labels, sumOf } from './family.ts';

/**
 * Families as Prometheus text (exposition format 0.0.4), with the names that OpenTelemetry's rules for Prometheus give:
 * dots become underscores, the unit follows, and a counter ends with _total.
 */
export function toPrometheus(families: readonly Family[]): string {
  return families.map(familyText).join('');
}

const unitWords: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** The name that a family has for Prometheus. */
export function prometheusName({ name, unit, type }: Pick<Family, 'name' | 'unit' | 'type'>): string {
  const snake = name.replaceAll('.', '_');
  const suffix = unitWords[unit] ?? '';
  const named = snake.endsWith(suffix) ? snake : snake + suffix;
  return type === 'counter' && !named.endsWith('_total') ? `${named}_total` : named;
}

function familyText(family: Family): string {
  const name = prometheusName(family);
  const head = `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.type}\n`;
  if (family.type !== 'histogram') {
    return head + family.points.map(({ labels, value }) => sample(name, labels, value)).join('');
  }
  const texts = family.points.map(({ labels, value: { counts, sum } }) => {
    let upTo = 0;
    const buckets = durationBounds.map((bound, index) => {
      upTo += counts[index]!;
      return sample(`${name}_bucket`, { ...labels, le: bound }, upTo);
    });
    const count = sumOf(counts);
    return [
      ...buckets,
      sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
      sample(`${name}_sum`, labels, sum),
      sample(`${name}_count`, labels, count),
    ].join('');
  });
  return head + texts.join('');
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, one]) => `${toPrometheusLabel(key)}="${escaped(one)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
}

/** An attribute's name as Prometheus has it. */
export function toPrometheusLabel(attribute: string): string {
  return attribute.replaceAll('.', '_');
}

function escaped(value: string | number): string {
  return `${value}`.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
