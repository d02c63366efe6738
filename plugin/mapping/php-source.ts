import { codes, type Diagnostics, type Span } from './diagnostic.ts';
import { convert, nameOf, type Placed, spanOf } from './php/convert.ts';
import { type PhpNode, parsePhp } from './php/parse.ts';
import { type PathInFile, SourceFile } from './source.ts';

/** Statements that say nothing about a mapping. */
const silent: ReadonlySet<string> = new Set(['nop', 'usegroup', 'declare', 'comment']);

const startOfFile: Span = { line: 1, column: 1, length: 1 };

/**
 * FileCloud's own mapping files, `auditmap.php` and `systemalertsmap.php`: each `$mappings[] = [...]` is one
 * mapping. They are read as data and never executed; what would have to be is an error that names it.
 */
export class PhpSource extends SourceFile {
  readonly value: unknown;
  /** The mappings with the places of everything in them, and the comments: what `import` writes anew. */
  readonly mappings: Placed[] = [];
  readonly comments: readonly PhpNode[];

  /**
   * @param file the name that findings show
   * @param text the file's content; what can't be read becomes findings, never exceptions
   */
  constructor(file: string, text: string, diagnostics: Diagnostics) {
    super(file, text, diagnostics);
    const { statements, comments, problems } = parsePhp(text);
    this.comments = comments;
    for (const { line, column, message, mended } of problems) {
      this.report(codes.syntax, mended ? 'warning' : 'error', { line, column, length: 1 }, message);
    }
    for (const statement of statements) this.#read(statement);
    this.value = { mappings: this.mappings.map((placed) => placed.value) };
  }

  override span(path: PathInFile, at: 'key' | 'value' = 'value'): Span {
    const [, index, ...steps] = path;
    let placed = this.mappings[Number(index ?? 0)];
    let span = placed?.span ?? startOfFile;
    for (const [depth, step] of steps.entries()) {
      const child = placed?.children.get(String(step));
      if (!child) break;
      if (depth === steps.length - 1 && at === 'key') return child.key;
      placed = child.placed;
      span = placed.span;
    }
    return span;
  }

  #read(statement: PhpNode): void {
    if (silent.has(statement.kind)) return;
    if (statement.kind === 'inline') {
      if (String(statement.value).trim() !== '')
        this.#refuse(spanOf(statement), 'text outside of <?php is left out');
      return;
    }
    if (statement.kind === 'namespace') {
      for (const one of statement.children as PhpNode[]) this.#read(one);
      return;
    }
    if (statement.kind === 'return') {
      const value = statement.expr as PhpNode | null;
      if (value?.kind === 'array') this.#addAll(value);
      return; // `return $mappings;` says nothing new
    }
    const assignment = statement.expression as PhpNode | undefined;
    if (statement.kind === 'expressionstatement' && assignment?.kind === 'assign') this.#assign(assignment);
    else
      this.#refuse(
        spanOf(statement),
        `${nameOf(assignment ?? statement)} is no mapping: write $mappings[] = [...]`,
      );
  }

  /** `$mappings[] = [...]` adds one mapping, `$mappings = [[...], [...]]` all that are in it. */
  #assign(assignment: PhpNode): void {
    const target = assignment.left as PhpNode;
    const value = assignment.right as PhpNode;
    const isOne = target.kind === 'offsetlookup' && target.offset === false;
    const variable = (isOne ? target.what : target) as PhpNode;
    if (variable.kind !== 'variable' || variable.name !== 'mappings' || assignment.operator !== '=') {
      this.#refuse(spanOf(assignment), 'only $mappings is read: write $mappings[] = [...]');
    } else if (value.kind !== 'array') {
      this.#refuse(spanOf(value), `${nameOf(value)} is no mapping: write $mappings[] = [...]`);
    } else if (isOne) this.mappings.push(this.#convert(value));
    else this.#addAll(value);
  }

  #addAll(list: PhpNode): void {
    for (const { placed } of this.#convert(list).children.values()) this.mappings.push(placed);
  }

  #convert(node: PhpNode): Placed {
    return convert(node, ({ span, message }) => this.#refuse(span, message));
  }

  #refuse(span: Span, message: string): void {
    this.report(codes.unsupportedPhp, 'error', span, message);
  }
}
