import { type PhpNode, parseOnce } from './engine.ts';
import { leaveOut, type PhpProblem, putIn } from './recover.ts';
import { tokensOf } from './tokens.ts';

export interface ParsedPhp {
  readonly statements: readonly PhpNode[];
  readonly comments: readonly PhpNode[];
  readonly problems: readonly PhpProblem[];
}

/** A file with more mistakes than this is no mapping file. */
const mostProblems = 100;

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

function plainSpaces(text: string): string {
  if (!/[\u00a0\ufeff]/.test(text)) return text;
  let plain = '';
  for (const { kind, start, end } of tokensOf(text)) {
    const token = text.slice(start, end);
    plain += kind === 'other' && (token === '\u00a0' || token === '\ufeff') ? ' ' : token;
  }
  return plain;
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
