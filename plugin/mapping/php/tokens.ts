/** A piece of PHP code. */
export interface Token {
  readonly kind: 'text' | 'comment' | 'other';
  readonly start: number;
  readonly end: number;
}

const lineComment = /(?:\/\/|#).*/y;

/**
 * Cuts PHP code into texts in quotes, comments, and single characters, in order. What is never closed is no text and
 * no comment, and is looked for once: a regular expression would run to the end of the file at each quote.
 */
export function* tokensOf(code: string): Generator<Token> {
  const open = new Set<string>();
  for (let start = 0; start < code.length; ) {
    const [kind, end] = tokenAt(code, start, open) ?? ['other', start + 1];
    yield { kind, start, end };
    start = end;
  }
}

function tokenAt(code: string, start: number, open: Set<string>): [Token['kind'], number] | undefined {
  const first = code[start]!;
  if (first === "'" || first === '"') {
    const end = open.has(first) ? 0 : endOfText(code, start, first);
    if (end > 0) return ['text', end];
    // An escaped one behind it can't be closed either: from there on the escapes are the same.
    open.add(first);
  } else if (code.startsWith('/*', start)) {
    const end = open.has('/*') ? -1 : code.indexOf('*/', start + 2);
    if (end >= 0) return ['comment', end + 2];
    open.add('/*');
  } else if (first === '#' || code.startsWith('//', start)) {
    lineComment.lastIndex = start;
    lineComment.test(code);
    return ['comment', lineComment.lastIndex];
  }
  return undefined;
}

/** Behind the quote that closes a text; 0 when none does. */
function endOfText(code: string, start: number, quote: string): number {
  for (let at = start + 1; at < code.length; at++) {
    if (code[at] === '\\') at++;
    else if (code[at] === quote) return at + 1;
  }
  return 0;
}
