import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';

const page = readFileSync(join(packageRoot, 'docs', 'security.md'), 'utf8');
const citation = /^`(test\/[\w./-]+\.test\.ts)`: (.+)$/;

/** Rows of tables that say what they are shown by, without their heads: the last cell of each. */
const cells = page.split('\n## ').flatMap((section) => {
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows[0]?.includes('| shown by |')
    ? rows.slice(2).map((row) => row.split(' | ').at(-1)!.slice(0, -2))
    : [];
});
const cited = cells.flatMap((cell) => cell.split('<br>').map((one) => one.trim()));

/** Names of the tests and groups of a file, as they stand in its source. */
function namesIn(file: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText(tree))) {
      const [first] = node.arguments;
      if (first && (ts.isStringLiteralLike(first) || ts.isTemplateExpression(first)))
        names.add(first.getText(tree).slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  visit(tree);
  return names;
}

test('each line of the threat model has a test', () => {
  expect(cells.length).toBeGreaterThan(40);
  expect(cited.filter((one) => !citation.test(one))).toEqual([]);
});

test('each test that it names is there, by that name', () => {
  const missing = cited.filter((one) => {
    const [, file = '', name = ''] = citation.exec(one) ?? [];
    const path = join(packageRoot, file);
    return !existsSync(path) || !namesIn(path).has(name);
  });
  expect(missing).toEqual([]);
});
