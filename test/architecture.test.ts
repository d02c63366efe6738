import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../plugin/cli/package-root.ts';

/** A folder may import itself and those behind it. What is started stands before all of them. */
const order = [
  'main.ts',
  'health.ts',
  'cli',
  'http',
  'workbench',
  'telemetry',
  'delivery',
  'direct',
  'fluent',
  'format',
  'compile',
  'mapping',
];

/** These neither open nor ask anything: the same input gives the same output. */
const pure = new Set(['workbench', 'format', 'compile', 'mapping']);

/** What a pure folder may have of Node.js: it computes. (`module`: a package that is loaded when it is needed.) */
const computing = new Set([
  ...['node:util', 'node:buffer', 'node:crypto', 'node:path', 'node:string_decoder'],
  'node:module',
]);

const plugin = join(packageRoot, 'plugin');

interface Source {
  /** Relative to plugin/. */
  readonly file: string;
  readonly folder: string;
  readonly tree: ts.SourceFile;
  /** What it imports: a file relative to plugin/, or a package; and whether it is there at run time. */
  readonly imports: readonly {
    readonly target: string;
    readonly isFile: boolean;
    readonly isType: boolean;
  }[];
}

const all = readdirSync(plugin, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map(read);
const sources = all.filter(({ folder }) => folder !== 'web');
/** The web page's, which run in a browser. */
const page = all.filter(({ folder, file }) => folder === 'web' && file !== 'web/vite.config.ts');

function read(file: string): Source {
  const text = readFileSync(join(plugin, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Source['imports'][number][] = [];
  const add = (specifier: ts.Expression | undefined, isType: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const isFile = specifier.text.startsWith('.');
    const path = isFile ? normalize(join(dirname(file), specifier.text)) : specifier.text;
    // AssemblyScript leaves the extension out.
    const target = isFile && file.startsWith('direct/assembly/') ? `${path}.ts` : path;
    imports.push({ target, isFile, isType });
  };
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return { file, folder: file.split('/')[0]!, tree, imports };
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}

test('there is something to look at, and every folder has its place', () => {
  expect(sources.length).toBeGreaterThan(40);
  expect(new Set(sources.map(({ folder }) => folder))).toEqual(new Set(order));
});

test('imports point one way: cli -> http -> delivery -> fluent -> format -> compile -> mapping', () => {
  const wrong = sources.flatMap(({ file, folder, imports }) =>
    imports
      .filter(({ isFile, target }) => isFile && order.indexOf(target.split('/')[0]!) < order.indexOf(folder))
      .map(({ target }) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('imports stay inside plugin/, and lead to a file', () => {
  const files = new Set(sources.map(({ file }) => file));
  const astray = sources.flatMap(({ file, imports }) =>
    imports
      .filter(({ isFile, target }) => isFile && !files.has(target))
      .map(({ target }) => `${file} -> ${target}`),
  );
  expect(astray).toEqual([]);
});

test('no file imports itself by way of others', () => {
  // A type is gone at run time: it makes no circle.
  const targets = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.filter(({ isFile, isType }) => isFile && !isType).map(({ target }) => target),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, way: string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file) || way.includes(file)) return;
    for (const target of targets.get(file) ?? []) follow(target, [...way, file]);
    done.add(file);
  };
  for (const { file } of sources) follow(file, []);
  expect(circles).toEqual([]);
});

test('every package that is imported is a dependency', () => {
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(packagesOf(sources).filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
});

function packagesOf(files: readonly Source[]): string[] {
  const packages = files.flatMap(({ imports }) =>
    imports
      .filter(({ isFile, target }) => !isFile && !target.startsWith('node:'))
      .map(({ target }) => target),
  );
  return packages.map((one) =>
    one
      .split('/')
      .slice(0, one.startsWith('@') ? 2 : 1)
      .join('/'),
  );
}

describe('the web page', () => {
  test('has of the service nothing but types of its API, and the service nothing of the page', () => {
    expect(page.length).toBeGreaterThan(5);
    const wrong = page.flatMap(({ file, imports }) =>
      imports
        .filter(({ isFile, isType, target }) => {
          if (!isFile) return target.startsWith('node:');
          return !target.startsWith('web/') && !(isType && target.startsWith('http/api/'));
        })
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('is bundled: what it imports is no dependency of the service', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(packageRoot, 'package.json'), 'utf8'),
    );
    const names = packagesOf(page);
    expect(names.filter((name) => Object.hasOwn(dependencies, name))).toEqual([]);
    expect(names.filter((name) => !Object.hasOwn(devDependencies, name))).toEqual([]);
  });
});

test('nothing is a default export', () => {
  const isDefault = (node: ts.Node): boolean =>
    ts.isExportAssignment(node) ||
    node.kind === ts.SyntaxKind.DefaultKeyword ||
    (ts.isExportSpecifier(node) && node.name.text === 'default');
  const wrong: string[] = [];
  for (const { file, tree } of [...sources, ...page])
    visit(tree, (node) => void (isDefault(node) && wrong.push(file)));
  expect(wrong).toEqual([]);
});

describe.each([...pure])('%s is pure:', (folder) => {
  const files = sources.filter((source) => source.folder === folder);

  test('it imports nothing of Node.js that reads, writes, waits or listens', () => {
    const wrong = files.flatMap(({ file, imports }) =>
      imports
        .filter(({ target }) => target.startsWith('node:') && !computing.has(target))
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('it asks no clock, no process and no network', () => {
    const forbidden = new Set([
      'process',
      'console',
      'performance',
      'fetch',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
    ]);
    const wrong: string[] = [];
    for (const { file, tree } of files) {
      visit(tree, (node) => {
        const isClock =
          (ts.isNewExpression(node) && node.getText() === 'new Date()') ||
          (ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random)$/.test(node.getText()));
        // Only the global: `event.process` and `{ process: 1 }` are names of something else.
        const isGlobal =
          ts.isIdentifier(node) &&
          forbidden.has(node.text) &&
          !('name' in node.parent && node.parent.name === node);
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
        if (isClock || isGlobal) wrong.push(`${file}:${line + 1}: ${node.getText()}`);
      });
    }
    expect(wrong).toEqual([]);
  });
});
