import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../plugin/cli/package-root.ts';

type Properties = Record<string, string | string[]>;

interface Section {
  readonly kind: string;
  readonly properties: Properties;
}

interface ClassicSection extends Section {
  /** Keys that stand in comments, to be switched on. */
  readonly commented: Readonly<Record<string, string>>;
}

/** Reads a classic configuration with its includes: sections with their keys in small letters. */
function readClassic(name: string): ClassicSection[] {
  const sections: { kind: string; properties: Properties; commented: Record<string, string> }[] = [];
  for (const line of textOf(name).split('\n')) {
    const [, include] = /^@INCLUDE\s+(\S+)$/.exec(line) ?? [];
    const [, kind] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^ {4}([\w.]+) +(\S.*)$/.exec(line) ?? [];
    const [, off, offValue] = /^ {4}# ([\w.]+) +(\S+)$/.exec(line) ?? [];
    if (include) sections.push(...readClassic(include));
    else if (kind) sections.push({ kind: kind.toLowerCase(), properties: {}, commented: {} });
    else if (key && value) add(sections.at(-1)!.properties, key.toLowerCase(), value);
    else if (off && offValue && sections.length > 0) sections.at(-1)!.commented[off.toLowerCase()] = offValue;
    // Anything else must be a comment or empty: a typo would otherwise be no line at all.
    else expect(line).toMatch(/^\s*(#.*)?$/);
  }
  return sections;
}

/** A key that comes again, as a header does, has several values. */
function add(properties: Properties, key: string, value: string): void {
  // Fluent Bit would take a comment behind a value for a part of it.
  expect(value).not.toContain(' #');
  const before = properties[key];
  properties[key] = before === undefined ? value : [before, value].flat();
}

/** Reads the YAML form with its includes, in the same shape; truth values are the texts that stand in the file. */
function readYaml(name: string): Section[] {
  const { service, pipeline, includes = [] } = parse(textOf(name), { schema: 'failsafe' });
  const sections = (kind: string, all: Properties[] = []): Section[] =>
    all.map((properties) => ({ kind, properties }));
  return [
    ...sections('service', service ? [service] : []),
    ...sections('input', pipeline.inputs),
    ...sections('output', pipeline.outputs),
    // Fluent Bit looks for them beside the file that includes them.
    ...includes.flatMap((include: string) => readYaml(join(dirname(name), include))),
  ];
}

function textOf(name: string): string {
  return readFileSync(join(packageRoot, name), 'utf8');
}

const stanzas = readdirSync(join(packageRoot, 'outputs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.conf'))
  .map((name) => `outputs/${name.slice(0, -'.conf'.length)}`)
  .sort();

/** The YAML form has the same keys and values, and the keys that the classic one keeps in comments for 1.8. */
function expectSame(yaml: readonly Section[], classic: readonly ClassicSection[]): void {
  const filled = classic.map(({ kind, properties, commented }, index) => {
    const more = Object.keys(yaml[index]?.properties ?? {}).filter((key) => !Object.hasOwn(properties, key));
    const switchedOn = more.flatMap((key) => (commented[key] === undefined ? [] : [[key, commented[key]]]));
    return { kind, properties: { ...properties, ...Object.fromEntries(switchedOn) } };
  });
  expect(yaml).toEqual(filled);
}

const fluentBitConf = readClassic('fluent-bit.conf');
const [service] = fluentBitConf;

test('fluent-bit.yaml says the same as fluent-bit.conf', () => {
  const yaml = readYaml('fluent-bit.yaml');
  expectSame(yaml, fluentBitConf);
  expect(yaml.find(({ kind }) => kind === 'output')!.properties['net.io_timeout']).toBe('60s');
});

test('the values that keep the delivery rules', () => {
  expect(service).toMatchObject({
    kind: 'service',
    properties: {
      flush: '60',
      'scheduler.base': '59',
      'scheduler.cap': '59',
      'storage.max_chunks_up': '8192',
    },
  });
  const forward = fluentBitConf.find(({ properties }) => properties.name === 'forward')!;
  expect(forward.properties).toMatchObject({ listen: '127.0.0.1', 'storage.type': 'filesystem' });
});

/** Keys whose values, or headers whose values, let in. */
const secret = /token$|secret|passwd|password|api_?key|license_key|^authorization|^dd-api-key|^api-key/i;
/** The secret is one name of the environment, with a word before it or the receiver's path around it. */
const fromEnvironment = /^(?:(?:Splunk|Bearer) )?\$\{\w+\}$/;

describe.each(stanzas)('%s', (name) => {
  const [output, ...others] = readClassic(`${name}.conf`);
  const properties = output!.properties;
  const isLocal = properties.name === 'file' || properties.host === '127.0.0.1';
  const values = Object.values(properties).flat();

  test('is one stanza that never gives a chunk up early', () => {
    expect(others).toEqual([]);
    expect(output!.kind).toBe('output');
    // 7 days of tries 60 seconds apart, or none is the last.
    expect(properties.retry_limit).toMatch(/^(10080|no_limits)$/);
  });

  test('says the same in YAML', () => {
    const yaml = readYaml(`${name}.yaml`);
    expectSame(yaml, [output!]);
    // Kafka's client has time-outs of its own.
    const usesNetwork = properties.name !== 'file' && properties.name !== 'kafka';
    expect(yaml[0]!.properties['net.io_timeout']).toBe(usesNetwork ? '60s' : undefined);
  });

  test('takes one tag prefix, has its name in the metrics, and one thread', () => {
    const { alias, match, workers } = properties;
    const destination = /^(?:siem|gate)_(\w+)$/.exec(String(alias))?.[1];
    if (destination) expect(match).toBe(`siem.${destination}.*`);
    else expect(['map_splunk', 'kafka_filecloud_audit']).toContain(alias);
    if (destination !== undefined || properties.name === 'kafka') expect(workers).toBe('1');
  });

  test('talks TLS to anything but this machine, and checks who answers', () => {
    if (isLocal) return;
    if (properties.name === 'kafka') expect(properties['rdkafka.security.protocol']).toBe('sasl_ssl');
    else expect(properties).toMatchObject({ tls: 'on', 'tls.verify': 'on' });
  });

  test('has its secrets from the environment, and says what to set there', () => {
    const headers = [properties.header ?? []].flat().map((header) => header.split(/ (.*)/, 2));
    const secrets = [...Object.entries(properties), ...headers].filter(([key]) => secret.test(key!));
    for (const [, value] of secrets) expect(value).toMatch(fromEnvironment);
    // Sumo Logic's secret is in the path, and syslog has none.
    const isOpen = isLocal || /sumologic|syslog/.test(name);
    expect(secrets.length > 0).toBe(!isOpen);
    const used = namesIn(values.join('\n'), /\$\{(\w+)\}/g).filter((one) => one !== 'HOSTNAME');
    for (const file of [`${name}.conf`, `${name}.yaml`]) {
      const [intro] = textOf(file).split(/^\[OUTPUT\]|^pipeline:/m);
      expect(namesIn(intro!, /\b([A-Z]+(?:_[A-Z]+)+)\b/g), file).toEqual(used);
    }
  });

  test('sends the record as it is, and packed where the provider takes it', () => {
    const { name: plugin, format, json_date_key: dateKey, compress } = properties;
    if (isLocal) return;
    if (plugin === 'http') {
      expect(['json', 'json_lines']).toContain(format);
      expect(dateKey).toBe('false');
    }
    if (plugin === 'es') expect(output!.commented.compress).toBe('gzip');
    else if (plugin !== 'syslog' && plugin !== 'kafka') expect(compress).toMatch(/^(gzip|true)$/);
  });

  test('says what the provider limits or what is lost', () => {
    if (properties.host === '127.0.0.1' || name === 'outputs/dead-letter') return;
    const phrase = name.startsWith('outputs/native/') ? '# What is lost by it: ' : '# Limits: ';
    expect(textOf(`${name}.conf`)).toContain(phrase);
  });
});

/** What the pattern's group caught, each once, in alphabetical order. */
function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort();
}

test('every YAML file in outputs/ has its classic one', () => {
  const yaml = readdirSync(join(packageRoot, 'outputs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `outputs/${name.replace('.yaml', '.conf')}`);
  expect(yaml.filter((name) => !existsSync(join(packageRoot, name)))).toEqual([]);
});

test.each(readdirSync(join(packageRoot, 'inputs')))('inputs/%s keeps what it took in files', (name) => {
  const sections = readClassic(`inputs/${name}`);
  const inputs = sections.filter(({ kind }) => kind === 'input');
  for (const { properties } of inputs) expect(properties['storage.type']).toBe('filesystem');
  const tags = inputs.map(({ properties }) => properties.tag);
  for (const { kind, properties } of sections.filter((section) => !inputs.includes(section))) {
    expect(kind).toBe('filter');
    expect(tags).toContain(properties.match);
  }
});

/**
 * Neither the Fluent Bit that tests build nor every other one has Kafka. What it knows, from 5.1.1: the
 * config_map of plugins/out_kafka/kafka.c and plugins/in_kafka/in_kafka.c.
 */
const kafkaKeys: Readonly<Record<string, string>> = {
  output: `topic_key dynamic_topic format otlp_logs_partition_by_resource message_key message_key_field timestamp_key
    timestamp_format queue_full_retries gelf_timestamp_key gelf_host_key gelf_short_message_key gelf_full_message_key
    gelf_level_key topics brokers client_id group_id raw_log_key
    name alias match retry_limit workers`,
  input: `poll_ms topics format brokers client_id group_id buffer_max_size poll_timeout_ms enable_auto_commit
    name alias tag storage.type`,
};

/** Of its lib/librdkafka-2.15.0/CONFIGURATION.md: whether a producer, a consumer or both know the key. */
const rdkafkaKeys: Readonly<Record<string, 'output' | 'input' | 'both'>> = {
  acks: 'output',
  'auto.offset.reset': 'input',
  'compression.codec': 'output',
  'message.timeout.ms': 'output',
  'queue.buffering.max.messages': 'output',
  'sasl.mechanism': 'both',
  'sasl.password': 'both',
  'sasl.username': 'both',
  'security.protocol': 'both',
  'ssl.ca.location': 'both',
};

test.each(['outputs/kafka.conf', 'inputs/kafka.conf'])('%s has only keys that Fluent Bit knows', (name) => {
  const { kind, properties, commented } = readClassic(name)[0]!;
  const known = kafkaKeys[kind]!.split(/\s+/);
  for (const key of [...Object.keys(properties), ...Object.keys(commented)]) {
    const [, librdkafka] = /^rdkafka\.(.*)$/.exec(key) ?? [];
    if (librdkafka) expect([kind, 'both'], key).toContain(rdkafkaKeys[librdkafka]);
    else expect(known).toContain(key);
  }
});

test('what goes into Kafka comes out of it under the same tag', () => {
  const [output] = readClassic('outputs/kafka.conf');
  const [input] = readClassic('inputs/kafka.conf');
  expect(input!.properties.topics).toBe(output!.properties.topics);
  expect(input!.properties.tag).toBe(output!.properties.match);
});
