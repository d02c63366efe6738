import {
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Code, codes, type Diagnostics, type Span } from './diagnostic.ts';

export type PathInFile = readonly (string | number)[];

/**
 * A parsed YAML or JSON file (JSON is YAML to the parser) whose every value still knows its place, so
 * that no finding is ever without line and column.
 */
export class SourceFile {
  readonly file: string;
  /** The content as plain values; undefined when the text could not be parsed. */
  readonly value: unknown;
  readonly #lines: string[];
  readonly #counter = new LineCounter();
  readonly #root: ParsedNode | null;
  readonly #diagnostics: Diagnostics;

  /**
   * @param file the name that findings show
   * @param text the file's content; syntax errors become findings, never exceptions
   */
  constructor(file: string, text: string, diagnostics: Diagnostics) {
    this.file = file;
    this.#diagnostics = diagnostics;
    this.#lines = text.split(/\r?\n/);
    const document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false });
    this.#root = document.contents;
    for (const problem of [...document.errors, ...document.warnings]) {
      const severity = problem.name === 'YAMLParseError' ? 'error' : 'warning';
      this.#report(codes.syntax, severity, this.#span(problem.pos), sentence(problem.message));
    }
    this.value = document.errors.length > 0 ? undefined : this.#toPlain(() => document.toJS());
  }

  /** Adds an error at a value (or, with `at: 'key'`, at its key). */
  error(code: Code, path: PathInFile, message: string, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#report(code, 'error', this.span(path, at), message, hint);
  }

  /** Adds a warning at a value (or, with `at: 'key'`, at its key). */
  warning(code: Code, path: PathInFile, message: string, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#report(code, 'warning', this.span(path, at), message, hint);
  }

  /** Where a value or key stands; a path that is not in the file gives its nearest parent. */
  span(path: PathInFile, at: 'key' | 'value' = 'value'): Span {
    let node: Node | null = this.#root;
    let range = node?.range;
    for (const [depth, step] of path.entries()) {
      const isLast = depth === path.length - 1;
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (!pair) break;
        const key = pair.key as Scalar;
        range = (key.range ?? range) as typeof range;
        if (isLast && at === 'key') return this.#span(range);
        next = pair.value;
      } else if (node && 'items' in node && typeof step === 'number') {
        next = (node.items as unknown[])[step];
      }
      if (!next) break;
      node = next as Node;
      range = node.range ?? range;
    }
    return this.#span(range);
  }

  /** Aliases that explode are the one thing that fails only here. */
  #toPlain(convert: () => unknown): unknown {
    try {
      return convert();
    } catch (error) {
      this.#report(codes.syntax, 'error', this.#span([0, 1]), sentence((error as Error).message));
      return undefined;
    }
  }

  #span(range: readonly number[] | null | undefined): Span {
    const [start = 0, end = start + 1] = range ?? [];
    const { line, col } = this.#counter.linePos(start);
    const source = this.#lines[line - 1] ?? '';
    const length = Math.max(1, Math.min(end - start, source.length - col + 1));
    return { line: Math.max(1, line), column: Math.max(1, col), length };
  }

  #report(code: Code, severity: 'error' | 'warning', span: Span, message: string, hint?: string): void {
    const source = this.#lines[span.line - 1];
    this.#diagnostics.add({
      code,
      severity,
      file: this.file,
      ...span,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(source === undefined ? {} : { source }),
    });
  }
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\s+/g, ' ');
}
