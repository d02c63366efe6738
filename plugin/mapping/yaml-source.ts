import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { codes, type Diagnostics, type Span } from './diagnostic.ts';
import { type PathInFile, SourceFile } from './source.ts';

/** Deeper nesting than any mapping's. */
const deepest = 100;
const tooDeep = `this is nested more than ${deepest} levels deep`;

const aliasHint = "put a text that starts with * in quotes, for example '*'";

/** A YAML or JSON file: JSON is YAML to the parser. */
export class YamlSource extends SourceFile {
  readonly value: unknown = undefined;
  readonly #counter = new LineCounter();
  readonly #root: ParsedNode | null;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair<Scalar>>>();

  /**
   * @param file the name that findings show
   * @param text the file's content; syntax errors become findings, never exceptions
   */
  constructor(file: string, text: string, diagnostics: Diagnostics) {
    super(file, text, diagnostics);
    const document = this.#parse(text);
    this.#root = document?.contents ?? null;
    if (!document) return;
    const told = new Set<number>();
    const twice = keysThatStandTwice(document);
    const problems = [
      ...document.errors,
      ...twice.map(({ range }) => ({ name: 'YAMLParseError', pos: range ?? [0], message: sameKey })),
      ...document.warnings,
    ];
    for (const problem of problems) {
      const span = this.#spanOf(problem.pos);
      // One slip makes the parser stumble again and again: the first finding of a line is the one that helps.
      if (told.has(span.line)) continue;
      told.add(span.line);
      const severity = problem.name === 'YAMLParseError' ? 'error' : 'warning';
      const hint = /alias/i.test(problem.message) ? aliasHint : undefined;
      this.report(codes.syntax, severity, span, sentence(problem.message), hint);
    }
    const isReadable = document.errors.length + twice.length === 0 && this.#prepare(document);
    this.value = isReadable ? this.#toPlain(() => document.toJS()) : undefined;
  }

  override span(path: PathInFile, at: 'key' | 'value' = 'value'): Span {
    let node: Node | null = this.#root;
    let range = node?.range;
    for (const [depth, step] of path.entries()) {
      let next: unknown;
      if (isMap(node)) {
        const pair: Pair<Scalar> | undefined = this.#pairsOf(node).get(String(step));
        if (!pair) break;
        range = pair.key.range ?? range;
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

  /** A map's pairs by their keys; a file with many findings asks again and again. */
  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair<Scalar>> {
    const known = this.#pairs.get(map);
    if (known) return known;
    const pairs = new Map<string, Pair<Scalar>>();
    for (const pair of map.items)
      if (hasPlainKey(pair) && !pairs.has(String(pair.key.value))) pairs.set(String(pair.key.value), pair);
    this.#pairs.set(map, pairs);
    return pairs;
  }

  #parse(text: string): Document.Parsed | undefined {
    try {
      // It compares each key with all before it: keysThatStandTwice does not.
      return parseDocument(text, { lineCounter: this.#counter, prettyErrors: false, uniqueKeys: false });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.report(codes.syntax, 'error', this.#spanOf([0, 1]), tooDeep);
      return undefined;
    }
  }

  /** @returns false when there is an alias that nothing was named for, or what is no mapping and takes for ever to convert */
  #prepare(document: Document.Parsed): boolean {
    let isReadable = true;
    // Names in the order of the text: an alias stands for one before it. (Its own `resolve` looks through the whole file.)
    const named = new Set<string>();
    const refuse = (range: readonly number[] | null | undefined, message: string): typeof visit.BREAK => {
      this.report(codes.syntax, 'error', this.#spanOf(range), message);
      isReadable = false;
      return visit.BREAK;
    };
    visit(document, {
      Pair: (_key, { key }) => {
        // As a key a list or map becomes text, with all keys in it: each level takes several times as long as the one below.
        if (isCollection(key)) return refuse(key.range, 'a key is a text, and no list or map');
        return undefined;
      },
      Collection: (_key, { anchor, range }, path) => {
        if (anchor !== undefined) named.add(anchor);
        return path.filter(isCollection).length > deepest ? refuse(range, tooDeep) : undefined;
      },
      Scalar: (_key, node) => {
        if (node.anchor !== undefined) named.add(node.anchor);
        // A number JavaScript would round stays as it was written.
        const isRounded = Number.isInteger(node.value) && !Number.isSafeInteger(node.value);
        if (isRounded) node.value = node.source;
      },
      // toJS would throw for it without a place.
      Alias: (_key, node) => {
        if (named.has(node.source)) return;
        this.report(
          codes.syntax,
          'error',
          this.#spanOf(node.range),
          `nothing is named '${node.source}'`,
          aliasHint,
        );
        isReadable = false;
      },
    });
    return isReadable;
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

const sameKey = 'this key stands here twice';

/** Keys that stand in their map before already. */
function keysThatStandTwice(document: Document.Parsed): Scalar[] {
  const twice: Scalar[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const pair of items) {
        if (!hasPlainKey(pair)) continue;
        if (seen.has(pair.key.value)) twice.push(pair.key);
        seen.add(pair.key.value);
      }
    },
  });
  return twice;
}

function hasPlainKey(pair: unknown): pair is Pair<Scalar> {
  return isPair(pair) && isScalar(pair.key);
}

/** What the parser's words mean to a person who knows no YAML grammar. */
const plainWords: readonly (readonly [RegExp, string])[] = [
  [/call stack/, tooDeep],
  [/multiple documents/, "there is more than one document, divided by '---': keep one"],
  [/Nested mappings are not allowed in compact mappings/, "put a text that holds ': ' in quotes"],
  [/Flow sequence in block collection|Flow sequence.*must.*end with a \]/, "a ']' is missing"],
  [/Flow map in block collection|Flow map.*must.*end with a \}/, "a '}' is missing"],
  [
    /sequence item without - indicator|must start at the same column/i,
    'this line is indented otherwise than its neighbours',
  ],
  [/Alias cannot be an empty string/, "'*' alone names something else in the file"],
  [/Missing closing ['"]quote/, 'a text in quotes is never closed'],
];

function sentence(message: string): string {
  for (const [pattern, plain] of plainWords) if (pattern.test(message)) return plain;
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\s+/g, ' ');
}
