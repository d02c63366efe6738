import { type Code, codes, type Diagnostics, type Span } from './diagnostic.ts';
import { convert, nameOf, type Placed, spanOf } from './php/convert.ts';
import type { PhpNode } from './php/engine.ts';
import { parsePhp } from './php/parse.ts';
import { type PathInFile, SourceFile } from './source.ts';

/** Statements that say nothing about a mapping. */
const silent: ReadonlySet<string> = new Set(['nop', 'noop', 'usegroup', 'declare', 'comment', 'global']);

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
  /** Where something was refused: what follows from that is not told as well. */
  readonly #refused = new Set<string>();

  /**
   * @param file the name that findings show
   * @param text the file's content; what can't be read becomes findings, never exceptions
   */
  constructor(file: string, text: string, diagnostics: Diagnostics) {
    // PHP's lines end with CR, too.
    const lines = text.replace(/\r\n?/g, '\n');
    super(file, lines, diagnostics);
    const { statements, comments, problems } = parsePhp(lines);
    this.comments = comments;
    const lengths = lines.split('\n').map((line) => line.length);
    for (const { line, column, message, mended } of problems) {
      // A comma put in before may have pushed it beyond the end of its line.
      const span = { line, column: Math.min(column, lengths[line - 1]! + 1), length: 1 };
      this.report(codes.syntax, mended ? 'warning' : 'error', span, message);
    }
    for (const statement of statements) this.#read(statement);
    const isUnread = this.mappings.length === 0;
    if (isUnread && problems.length === 0 && this.#refused.size === 0)
      this.#refuse(startOfFile, 'there is no mapping in this file: write $mappings[] = [...]');
    this.value = isUnread ? undefined : { mappings: this.mappings.map((placed) => placed.value) };
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
      else if (value && !(value.kind === 'variable' && value.name === 'mappings'))
        this.#refuse(spanOf(value), `${nameOf(value)} is no mapping: write $mappings[] = [...]`);
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
    const all = this.#convert(list);
    if (all.children.has('id') || all.children.has('map')) {
      this.#refuse(all.span, 'this is one mapping and no list of them: write $mappings[] = [...]');
      this.mappings.push(all);
    } else for (const { placed } of all.children.values()) this.mappings.push(placed);
  }

  #convert(node: PhpNode): Placed {
    return convert(node, ({ span, message }) => this.#refuse(span, message));
  }

  #refuse(span: Span, message: string): void {
    super.report(codes.unsupportedPhp, 'error', span, message);
    this.#refused.add(`${span.line}:${span.column}`);
  }

  protected override report(
    code: Code,
    severity: 'error' | 'warning',
    span: Span,
    message: string,
    hint?: string,
  ): void {
    if (!this.#refused.has(`${span.line}:${span.column}`)) super.report(code, severity, span, message, hint);
  }
}
