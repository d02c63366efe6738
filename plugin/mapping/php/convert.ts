import type { Span } from '../diagnostic.ts';
import type { PhpNode } from './engine.ts';

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
  bin: 'a calculation',
  unary: 'a calculation',
  cast: 'a conversion',
  match: 'a condition',
  magic: "one of PHP's own constants",
  assign: 'an assignment',
  staticlookup: 'a variable of a class',
  variadic: 'another array put in with ...',
  if: 'a condition',
  foreach: 'a loop',
  for: 'a loop',
  while: 'a loop',
  function: 'a function',
  class: 'a class',
  echo: 'an output',
  constantstatement: 'a constant',
  number: 'a number',
  string: 'a text',
  boolean: 'a truth value',
  nullkeyword: 'null',
  exit: 'an exit',
};

const noChildren: Placed['children'] = new Map();

/** The place of a node. */
export function spanOf({ loc }: PhpNode): Span {
  const length = loc.end.line === loc.start.line ? loc.end.column - loc.start.column : 1e6;
  return { line: loc.start.line, column: loc.start.column + 1, length };
}

/** A construct's name for people. */
export function nameOf(node: PhpNode): string {
  if (node.kind === 'encapsed' && node.type === 'shell') return 'a command of the system';
  if (node.kind === 'encapsed' && node.type === 'heredoc') return 'a text with a variable in it';
  if (node.kind === 'staticlookup' && (node.offset as PhpNode).kind === 'identifier')
    return "a class's constant";
  return names[node.kind] ?? `PHP code (${node.kind})`;
}

/** Why a node is no data, and what to do where that is clear. */
function refusalOf(node: PhpNode): Unsupported {
  // A text joined of parts is as good as its first part that can't be read.
  if (node.kind === 'bin' && node.type === '.') {
    const part = [node.left as PhpNode, node.right as PhpNode].find((one) => toPart(one) === undefined);
    if (part) return refusalOf(part);
  }
  const span = spanOf(node);
  if (node.kind === 'name' && /[‘’“”´`]/.test(String(node.name)))
    return { span, message: "these are typographic quotes: write ' instead" };
  const hint =
    node.kind === 'encapsed' && node.type !== 'shell'
      ? ': use single quotes'
      : ', which can not be read without running PHP';
  return { span, message: `this is ${nameOf(node)}${hint}` };
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
  if (scalar === undefined) refuse(refusalOf(node));
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
    case 'encapsed':
      return toHeredoc(node);
    case 'number':
      return toNumber(String(node.value));
    case 'boolean':
      return node.value === true;
    case 'nullkeyword':
      return null;
    case 'staticlookup':
      return toConstant(node);
    case 'unary': {
      const operand = node.what as PhpNode;
      if (operand.kind !== 'number' || (node.type !== '-' && node.type !== '+')) return undefined;
      const number = toNumber(String(operand.value));
      if (node.type === '+') return number;
      return typeof number === 'number' ? -number : `-${number}`;
    }
    case 'bin': {
      const parts = [toPart(node.left as PhpNode), toPart(node.right as PhpNode)];
      return node.type === '.' && !parts.includes(undefined) ? parts.join('') : undefined;
    }
    default:
      return undefined;
  }
}

/** A part of a joined text; what a class constant holds is not known, so none can be part of a text. */
function toPart(node: PhpNode): string | number | undefined {
  const scalar = toScalar(node);
  if (typeof scalar !== 'string' && typeof scalar !== 'number') return undefined;
  return node.kind === 'staticlookup' && scalar.toString().includes('::') ? undefined : scalar;
}

/** `<<<EOT` without a variable in it. */
function toHeredoc(node: PhpNode): string | undefined {
  const parts = node.type === 'heredoc' ? (node.value as PhpNode[]) : undefined;
  const isPlain = parts?.every((part) => ((part.expression ?? part) as PhpNode).kind === 'string');
  return isPlain
    ? parts!.map((part) => String(((part.expression ?? part) as PhpNode).value)).join('')
    : undefined;
}

/** A number JavaScript would round stays as it was written. */
function toNumber(text: string): number | string {
  const plain = text.replaceAll('_', '');
  const number = /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? plain : number;
}

function toConstant(node: PhpNode): string | undefined {
  const owner = node.what as PhpNode;
  const constant = node.offset as PhpNode;
  if (owner.kind !== 'name' || constant.kind !== 'identifier') return undefined;
  // A class may be written with its namespace; its own name is what is meant.
  const className = String(owner.name).split('\\').at(-1)!;
  const name = String(constant.name);
  return name.toLowerCase() === 'class' ? className : `${className}::${name}`;
}

function convertArray(node: PhpNode, refuse: (unsupported: Unsupported) => void): Placed {
  const items = node.items as readonly (PhpNode | null)[];
  const children = new Map<string, { key: Span; placed: Placed }>();
  let next = 0;
  let isList = true;
  for (const item of items) {
    if (!item || ((item.value ?? item) as PhpNode).kind === 'noop') continue; // a comma too many
    const keyNode = item.key as PhpNode | null;
    const key = keyNode ? toScalar(keyNode) : next++;
    if (key === undefined || item.unpack || item.byRef) {
      const message = 'another array or a reference can not be read without running PHP';
      refuse(key === undefined ? refusalOf(keyNode!) : { span: spanOf(item), message });
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
