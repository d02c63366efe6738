import { offsetOf, type PhpSyntaxError, parseOnce, placeAt } from './engine.ts';
import { tokensOf } from './tokens.ts';

/** Something that PHP itself would refuse; `mended` says that its meaning was clear all the same. */
export interface PhpProblem {
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  readonly message: string;
  readonly mended: boolean;
}

/** What a text becomes when something is put in or left out, and why. */
export interface Step {
  readonly code: string;
  readonly problem: PhpProblem;
}

/** Puts a `,` or `;` behind the line before, when that is what is missing and the text then reads on. */
export function putIn(code: string, error: PhpSyntaxError): Step | undefined {
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

/** Blanks the statement that an error is in; lines and columns of all others stay. */
export function leaveOut(code: string, error: PhpSyntaxError): Step {
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

/** Where the last code before an offset ends: white space and comments lie between. */
function endOfCodeBefore(code: string, at: number): number {
  const before = code.slice(0, at);
  let last = 0;
  for (const { kind, start, end } of tokensOf(before)) {
    const isBlank = kind === 'comment' || (kind === 'other' && before[start]!.trim() === '');
    if (!isBlank) last = end;
  }
  return last;
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
