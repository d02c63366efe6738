import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { type Place, Section } from './configuration.ts';
import { translate } from './environment.ts';
import type { Reading } from './reader.ts';

/** Lists of sections by where they stand. */
const lists: readonly (readonly [path: string, kind: string])[] = [
  ['pipeline.inputs', 'input'],
  ['pipeline.filters', 'filter'],
  ['pipeline.outputs', 'output'],
];

interface Pair {
  readonly key: string;
  readonly at: Node;
  readonly value: Node | null;
}

/** Reads Fluent Bit's YAML form: `service`, `env`, `includes` and `pipeline`; all else is not looked at. */
export function readYaml(file: string, text: string, reading: Reading): void {
  const counter = new LineCounter();
  // Fluent Bit takes a key that stands there twice, `header` for one.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const lines = text.split(/\r?\n/);
  const spanned = ([start = 0, end = start + 1]: readonly number[] = []): Place => {
    const { line, col } = counter.linePos(start);
    const source = lines[Math.max(1, line) - 1] ?? '';
    const column = Math.max(1, col);
    const length = Math.max(1, Math.min(end - start, source.length - column + 1));
    return { file, line: Math.max(1, line), column, length, source };
  };
  const place = (node: Node | null): Place => spanned(node?.range ?? undefined);
  if (document.errors.length > 0) {
    const [first] = document.errors;
    reading.error(spanned(first!.pos), first!.message.split('\n', 1)[0]!);
    return;
  }
  const root = document.contents;
  if (!isMap(root)) {
    reading.error(place(root), 'a Fluent Bit configuration has keys: service, pipeline, includes');
    return;
  }

  const add = (section: Section, key: string, value: Node | null): void => {
    if (isSeq(value) && value.items.every((item) => isScalar(item))) {
      for (const item of value.items) add(section, key, item as Scalar);
      return;
    }
    // processors and routes have a structure of their own: that they are there is all that is kept.
    const text = isScalar(value) ? scalarText(value) : '';
    const known = translate(text, reading.own, reading.environment);
    section.properties.push({ key: key.toLowerCase(), text, value: known, place: place(value) });
  };
  const sectionOf = (kind: string, node: Node, at: Node = node): Section => {
    const section = new Section(kind, place(at));
    for (const { key, value } of pairsOf(node)) add(section, key, value);
    return section;
  };

  for (const { key, value } of pairsOf(find(root, 'env')))
    if (isScalar(value)) reading.own.set(key, scalarText(value));
  const service = pairsOf(root).find(({ key }) => key === 'service');
  if (service?.value) reading.sections.push(sectionOf('service', service.value, service.at));
  for (const [path, kind] of lists) {
    const list = path.split('.').reduce<Node | null>(find, root);
    if (!isSeq(list)) continue;
    for (const item of list.items as Node[]) reading.sections.push(sectionOf(kind, item));
  }
  const includes = find(root, 'includes');
  if (!isSeq(includes)) return;
  for (const item of includes.items as Node[])
    if (isScalar(item)) reading.include(String(item.value), place(item));
}

function pairsOf(node: Node | null): Pair[] {
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) =>
    isScalar(key) ? [{ key: String(key.value), at: key, value: value as Node | null }] : [],
  );
}

function find(node: Node | null, key: string): Node | null {
  return pairsOf(node).findLast((one) => one.key === key)?.value ?? null;
}

/** As it stands in the file: 0x10 and 1.0 are texts to Fluent Bit. */
function scalarText(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value ?? ''));
}
