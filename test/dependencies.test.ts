import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../plugin/cli/package-root.ts';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

const read = (name: string): string => readFileSync(join(packageRoot, name), 'utf8');
const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'overrides',
  Record<string, string>
>;
const page = read('docs/dependencies.md');
const locked = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13);

/** Rows of the table under a heading: package, why, licence. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  return [...section.split('\n## ')[0]!.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \|$/gm)].map((row) =>
    row.slice(1),
  );
}

describe.each([
  ['At run time', dependencies],
  ['To develop', devDependencies],
])('%s', (heading, packages) => {
  test('each package stands in docs/dependencies.md, with why and its licence', () => {
    const rows = rowsUnder(heading).map(([name, , licence]) => `| \`${name}\` | <why> | ${licence} |`);
    const wanted = Object.keys(packages).map((name) => {
      const { license } = locked.find(([path]) => path === `node_modules/${name}`)![1];
      return `| \`${name}\` | <why> | ${license} |`;
    });
    const advice = (lines: string[], what: string): string[] =>
      lines.map((line) => `docs/dependencies.md, under '${heading}': ${what} the line ${line}`);
    expect([
      ...advice(
        wanted.filter((line) => !rows.includes(line)),
        'add',
      ),
      ...advice(
        rows.filter((line) => !wanted.includes(line)),
        'take out',
      ),
    ]).toEqual([]);
  });
  test('its version is exact', () => {
    expect(Object.entries(packages).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

test('what is overridden is exact, and named', () => {
  for (const [name, version] of Object.entries(overrides)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(page.split('`overrides`')[1]).toContain(`\`${name}\``);
  }
});

test('whatever is installed with it has a licence that the page allows', () => {
  const [, list = ''] = /have one of these licences: (.+?)\.\n/.exec(page) ?? [];
  const allowed = new Set(list.split(', '));
  const others = locked
    .filter(([, { dev, license = 'none' }]) => !dev && !license.split(' OR ').some((one) => allowed.has(one)))
    .map(
      ([path, { license }]) =>
        `${nameOf(path)} is ${license}: is it free to be used here? Then add it to the page`,
    );
  expect(others).toEqual([]);
});

test('each package is known by its hash, and is from no place of its own', () => {
  const odd = locked.filter(([, { integrity = '', resolved }]) => {
    const isPublic = resolved === undefined || new URL(resolved).host === 'registry.npmjs.org';
    return !integrity.startsWith('sha512-') || !isPublic;
  });
  expect(odd.map(([path]) => path)).toEqual([]);
});

test('install scripts are those that the page says are not needed, and nothing runs them here', () => {
  const [, section = ''] = page.split('## Install scripts\n');
  const named = [...section.split('\n## ')[0]!.matchAll(/(?:^|\s)`([a-z-]+)`/g)].map(([, name]) => name);
  const having = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
  expect(new Set(having)).toEqual(new Set(named));
  expect(read('test/setup/run.mjs')).toContain("'--ignore-scripts'");
  expect(read('.ci/run')).toContain('npm ci --ignore-scripts');
});

/** By major, minor and patch. */
function isBefore(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split('.').map(Number));
  const at = one!.findIndex((number, index) => number !== two![index]);
  return at >= 0 && one![at]! < two![at]!;
}
const majorOf = (version: string): string => version.split('.', 1)[0]!;

describe('versions with known holes', () => {
  const rows = rowsUnder('Known holes');

  test.each(rows)('%s is %s or later', (name, first) => {
    const versions = first!.split(', ');
    const copies = locked.filter(([path]) => nameOf(path) === name);
    expect(copies).not.toEqual([]);
    for (const [path, { version }] of copies) {
      const least = versions.find((one) => majorOf(one) === majorOf(version)) ?? versions.at(-1)!;
      expect(isBefore(version, least), `${path} is ${version}`).toBe(false);
    }
  });

  test('the table is read, and versions are numbers', () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(isBefore('5.9.0', '5.12.2')).toBe(true);
    expect(isBefore('5.12.2', '5.12.2')).toBe(false);
    expect(isBefore('6.0.0', '5.12.2')).toBe(false);
    for (const [, first] of rows) expect(first).toMatch(/^\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*$/);
  });
});
