import type { Code, Diagnostics, Span } from './diagnostic.ts';

export type PathInFile = readonly (string | number)[];

/**
 * A parsed file whose every value still knows its place, so that no finding is ever without line and
 * column. What it was parsed from (YAML, PHP) is the subclass's business.
 */
export abstract class SourceFile {
  /** The name that findings show. */
  readonly file: string;
  /** The content as plain values; undefined when the text could not be parsed. */
  abstract readonly value: unknown;
  readonly #lines: string[];
  readonly #diagnostics: Diagnostics;

  constructor(file: string, text: string, diagnostics: Diagnostics) {
    this.file = file;
    this.#lines = text.split(/\r?\n/);
    this.#diagnostics = diagnostics;
  }

  /** Where a value or key stands; a path that is not in the file gives its nearest parent. */
  abstract span(path: PathInFile, at?: 'key' | 'value'): Span;

  /** Adds an error at a value (or, with `at: 'key'`, at its key). */
  error(code: Code, path: PathInFile, message: string, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.report(code, 'error', this.span(path, at), message, hint);
  }

  /** Adds an error at a value that is a secret: its line is not shown. */
  errorInSecret(code: Code, path: PathInFile, message: string, hint?: string): void {
    this.report(code, 'error', this.span(path), message, hint, true);
  }

  /** Adds a warning at a value (or, with `at: 'key'`, at its key). */
  warning(code: Code, path: PathInFile, message: string, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.report(code, 'warning', this.span(path, at), message, hint);
  }

  /** Adds a finding at a place; its length is cut at the end of the line. */
  protected report(
    code: Code,
    severity: 'error' | 'warning',
    span: Span,
    message: string,
    hint?: string,
    isSecret = false,
  ): void {
    const source = isSecret ? undefined : this.#lines[span.line - 1];
    const rest = (source?.length ?? 0) - span.column + 1;
    this.#diagnostics.add({
      code,
      severity,
      file: this.file,
      ...span,
      length: Math.max(1, Math.min(span.length, rest)),
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(source === undefined ? {} : { source }),
    });
  }
}
