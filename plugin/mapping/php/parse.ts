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
    if (tree) {
      const { children: statements, comments } = tree;
      return { statements, comments, problems: [...problems, ...openComments(code, comments)] };
    }
    const step = putIn(code, error!) ?? leaveOut(code, error!);
    problems.push(step.problem);
    if (step.code === code || problems.length >= mostProblems)
      return { statements: [], comments: [], problems };
    code = step.code;
  }
}

interface Tree {
  readonly children: readonly PhpNode[];
  readonly comments: readonly PhpNode[];
}

interface PhpSyntaxError {
  readonly message: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** What a text becomes when something is put in or left out, and why. */
interface Step {
  readonly code: string;
  readonly problem: PhpProblem;
}

function parseOnce(code: string): { tree?: Tree; error?: PhpSyntaxError } {
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

function plainSpaces(text: string): string {
  const tokens = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|\/\/.*|#.*|\/\*[\s\S]*?\*\/|[\u00a0\ufeff]/g;
  return text.replace(tokens, (token) => (token === '\u00a0' || token === '\ufeff' ? ' ' : token));
}

/** Puts a `,` or `;` behind the line before, when that is what is missing and the text then reads on. */
function putIn(code: string, error: PhpSyntaxError): Step | undefined {
  const missing = /expecting '\]'/.test(error.message)
    ? ','
    : /expecting ';'/.test(error.message)
      ? ';'
      : undefined;
  if (!missing) return undefined;
  const at = offsetOf(code, error);
  const end = endOfCodeBefore(code, at);
  if (!code.slice(end, at).includes('\n')) return undefined;
  // The next mapping is no element of this one: a bracket is missing, not a comma.
  if (missing === ',' && /^\$mappings\b/.test(code.slice(at))) return undefined;
  const attempt = code.slice(0, end) + missing + code.slice(end);
  const next = parseOnce(attempt).error;
  if (next && offsetOf(attempt, next) <= at + 1) return undefined;
  const name = missing === ',' ? 'comma' : 'semicolon';
  return {
    code: attempt,
    problem: { ...placeAt(code, end), message: `a ${name} is missing here`, mended: true },
  };
}

/** Where the last code before an offset ends: white space and comments lie between. */
function endOfCodeBefore(code: string, at: number): number {
  const tokens = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|(\/\/.*|#.*|\/\*[\s\S]*?\*\/|\s+)|./g;
  let end = 0;
  for (const { 0: token, 1: blank, index } of code.slice(0, at).matchAll(tokens)) {
    if (blank === undefined) end = index + token.length;
  }
  return end;
}

/** Blanks the statement that an error is in; lines and columns of all others stay. */
function leaveOut(code: string, error: PhpSyntaxError): Step {
  const at = offsetOf(code, error);
  const starts = [0, ...[...code.matchAll(/^[ \t]*\$mappings\b/gm)].map(({ index }) => index)];
  const piece = (index: number): string => code.slice(starts[index], starts[index + 1]);
  const found = Math.max(
    0,
    starts.findLastIndex((start) => start < at),
  );
  let index = found;
  // A statement that reads well by itself is not at fault: one before it was never closed.
  while (index > 0 && parseOnce(piece(index)).tree) index--;
  const start = starts[index]!;
  const end = starts[index + 1] ?? code.length;
  const text = openText(code, start, at);
  const problem =
    text !== undefined
      ? { ...placeAt(code, text), message: 'this text is not closed on its line: is a quote missing?' }
      : index < found || /^\$mappings\b/.test(code.slice(at))
        ? { ...placeAt(code, endOfCodeBefore(code, end)), message: "a ']' is missing here" }
        : { line: error.lineNumber, column: error.columnNumber + 1, message: reason(error) };
  const blank = code.slice(start, end).replace(/[^\n]/g, ' ');
  return { code: code.slice(0, start) + blank + code.slice(end), problem: { ...problem, mended: false } };
}

/** Where a text begins that runs over a line's end up to the place where PHP stumbled; undefined when none does. */
function openText(code: string, start: number, at: number): number | undefined {
  const tokens = /(['"])(?:(?!\1)[^\\]|\\[\s\S])*(?:\1|$)|\/\/.*|#.*|\/\*[\s\S]*?(?:\*\/|$)|\s+|./g;
  let open: number | undefined;
  for (const { 0: token, 1: quote, index } of code.slice(start).matchAll(tokens)) {
    if (start + index >= at) break;
    if (quote !== undefined) open = token.includes('\n') ? start + index : undefined;
    else if (token.trim() !== '') open = undefined;
  }
  return open;
}

/** A comment that is never closed swallows the rest of the file. */
function openComments(code: string, comments: readonly PhpNode[]): PhpProblem[] {
  return comments
    .filter(({ loc }) => /^\/\*(?![\s\S]*\*\/$)/.test(code.slice(loc.start.offset, loc.end.offset)))
    .map(({ loc }) => ({
      line: loc.start.line,
      column: loc.start.column + 1,
      message: 'this comment is never closed',
      mended: false,
    }));
}

function offsetOf(code: string, { lineNumber, columnNumber }: PhpSyntaxError): number {
  const lines = code.split('\n').slice(0, lineNumber - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + columnNumber;
}

function placeAt(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** php-parser's words as people say it: token names mean nothing to them. */
function reason({ message }: PhpSyntaxError): string {
  const text = message
    .replace(/^Parse Error\s*:\s*(?:syntax error,\s*)?/, '')
    .replace(/ on line \d+$/, '')
    .replace(/ \(T_\w+\)/g, '')
    .replace(/'(['"])([\s\S]*)\1'/, "'$2'");
  if (text === 'syntax error') return 'this is not PHP';
  if (text.includes('T_END_HEREDOC')) return 'the text that begins with <<< is never closed';
  if (/^expecting '.'$/.test(text)) return `the file ends here, ${text}`;
  if (text === "unexpected ']', expecting ';'") return "unexpected ']': it is one too many";
  const unexpected = /^(unexpected '[\s\S]*'), expecting '\]'$/.exec(text)?.[1];
  const missing = unexpected === "unexpected ';'" ? "a ']'" : "a ',', '=>' or ']'";
  return unexpected ? `${unexpected}: ${missing} is missing before it` : text;
}
