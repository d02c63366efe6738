import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkInstallation } from '../../plugin/cli/doctor/check.ts';
import { Installation } from '../../plugin/cli/doctor/installation.ts';
import { checkDryRun } from '../../plugin/cli/doctor/live/binary.ts';
import { readConfiguration } from '../../plugin/cli/doctor/reader.ts';
import { load } from '../../plugin/cli/load.ts';
import { packageRoot, version } from '../../plugin/cli/package-root.ts';
import { firstLines } from '../helpers.ts';
import { findFluentBit } from '../setup/fluent-bit.mjs';

// Neither a cluster nor kustomize is here: what they would refuse of these files is looked for by hand.
const folder = join(packageRoot, 'docker/kubernetes');
const read = <T>(path: string): T => parse(readFileSync(join(folder, path), 'utf8')) as T;

interface Kustomization {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly patches?: readonly {
    readonly path: string;
    readonly target: { readonly labelSelector: string };
  }[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly initContainers?: readonly Container[];
  readonly containers: Container[];
  readonly volumes: { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const sidecar = read<Kustomization>('sidecar/kustomization.yaml');
const added = read<{ op: string; path: string; value: never }[]>('sidecar/containers.yaml');

/** The workload with what the component adds to it: all its patches append to a list of the pod's. */
function workloadOf(variant: string): Workload {
  const [name] = read<Kustomization>(`${variant}/kustomization.yaml`).resources!;
  const workload = read<Workload>(`${variant}/${name}`);
  for (const { op, path, value } of added) {
    const [, list] = /^\/spec\/template\/spec\/(containers|volumes)\/-$/.exec(path) ?? [];
    expect([op, list], path).toEqual(['add', expect.any(String)]);
    workload.spec.template.spec[list as 'containers'].push(value);
  }
  return workload;
}

const variants = ['base', 'daemonset'];

describe.each(['sidecar', ...variants])('%s/kustomization.yaml', (name) => {
  const kustomization = read<Kustomization>(`${name}/kustomization.yaml`);

  test('names files that are there, beside it as kustomize asks for, and every file there is named', () => {
    const { resources = [], patches = [], configMapGenerator } = kustomization;
    const named = [
      ...resources,
      ...patches.map(({ path }) => path),
      ...configMapGenerator.flatMap(({ files }) => files),
    ];
    for (const file of named) expect(file).toMatch(/^[\w-]+\.(?:yaml|conf)$/);
    expect([...named, 'kustomization.yaml'].sort()).toEqual(readdirSync(join(folder, name)).sort());
  });
  test('is of the kind it is used as', () => {
    const { kind, apiVersion, components = [] } = kustomization;
    expect([kind, apiVersion]).toEqual(
      name === 'sidecar'
        ? ['Component', 'kustomize.config.k8s.io/v1alpha1']
        : ['Kustomization', 'kustomize.config.k8s.io/v1beta1'],
    );
    for (const component of components) expect(existsSync(join(folder, name, component))).toBe(true);
  });
});

describe.each(variants)('the pod of %s', (variant) => {
  const { kind, metadata, spec } = workloadOf(variant);
  const pod = spec.template.spec;
  const containers = [...(pod.initContainers ?? []), ...pod.containers];

  test('is the one that the component is for, and has all three', () => {
    const [key, value] = sidecar.patches![0]!.target.labelSelector.split('=');
    expect(metadata.labels[key!]).toBe(value);
    expect(pod.containers.map(({ name }) => name)).toEqual(['collector', 'siem', 'siem-delivery']);
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(kind).toBe(variant === 'base' ? 'StatefulSet' : 'DaemonSet');
  });
  test('every volume that is mounted is there, once, and every one is used', () => {
    const claims = spec.volumeClaimTemplates ?? [];
    const there = [...pod.volumes.map(({ name }) => name), ...claims.map((claim) => claim.metadata.name)];
    const used = containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
    expect([...there].sort()).toEqual([...new Set(used)].sort());
    const generated = [sidecar, read<Kustomization>(`${variant}/kustomization.yaml`)].flatMap((one) =>
      one.configMapGenerator.map(({ name }) => name),
    );
    const named = pod.volumes.flatMap(({ configMap }) => configMap?.name ?? []);
    expect(named.sort()).toEqual(generated.sort());
  });
  test('undelivered events outlive the pod', () => {
    const claimed = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name);
    const onNode = pod.volumes.filter((volume) => 'hostPath' in volume).map(({ name }) => name);
    for (const { volumeMounts } of pod.containers) {
      for (const { name, mountPath } of volumeMounts)
        if (mountPath.startsWith('/var/lib/')) expect([...claimed, ...onNode]).toContain(name);
    }
  });
  test.each(containers.map((one) => [one.name, one] as const))('%s is confined', (name, container) => {
    const { securityContext, image, resources, volumeMounts } = container;
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const isFirst = name === 'own-storage';
    expect(securityContext.capabilities).toEqual({ drop: ['ALL'], ...(isFirst ? { add: ['CHOWN'] } : {}) });
    if (!isFirst)
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 });
    expect(image).toMatch(
      new RegExp(`^(?:fluent-bit-siem:${version.replaceAll('.', '\\.')}|fluent/fluent-bit:5\\.1\\.1)$`),
    );
    expect(resources.limits.memory).toMatch(/^\d+Mi$/);
    for (const { mountPath, readOnly } of volumeMounts)
      if (/^\/(?:etc|var\/log)\//.test(mountPath)) expect(readOnly, mountPath).toBe(true);
    expect(JSON.stringify(container)).not.toMatch(/privileged|hostPort|hostNetwork/);
  });
  test('no token of the cluster is in it, and no namespace of the node', () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(key);
  });
});

test('the probes are the health check of the image', () => {
  const dockerfile = readFileSync(join(packageRoot, 'docker/Dockerfile'), 'utf8');
  const [, check] = /HEALTHCHECK[^\n]*\n\s*CMD (\[.*\])\n/.exec(dockerfile)!;
  const siem = added.map(({ value }) => value as Record<string, { exec: { command: string[] } }>)[1]!;
  for (const probe of ['livenessProbe', 'startupProbe'])
    expect(siem[probe]!.exec.command).toEqual(JSON.parse(check!));
});

test('the Service and the NetworkPolicy are for these pods and this port', () => {
  const { spec } = workloadOf('base');
  const { matchLabels } = spec.selector;
  const service = read<{ spec: { selector: object; ports: { port: number; targetPort: string }[] } }>(
    'base/service.yaml',
  );
  const policy = read<{ spec: { podSelector: object; ingress: { ports: object[] }[] } }>(
    'base/network-policy.yaml',
  );
  expect(service.spec.selector).toEqual(matchLabels);
  expect(service.spec.ports).toMatchObject([{ port: 9880, targetPort: 'http' }]);
  expect(policy.spec.podSelector).toEqual({ matchLabels });
  expect(policy.spec.ingress.flatMap(({ ports }) => ports)).toEqual([{ port: 'http' }]);
  expect(spec.template.spec.containers[0]).toMatchObject({ ports: [{ name: 'http', containerPort: 9880 }] });
});

describe.each(variants)('the configuration of %s', (variant) => {
  let scratch: string;
  let config: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'fluent-bit-siem-test-'));
    mkdirSync(join(scratch, 'etc'));
    config = join(scratch, 'etc/destinations.yaml');
    const text = readFileSync(join(folder, 'sidecar/destinations.yaml'), 'utf8');
    // Where the image has the maps.
    writeFileSync(config, text.replaceAll('/opt/fluent-bit-siem/', `${packageRoot}/`));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const files = [join(folder, variant, 'collector.conf'), join(folder, 'sidecar/delivery.conf')];

  test('doctor finds nothing in it', async () => {
    const environment = { SPLUNK_HEC_HOST: 'splunk.example.com', SPLUNK_HEC_TOKEN: 'a-token' };
    const { loaded, diagnostics } = await load(config, environment);
    const configurations = files.map((file) => readConfiguration(file, diagnostics, {}));
    if (loaded) checkInstallation(new Installation(config, loaded.settings, configurations), diagnostics);
    expect(firstLines(diagnostics)).toEqual([]);
  });
  test('Fluent Bit reads it', async () => {
    const { path, version: text } = await findFluentBit();
    for (const file of files) {
      const checks = await checkDryRun({ path, version: Number.parseFloat(text) }, readConfigurationOf(file));
      // Its keys are those of 5.x, which checks them; 1.8 reads the syntax.
      expect(checks.map(({ status, message }) => `${status} ${message}`)).toEqual([
        'ok fluent-bit --dry-run takes it',
      ]);
    }
  });
  test('its folders are mounted where it says', () => {
    const { containers } = workloadOf(variant).spec.template.spec;
    for (const [name, file] of [
      ['collector', files[0]!],
      ['siem-delivery', files[1]!],
    ] as const) {
      const mounted = containers
        .find((one) => one.name === name)!
        .volumeMounts.map(({ mountPath }) => mountPath);
      const paths = readFileSync(file, 'utf8').match(/\/var\/lib\/\S+/g)!;
      for (const path of paths)
        expect(
          mounted.some((one) => `${path}/`.startsWith(`${one}/`)),
          path,
        ).toBe(true);
    }
  });
});

function readConfigurationOf(file: string) {
  return { file, isYaml: false, sections: [], files: [file] };
}
