import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import ts from 'typescript';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';

vi.setConfig({ testTimeout: 300_000 });

/** A regular expression in plugin/. */
interface Expression {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

const plugin = join(packageRoot, 'plugin');
const expressions = readdirSync(plugin, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap(expressionsIn);

function expressionsIn(file: string): Expression[] {
  const text = readFileSync(join(plugin, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      const end = node.text.lastIndexOf('/');
      found.push({
        place: `${file}:${line + 1}`,
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    }
    // One that is put together of texts is not seen here.
    if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp')
      found.push({ place: file, source: '', flags: '' });
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** What is repeated: characters of the expression itself, of the classes it may have, and what begins and ends texts. */
function pumpsOf({ source }: Expression): string[] {
  const own = source.replace(/\\[a-zA-Z]/g, '').match(/[^\\()[\]|?*+^$]/g) ?? [];
  const usual = [
    ' ',
    '\n',
    '\t',
    'a',
    'A',
    '0',
    '-',
    '.',
    ':',
    "'",
    '"',
    '\\',
    '/',
    '*',
    '\\"',
    "\\'",
    '$a',
    'a=',
    '{',
    '[',
  ];
  return [...new Set([...own.slice(0, 12), ...usual])];
}

const length = 20_000;
/** Linear takes less than one; the square, of this length, a thousand. */
const milliseconds = 300;
/** A machine that stands still for a moment is no slow expression. */
const times = 4;
const context = createContext({});
const script = new Script('expression.lastIndex = 0; text.replace(expression, "")');

function isSlow(expression: RegExp, text: string): boolean {
  return Array.from({ length: times }).every(() => takesTooLong(expression, text));
}

function takesTooLong(expression: RegExp, text: string): boolean {
  Object.assign(context, { expression, text });
  try {
    script.runInContext(context, { timeout: milliseconds });
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return true;
    throw error;
  }
}

/** The stand-in of `demo`, which only the demo talks to. */
const ofTheDemo = /^cli\/demo\//;

/** Put together, from destinations.yaml's own words: none meets a text of a stranger but the first. */
const putTogether = [
  // `^\s*\{\s*"key"\s*:\s*` and a value, each part ended by a sign that the one before it does not hold.
  'delivery/event-age.ts',
  'cli/demo/fluent-bit.ts',
  // Match_Regex of the administrator's own Fluent Bit, read by doctor.
  'cli/doctor/configuration.ts',
];

test('there are expressions to look at, and all are literal but these', () => {
  expect(expressions.length).toBeGreaterThan(80);
  const others = expressions.filter(({ source }) => source === '').map(({ place }) => place);
  expect(others.sort()).toEqual([...putTogether].sort());
});

test('none takes more than linear time, whatever is repeated in its text', () => {
  const slow = expressions
    .filter(({ source }) => source !== '')
    .flatMap((one) => {
      const expression = new RegExp(one.source, one.flags);
      const pumps = pumpsOf(one);
      const starts = ['', ...pumps.slice(0, 2), '"', "'"];
      for (const pump of pumps) {
        for (const start of starts) {
          const text = `${start}${pump.repeat(length / pump.length)}\0`;
          if (isSlow(expression, text))
            return [`${one.place} /${one.source}/ with ${JSON.stringify(start + pump)}`];
        }
      }
      return [];
    });
  expect(slow.filter((text) => !ofTheDemo.test(text))).toEqual([]);
});
