import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../plugin/cli/package-root.ts';

interface Section {
  readonly kind: string;
  readonly properties: Record<string, string>;
}

/** Reads a classic configuration with its includes: sections with their keys in small letters. */
function readClassic(name: string): Section[] {
  const sections: Section[] = [];
  for (const line of readFileSync(join(packageRoot, name), 'utf8').split('\n')) {
    const [, include] = /^@INCLUDE\s+(\S+)$/.exec(line) ?? [];
    const [, kind] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^\s+([\w.]+)\s+(\S.*)$/.exec(line) ?? [];
    if (include) sections.push(...readClassic(include));
    else if (kind) sections.push({ kind: kind.toLowerCase(), properties: {} });
    else if (key && value) sections.at(-1)!.properties[key.toLowerCase()] = value;
    // Anything else must be a comment or empty: a typo would otherwise be no line at all.
    else expect(line).toMatch(/^\s*(#.*)?$/);
  }
  return sections;
}

/** Reads the YAML form in the same shape; YAML's own truth values are the texts that stand in the file. */
function readYaml(name: string): Section[] {
  const content = parse(readFileSync(join(packageRoot, name), 'utf8'), { schema: 'failsafe' });
  const { inputs, outputs } = content.pipeline;
  return [
    { kind: 'service', properties: content.service },
    ...inputs.map((properties: Section['properties']) => ({ kind: 'input', properties })),
    ...outputs.map((properties: Section['properties']) => ({ kind: 'output', properties })),
  ];
}

const fluentBitConf = readClassic('fluent-bit.conf');
const [service] = fluentBitConf;

test('fluent-bit.yaml says the same as fluent-bit.conf, and the one key that 1.8 refuses', () => {
  const yaml = readYaml('fluent-bit.yaml');
  for (const { properties } of yaml) {
    if (properties.name === 'http') {
      expect(properties['net.io_timeout']).toBe('60s');
      delete properties['net.io_timeout'];
    }
  }
  expect(yaml).toEqual(fluentBitConf);
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

describe.each(readdirSync(join(packageRoot, 'outputs')))('outputs/%s', (name) => {
  const [output, ...others] = readClassic(`outputs/${name}`);

  test('is one stanza that never gives a chunk up early', () => {
    expect(others).toEqual([]);
    expect(output!.kind).toBe('output');
    // 7 days of tries 60 seconds apart, or none is the last.
    expect(output!.properties.retry_limit).toMatch(/^(10080|no_limits)$/);
  });

  test('talks TLS to anything but this machine, with credentials from the environment', () => {
    const { name: plugin, host, tls, header } = output!.properties;
    if (plugin === 'file' || host === '127.0.0.1') return;
    expect(tls).toBe('on');
    expect(header).toMatch(/\$\{\w+\}$/);
  });
});

test.each(readdirSync(join(packageRoot, 'inputs')))('inputs/%s keeps what it took in files', (name) => {
  for (const { kind, properties } of readClassic(`inputs/${name}`)) {
    expect(kind).toBe('input');
    expect(properties['storage.type']).toBe('filesystem');
  }
});
