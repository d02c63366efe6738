import { ensureSyntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';

type SyntaxNode = NonNullable<ReturnType<typeof ensureSyntaxTree>>['topNode'];

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds that reading the text may take. */
const patience = 100;

/**
 * Where the value at a path stands in an editor with JSON, its key included. Of a path that goes on inside of a text (JSON
 * in JSON) it is the text.
 */
export function rangeOfPath(state: EditorState, segments: readonly string[]): Range | undefined {
  const tree = ensureSyntaxTree(state, state.doc.length, patience);
  let node = tree?.topNode.firstChild ?? null;
  let range: Range | undefined;
  for (const segment of segments) {
    // A list of records: the first one is shown.
    if (node?.name === 'Array' && range === undefined && !/^\d+$/.test(segment))
      node = children(node)[0] ?? null;
    if (!node) return range;
    if (node.name === 'Object') {
      const property = children(node)
        .filter((one) => keyOf(state, one) === segment)
        .at(-1);
      if (!property) return range;
      range = { from: property.from, to: property.to };
      node = property.lastChild;
    } else if (node.name === 'Array') {
      node = children(node)[Number(segment)] ?? null;
      if (node) range = { from: node.from, to: node.to };
    } else return range;
  }
  return range;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (!/^[[\]{},]$/.test(child.name)) found.push(child);
  return found;
}

function keyOf(state: EditorState, property: SyntaxNode): string | undefined {
  const name = property.getChild('PropertyName');
  if (!name) return undefined;
  try {
    return JSON.parse(state.sliceDoc(name.from, name.to));
  } catch {
    return undefined;
  }
}
