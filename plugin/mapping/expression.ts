import { constantName } from './constant.ts';
import type { Chain, Literal, Path } from './model.ts';

/** What is wrong with a `$path` or chain, and what to do about it. */
export class ExpressionError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Reads a text of a mapping file. Only a leading `$` makes it a path or a chain; any other text is a
 * literal, whatever it holds, and `\$` at the start is a literal dollar. FileCloud's constants become
 * their names.
 *
 * @throws ExpressionError when a text with a leading `$` can't be read
 */
export function parseText(text: string): Literal | Path | Chain {
  if (text.startsWith('\\$')) return { kind: 'literal', value: text.slice(1) };
  if (!text.startsWith('$')) return { kind: 'literal', value: constantName(text) };
  const alternatives = new ExpressionReader(text).chain();
  return alternatives.length === 1 ? alternatives[0]! : { kind: 'chain', alternatives };
}

/**
 * Reads a property name of a prefilter or `idField`: a path whose leading `$` may be left out.
 *
 * @throws ExpressionError when it can't be read
 */
export function parseProperty(text: string): Path {
  const value = parseText(text.startsWith('$') ? text : `$${text}`);
  if (value.kind !== 'path')
    throw new ExpressionError(
      `'${text}' is not one property`,
      'name one property, for example request.filename',
    );
  return value;
}

const keyEnd = /[.[\]>\s'"]/;
const pathHelp = "write $key.key, $list.0 or $key['odd key']";

class ExpressionReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  chain(): (Path | Literal)[] {
    const alternatives: (Path | Literal)[] = [this.#path()];
    for (;;) {
      this.#spaces();
      if (this.#at >= this.#text.length) return alternatives;
      if (this.#text[this.#at] !== '>') {
        throw new ExpressionError(
          `'${this.#text}' is not a path: unexpected '${this.#text[this.#at]}'`,
          pathHelp,
        );
      }
      this.#at++;
      this.#spaces();
      const next = this.#text[this.#at];
      if (next === '$') alternatives.push(this.#path());
      else if (next === "'" || next === '"') alternatives.push({ kind: 'literal', value: this.#quoted() });
      else {
        const problem = next === undefined ? "ends with '>'" : `has no path after '>'`;
        throw new ExpressionError(
          `'${this.#text}' ${problem}`,
          "write $a > $b, or $a > 'text' for a fixed fallback",
        );
      }
    }
  }

  #path(): Path {
    const start = this.#at++;
    const segments: string[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === '[') segments.push(this.#bracket());
      else if (segments.length === 0) segments.push(this.#key());
      else if (next === '.') {
        this.#at++;
        segments.push(this.#key());
      } else break;
    }
    return { kind: 'path', segments, text: this.#text.slice(start, this.#at) };
  }

  #key(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !keyEnd.test(this.#text[this.#at]!)) this.#at++;
    if (this.#at === start)
      throw new ExpressionError(`'${this.#text}' is not a path: a key is missing`, pathHelp);
    return this.#text.slice(start, this.#at);
  }

  #bracket(): string {
    this.#at++;
    const next = this.#text[this.#at];
    const key = next === "'" || next === '"' ? this.#quoted() : this.#key();
    if (this.#text[this.#at] !== ']')
      throw new ExpressionError(`'${this.#text}' is not a path: ']' is missing`, pathHelp);
    this.#at++;
    return key;
  }

  #quoted(): string {
    const quote = this.#text[this.#at++]!;
    const end = this.#text.indexOf(quote, this.#at);
    if (end < 0)
      throw new ExpressionError(`'${this.#text}' is not a path: a ${quote} is never closed`, pathHelp);
    const content = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return content;
  }

  #spaces(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}
