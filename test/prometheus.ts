export interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

type Type = 'counter' | 'gauge' | 'histogram';

const types = new Set(['counter', 'gauge', 'histogram']);

/**
 * Reads Prometheus text (exposition format 0.0.4), and throws at what is none: a sample without HELP and TYPE before it,
 * a family in two places, the same labels twice, a histogram whose buckets shrink, or do not end with its count.
 */
export function parsePrometheus(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed');
  const samples: Sample[] = [];
  const help = new Set<string>();
  const typeOf = new Map<string, Type>();
  const seen = new Set<string>();
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, about, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (help.has(about!)) throw new Error(`twice: ${line}`);
      help.add(about!);
      family = about!;
      continue;
    }
    if (keyword === 'TYPE') {
      if (about !== family || typeOf.has(about)) throw new Error(`in the wrong place: ${line}`);
      if (!types.has(rest!)) throw new Error(`no type: ${line}`);
      typeOf.set(about, rest as Type);
      continue;
    }
    const sample = parseSample(line);
    const type = typeOf.get(family);
    const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => family + end) : [family];
    if (!type || !names.includes(sample.name)) throw new Error(`not of ${family}: ${line}`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    samples.push(sample);
  }
  for (const [name, type] of typeOf) if (type === 'histogram') checkHistogram(name, samples);
  return samples;
}

function parseSample(line: string): Sample {
  const [, name, inside = '', number] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...inside.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/g)];
  if (pairs.map(([pair]) => pair).join('') !== inside) throw new Error(`odd labels: ${line}`);
  const labels = Object.fromEntries(pairs.map(([, key, content]) => [key!, unescaped(content!)]));
  if (Object.keys(labels).length !== pairs.length) throw new Error(`a label twice: ${line}`);
  return { name, labels, value: Number(number) };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  const series = groupBy(buckets, withoutBound);
  for (const [labels, some] of series) {
    const bounds = some.map(({ labels: { le } }) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)));
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}${labels} has no last bucket`);
    for (const [index, { value }] of some.entries()) {
      if (index === 0) continue;
      if (bounds[index]! <= bounds[index - 1]!) throw new Error(`${name}${labels}: bounds do not grow`);
      if (value < some[index - 1]!.value) throw new Error(`${name}${labels}: buckets shrink`);
    }
    const count = samples.find((one) => one.name === `${name}_count` && withoutBound(one) === labels);
    if (count?.value !== some.at(-1)!.value) throw new Error(`${name}${labels}: its count is another one`);
  }
}

function withoutBound({ labels: { le: _, ...rest } }: Sample): string {
  return JSON.stringify(rest);
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** The counters by their name without what all have in common; of one destination, where there are several. */
export function countersOf(samples: readonly Sample[], destination?: string): Record<string, number> {
  const isMeant = ({ labels }: Sample): boolean =>
    destination === undefined || labels.destination === undefined || labels.destination === destination;
  return Object.fromEntries(
    samples.filter(isMeant).flatMap(({ name, labels: { destination: _, ...more }, value }) => {
      const [, short] = /^fluent_bit_siem_(.*)_total$/.exec(name) ?? [];
      return short === undefined || Object.keys(more).length > 0 ? [] : [[short, value]];
    }),
  );
}
