import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { Span } from '../diagnostic.ts';
import { phpCall } from '../value.ts';
import { type Placed, spanOf } from './convert.ts';
import type { PhpNode } from './engine.ts';

const style = { singleQuote: true, lineWidth: 0 } as const;

/**
 * Writes FileCloud's PHP mappings as the YAML a person would have written: order and comments kept, calls as
 * `{ call: name, args: [...] }`, and one entry with a list of ids where neighbours have the same map.
 *
 * @param mappings of one file, in order
 * @param comments of the same file, in order
 */
export function toYaml(mappings: readonly Placed[], comments: readonly PhpNode[]): string {
  return new YamlWriter(comments).write(mappings);
}

class YamlWriter {
  readonly #lines: string[] = ['mappings:'];
  /** Those not written yet: each goes above what comes next in the PHP file, or behind what stands before it. */
  readonly #comments: { readonly span: Span; readonly text: string }[];

  constructor(comments: readonly PhpNode[]) {
    this.#comments = comments.flatMap((comment) =>
      textOf(comment).map((text, index) => ({
        span: { ...spanOf(comment), line: comment.loc.start.line + index },
        text,
      })),
    );
  }

  write(mappings: readonly Placed[]): string {
    for (let index = 0; index < mappings.length; ) {
      const group = [mappings[index]!];
      while (mappings[index + group.length] && sameMap(mappings[index]!, mappings[index + group.length]!)) {
        group.push(mappings[index + group.length]!);
      }
      index += group.length;
      this.#mapping(group);
    }
    this.#above({ line: Number.POSITIVE_INFINITY, column: 0 }, 2);
    return `${this.#lines.join('\n')}\n`;
  }

  #mapping(group: readonly Placed[]): void {
    const [first, ...others] = group;
    if (this.#lines.length > 1) this.#lines.push('');
    this.#above(first!.span, 2);
    if (!isMap(first!)) {
      this.#lines.push(`  - ${inline(first!.value)}`);
      return;
    }
    const ids = group.flatMap((one) => [one.children.get('id')?.placed.value].flat());
    const start = this.#lines.length;
    this.#pairs(first!, 4, others.length > 0 ? new Map([['id', ids]]) : undefined);
    if (this.#lines.length === start) this.#lines.push('    {}');
    this.#lines[start] = this.#lines[start]!.replace(/^ {4}/, '  - ');
    // What was said about the neighbours stays with the entry they share.
    for (const other of others) this.#above({ line: other.lastLine, column: Number.POSITIVE_INFINITY }, 4);
  }

  #pairs(map: Placed, indent: number, instead?: ReadonlyMap<string, unknown>): void {
    for (const [name, { key, placed }] of map.children) {
      const isOptional = name === 'prefilter' || name === 'extension';
      const isNothing = Array.isArray(placed.value) && placed.value.length === 0;
      if (isOptional && isNothing && !this.#hasCommentIn(placed)) continue;
      this.#above(key, indent);
      const start = `${' '.repeat(indent)}${inline(name)}:`;
      const isBlock = isMap(placed) && (name === 'map' || name === 'extension' || this.#hasCommentIn(placed));
      if (isBlock) {
        this.#lines.push(start);
        this.#pairs(placed, indent + 2);
      } else
        this.#lines.push(`${start} ${inline(instead?.get(name) ?? placed.value)}${this.#behind(key.line)}`);
    }
  }

  /** Writes the comments that stand before a place, each on a line of its own. */
  #above(place: { line: number; column: number }, indent: number): void {
    while (this.#comments[0] && isBefore(this.#comments[0].span, place)) {
      this.#lines.push(`${' '.repeat(indent)}# ${this.#comments.shift()!.text}`);
    }
  }

  /** The comment behind a value, on its line. */
  #behind(line: number): string {
    return this.#comments[0]?.span.line === line ? ` # ${this.#comments.shift()!.text}` : '';
  }

  #hasCommentIn(placed: Placed): boolean {
    const [next] = this.#comments;
    return next !== undefined && !isBefore(next.span, placed.span) && next.span.line <= placed.lastLine;
  }
}

function inline(value: unknown): string {
  const content = readable(value);
  // A text of several lines, or like a document's mark, stays on one line as JSON writes it: that is YAML as well.
  const json = JSON.stringify(content);
  return json.includes('\\n') || /^"(?:---|\.\.\.)/.test(json)
    ? json
    : stringify(content, { ...style, collectionStyle: 'flow' }).trimEnd();
}

/** PHP's `[[Class::class, 'method'], [args]]` as `{ call, args }`, in arguments too. */
function readable(value: unknown): unknown {
  const call = Array.isArray(value) ? phpCall(value) : undefined;
  if (call) return { call: call.name, ...(call.args.length > 0 ? { args: call.args.map(readable) } : {}) };
  return value;
}

function isMap({ value }: Placed): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function sameMap(one: Placed, other: Placed): boolean {
  const content = ({ value }: Placed): unknown => ({ ...(value as object), id: undefined });
  const haveIds = [one, other].every((each) => isMap(each) && each.children.has('id'));
  return haveIds && isDeepStrictEqual(content(one), content(other));
}

function isBefore(one: { line: number; column: number }, other: { line: number; column: number }): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}

/** A comment's words, without the signs that make it one and without decoration. */
function textOf(comment: PhpNode): string[] {
  return String(comment.value)
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s*(?:\/\/+|#+|\/\*+|\*+(?!\/))/, '')
        .trim()
        .replace(/(?<!\*)\*+\/?$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}
