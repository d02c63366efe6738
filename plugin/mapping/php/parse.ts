import PhpParser from 'php-parser';

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

/** Something that PHP itself would refuse; `mended` says that its meaning was clear all the same. */
export interface PhpProblem {
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  readonly message: string;
  readonly mended: boolean;
}

export interface ParsedPhp {
  readonly statements: readonly PhpNode[];
  readonly comments: readonly PhpNode[];
  readonly problems: readonly PhpProblem[];
}

/** A file with more mistakes than this is no mapping file. */
const mostProblems = 100;

const engine = new PhpParser.Engine({
  parser: { extractDoc: true, suppressErrors: false },
  ast: { withPositions: true },
  lexer: {},
});

/**
 * Parses PHP without ever executing it. `<?php` may be missing, and non-breaking spaces count as spaces:
 * mapping files are often copied from a web page. A comma or semicolon that is missing at the end of a line
 * is put in; a statement that can't be read is left out and the ones around it are kept. Each is a problem.
 */
export function parsePhp(text: string): ParsedPhp {
  const problems: PhpProblem[] = [];
  let code = plainSpaces(text);
  for (;;) {
    const { tree, error } = parseOnce(code);
    if (tree || problems.length >= mostProblems) {
      return { statements: tree?.children ?? [], comments: tree?.comments ?? [], problems };
    }
    const mended = putIn(code, error!);
    problems.push(mended?.problem ?? { ...placeOf(error!), message: reason(error!), mended: false });
    code = mended?.code ?? withoutStatement(code, error!);
  }
}

interface Tree {
  readonly children: readonly PhpNode[];
  readonly comments: readonly PhpNode[];
}

interface PhpSyntaxError extends SyntaxError {
  readonly lineNumber: number;
  readonly columnNumber: number;
}

function parseOnce(code: string): { tree?: Tree; error?: PhpSyntaxError } {
  try {
    const program = /<\?(?:php|=)/.test(code) ? engine.parseCode(code, '') : engine.parseEval(code);
    return { tree: program as unknown as Tree };
  } catch (error) {
    if (typeof (error as PhpSyntaxError).lineNumber !== 'number') throw error;
    return { error: error as PhpSyntaxError };
  }
}

function plainSpaces(text: string): string {
  const tokens = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\/\/.*|#.*|\/\*[\s\S]*?\*\/|[\u00a0\ufeff]/g;
  return text.replace(tokens, (token) => (token === '\u00a0' || token === '\ufeff' ? ' ' : token));
}

/** Puts a `,` or `;` behind the line before, when that is what is missing and the text then reads on. */
function putIn(code: string, error: PhpSyntaxError): { code: string; problem: PhpProblem } | undefined {
  const missing = /expecting '\]'/.test(error.message)
    ? ','
    : /expecting ';'/.test(error.message)
      ? ';'
      : undefined;
  if (!missing) return undefined;
  const at = offsetOf(code, error);
  const end = endOfCodeBefore(code, at);
  if (!code.slice(end, at).includes('\n')) return undefined;
  const attempt = code.slice(0, end) + missing + code.slice(end);
  const next = parseOnce(attempt).error;
  if (next && offsetOf(attempt, next) <= at + 1) return undefined;
  const before = code.slice(0, end).split('\n');
  const name = missing === ',' ? 'comma' : 'semicolon';
  const problem = {
    line: before.length,
    column: before.at(-1)!.length + 1,
    message: `a ${name} is missing here`,
    mended: true,
  };
  return { code: attempt, problem };
}

/** Where the last code before an offset ends: white space and comments lie between. */
function endOfCodeBefore(code: string, at: number): number {
  const tokens = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(\/\/.*|#.*|\/\*[\s\S]*?\*\/|\s+)|./g;
  let end = 0;
  for (const { 0: token, 1: blank, index } of code.slice(0, at).matchAll(tokens)) {
    if (blank === undefined) end = index + token.length;
  }
  return end;
}

/** Blanks the statement an error is in; lines and columns of all others stay. */
function withoutStatement(code: string, error: PhpSyntaxError): string {
  const at = offsetOf(code, error);
  const starts = [...code.matchAll(/^[ \t]*\$mappings\b/gm)].map(({ index }) => index);
  const start = starts.filter((one) => one < at).at(-1) ?? 0;
  const end = starts.find((one) => one > start && one >= at) ?? code.length;
  return code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
}

function offsetOf(code: string, { lineNumber, columnNumber }: PhpSyntaxError): number {
  const lines = code.split('\n').slice(0, lineNumber - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + columnNumber;
}

function placeOf({ lineNumber, columnNumber }: PhpSyntaxError): { line: number; column: number } {
  return { line: lineNumber, column: columnNumber + 1 };
}

/** `Parse Error : syntax error, unexpected ';' on line 3` -> `unexpected ';'`; token names mean nothing to people. */
function reason({ message }: PhpSyntaxError): string {
  return message
    .replace(/^Parse Error\s*:\s*(?:syntax error,\s*)?/, '')
    .replace(/ on line \d+$/, '')
    .replace(/ \(T_\w+\)/g, '');
}
