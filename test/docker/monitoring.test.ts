import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { certificateFamilies } from '../../plugin/telemetry/certificate.ts';
import { configurationFamilies } from '../../plugin/telemetry/configuration.ts';
import { toPrometheus } from '../../plugin/telemetry/prometheus.ts';
import { logins } from '../delivery/helpers.ts';
import { Service } from '../http/helpers.ts';
import { parsePrometheus } from '../prometheus.ts';
import { ScriptedSiem } from '../receivers/scripted-siem.ts';

const folder = join(packageRoot, 'docker', 'monitoring');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const rules: Rule[] = parse(read('alerts.yaml')).groups.flatMap(({ rules: some }: { rules: Rule[] }) => some);
const board = JSON.parse(read('grafana-dashboard.json'));
const panels: { title: string; targets: { expr: string }[] }[] = board.panels;

const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...board.annotations.list.map(({ name, expr }: { name: string; expr: string }) => [name, expr] as const),
];

/** Labels that each metric has, with some traffic behind it; what Prometheus adds included. */
const labels = new Map<string, Set<string>>();
let service: Service;
let siem: ScriptedSiem;

beforeAll(async () => {
  siem = new ScriptedSiem();
  await siem.listen();
  service = await Service.start({ deliver: `{ to: '${siem.url}', headers: { Authorization: t } }` });
  await service.map(logins('ana'));
  await service.fetch('/deliver/splunk', { method: 'POST', body: '{"id":1}\n' });
  await siem.close();
  await service.fetch('/deliver/splunk', { method: 'POST', body: '{"id":2}\n' });
  const { text } = await service.fetch('/metrics');
  const status = { loadedAt: new Date().toISOString(), digest: 'd' };
  const configuration = configurationFamilies({ status, loads: { success: 1, failure: 0 } });
  for (const sample of parsePrometheus(text + toPrometheus([...configuration, ...certificateFamilies(0)]))) {
    const known = labels.get(sample.name) ?? new Set(['job', 'instance']);
    for (const label of Object.keys(sample.labels)) known.add(label);
    labels.set(sample.name, known);
  }
});
afterAll(() => service.stop());

test('there are rules and panels', () => {
  expect(rules.length).toBeGreaterThan(5);
  expect(panels.length).toBeGreaterThan(10);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { labels: own, annotations } of rules) {
    expect(['warning', 'critical']).toContain(own.severity);
    expect(Object.keys(annotations)).toEqual(['summary', 'description']);
  }
});

test.each(expressions)('%s asks for what there is', (_, expression) => {
  const metrics = [
    ...expression.matchAll(/\b((?:fluent_bit_siem|http_\w+_request|process)_\w+)(?:\{([^}]*)\})?/g),
  ];
  expect(metrics.length).toBeGreaterThan(0);
  const own = new Set<string>();
  for (const [, name, selector = ''] of metrics) {
    const known = labels.get(name!);
    expect(known, name).toBeDefined();
    for (const label of known!) own.add(label);
    for (const [, label] of selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g))
      expect([...known!], name).toContain(label);
  }
  for (const [, grouping = ''] of expression.matchAll(/\b(?:by|on|group_left) \(([^)]*)\)/g))
    for (const label of grouping.split(', ')) expect([...own], expression).toContain(label);
});

test('each state that a destination may have is a colour of the first panel', () => {
  const states = [...panels[0]!.targets[0]!.expr.matchAll(/state="(\w+)"/g)].map(([, state]) => state);
  const mapped = Object.values(board.panels[0].fieldConfig.defaults.mappings[0].options) as {
    text: string;
  }[];
  expect(mapped.map(({ text }) => text)).toEqual(states);
});

test('panels stand side by side, none over another', () => {
  const taken = new Set<string>();
  for (const { gridPos } of board.panels as { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[]) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`)).toBe(false);
        taken.add(`${x} ${y}`);
      }
  }
});

describe.skipIf(!existsSync('/usr/bin/promtool'))('promtool takes', () => {
  test.each([
    ['rules', 'alerts.yaml'],
    ['config', '--syntax-only', 'scrape.yaml'],
  ])('%s %s', (...args) => {
    execFileSync('promtool', ['check', ...args], { cwd: folder, stdio: 'pipe' });
  });
});
