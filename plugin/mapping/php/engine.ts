import { createRequire } from 'node:module';
import type PhpParser from 'php-parser';

/** A node of php-parser's syntax tree, as far as we look at it. */
export interface PhpNode {
  readonly kind: string;
  readonly loc: { readonly start: PhpPosition; readonly end: PhpPosition };
  readonly [property: string]: unknown;
}

/** Lines count from 1, columns from 0. */
export interface PhpPosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Tree {
  readonly children: readonly PhpNode[];
  readonly comments: readonly PhpNode[];
}

export interface PhpSyntaxError {
  readonly message: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const load = createRequire(import.meta.url);
let loaded: PhpParser.Engine | undefined;

/** Its 150 files are read when the first PHP file is: most have none, and wait for the service to start. */
function engineOf(): PhpParser.Engine {
  const { Engine } = load('php-parser') as typeof PhpParser;
  loaded ??= new Engine({
    parser: { extractDoc: true, suppressErrors: false },
    ast: { withPositions: true },
    lexer: {},
  });
  return loaded;
}

export function parseOnce(code: string): { tree?: Tree; error?: PhpSyntaxError } {
  const engine = engineOf();
  try {
    // A text in a mapping may hold <?php as well: only what stands before the first one counts.
    const [beforeMappings = ''] = code.split('$mappings', 1);
    const program = /<\?(?:php|=)/.test(beforeMappings) ? engine.parseCode(code, '') : engine.parseEval(code);
    return { tree: program as unknown as Tree };
  } catch (error) {
    if (typeof (error as PhpSyntaxError).lineNumber === 'number') return { error: error as PhpSyntaxError };
    // php-parser's lexer throws for a character that PHP has no use for, and names its offset only.
    const { message } = error as Error;
    const offset = Number(/\(offset (\d+)\)/.exec(message)?.[1] ?? 0);
    const { line, column } = placeAt(code, offset);
    return {
      error: { message: 'a character that PHP does not know', lineNumber: line, columnNumber: column - 1 },
    };
  }
}

export function offsetOf(code: string, { lineNumber, columnNumber }: PhpSyntaxError): number {
  const lines = code.split('\n').slice(0, lineNumber - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + columnNumber;
}

export function placeAt(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
