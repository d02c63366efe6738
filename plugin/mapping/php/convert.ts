import type { Span } from '../diagnostic.ts';
import type { PhpNode } from './parse.ts';

/** Something a mapping file can't hold: it would have to be executed. */
export interface Unsupported {
  readonly span: Span;
  readonly message: string;
}

/** A value with the places of everything in it. */
export interface Placed {
  readonly value: unknown;
  readonly span: Span;
  readonly lastLine: number;
  readonly children: ReadonlyMap<string, { readonly key: Span; readonly placed: Placed }>;
}

/** What people call the constructs that we can't read as data. */
const names: Readonly<Record<string, string>> = {
  variable: 'a variable',
  closure: 'a function',
  arrowfunc: 'a function',
  call: 'a function call',
  new: 'a new object',
  encapsed: 'a text in double quotes with a variable in it',
  name: 'a constant of your own',
  retif: 'a condition',
  propertylookup: 'a property of an object',
  offsetlookup: 'an element of a variable',
  include: 'another file',
};

const noChildren: Placed['children'] = new Map();

/** The place of a node. */
export function spanOf({ loc }: PhpNode): Span {
  const length = loc.end.line === loc.start.line ? loc.end.column - loc.start.column : 1e6;
  return { line: loc.start.line, column: loc.start.column + 1, length };
}

/** A construct's name for people. */
export function nameOf(node: PhpNode): string {
  return names[node.kind] ?? `this (${node.kind})`;
}

/**
 * Reads a PHP expression as data: texts, numbers, truth values, arrays, class constants (as
 * `Class::NAME`), `Class::class`, and texts joined by dots.
 *
 * @param refuse told of what can't be read; the value is then an empty text, and reading goes on
 */
export function convert(node: PhpNode, refuse: (unsupported: Unsupported) => void): Placed {
  if (node.kind === 'array') return convertArray(node, refuse);
  const scalar = toScalar(node);
  if (scalar === undefined) {
    const hint =
      node.kind === 'encapsed' ? ': use single quotes' : ', which can not be read without running PHP';
    refuse({ span: spanOf(node), message: `this is ${nameOf(node)}${hint}` });
  }
  return {
    value: scalar === undefined ? '' : scalar,
    span: spanOf(node),
    lastLine: node.loc.end.line,
    children: noChildren,
  };
}

/** undefined when it is none; PHP's null is null. */
function toScalar(node: PhpNode): string | number | boolean | null | undefined {
  switch (node.kind) {
    case 'string':
    case 'nowdoc':
      return String(node.value);
    case 'number':
      return Number(node.value);
    case 'boolean':
      return node.value === true;
    case 'nullkeyword':
      return null;
    case 'staticlookup':
      return toConstant(node);
    case 'unary': {
      const number = toScalar(node.what as PhpNode);
      return typeof number === 'number' && (node.type === '-' || node.type === '+')
        ? Number(`${node.type}${number}`)
        : undefined;
    }
    case 'bin': {
      const parts = [toScalar(node.left as PhpNode), toScalar(node.right as PhpNode)];
      const isText = node.type === '.' && parts.every((part) => part !== undefined && part !== null);
      return isText ? parts.join('') : undefined;
    }
    default:
      return undefined;
  }
}

function toConstant(node: PhpNode): string | undefined {
  const owner = node.what as PhpNode;
  const constant = node.offset as PhpNode;
  if (owner.kind !== 'name' || typeof constant.name !== 'string') return undefined;
  // A class may be written with its namespace; its own name is what is meant.
  const className = String(owner.name).split('\\').at(-1)!;
  return constant.name.toLowerCase() === 'class' ? className : `${className}::${constant.name}`;
}

function convertArray(node: PhpNode, refuse: (unsupported: Unsupported) => void): Placed {
  const items = node.items as readonly (PhpNode | null)[];
  const children = new Map<string, { key: Span; placed: Placed }>();
  let next = 0;
  let isList = true;
  for (const item of items) {
    if (!item) continue; // a comma too many
    const keyNode = item.key as PhpNode | null;
    const key = keyNode ? toScalar(keyNode) : next++;
    if (key === undefined || item.unpack || item.byRef) {
      const part = key === undefined ? keyNode! : item;
      refuse({ span: spanOf(part), message: 'this key can not be read without running PHP' });
      continue;
    }
    isList &&= keyNode === null;
    if (children.has(String(key)))
      refuse({ span: spanOf(keyNode ?? item), message: `'${key}' stands here twice` });
    const placed = convert((item.value ?? item) as PhpNode, refuse);
    children.set(String(key), { key: spanOf(keyNode ?? item), placed });
  }
  const values = [...children].map(([key, { placed }]) => [key, placed.value] as const);
  const value = isList ? values.map(([, one]) => one) : Object.fromEntries(values);
  return { value, span: spanOf(node), lastLine: node.loc.end.line, children };
}
