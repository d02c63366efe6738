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
import { codes, type Diagnostics, type Span } from './diagnostic.ts';
import { type PathInFile, SourceFile } from './source.ts';

/** A YAML or JSON file: JSON is YAML to the parser. */
export class YamlSource extends SourceFile {
  readonly value: unknown;
  readonly #counter = new LineCounter();
  readonly #root: ParsedNode | null;

  /**
   * @param file the name that findings show
   * @param text the file's content; syntax errors become findings, never exceptions
   */
  constructor(file: string, text: string, diagnostics: Diagnostics) {
    super(file, text, diagnostics);
    const document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false });
    this.#root = document.contents;
    for (const problem of [...document.errors, ...document.warnings]) {
      const severity = problem.name === 'YAMLParseError' ? 'error' : 'warning';
      this.report(codes.syntax, severity, this.#spanOf(problem.pos), sentence(problem.message));
    }
    this.value = document.errors.length > 0 ? undefined : this.#toPlain(() => document.toJS());
  }

  override span(path: PathInFile, at: 'key' | 'value' = 'value'): Span {
    let node: Node | null = this.#root;
    let range = node?.range;
    for (const [depth, step] of path.entries()) {
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (!pair) break;
        range = (pair.key as Scalar).range ?? range;
        if (depth === path.length - 1 && at === 'key') return this.#spanOf(range);
        next = pair.value;
      } else if (node && 'items' in node && typeof step === 'number') {
        next = (node.items as unknown[])[step];
      }
      if (!next) break;
      node = next as Node;
      range = node.range ?? range;
    }
    return this.#spanOf(range);
  }

  /** Aliases that explode are the one thing that fails only here. */
  #toPlain(convert: () => unknown): unknown {
    try {
      return convert();
    } catch (error) {
      this.report(codes.syntax, 'error', this.#spanOf([0, 1]), sentence((error as Error).message));
      return undefined;
    }
  }

  #spanOf(range: readonly number[] | null | undefined): Span {
    const [start = 0, end = start + 1] = range ?? [];
    const { line, col } = this.#counter.linePos(start);
    return { line: Math.max(1, line), column: Math.max(1, col), length: end - start };
  }
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\s+/g, ' ');
}
