import { type Event, noProblems } from '../compile/event.ts';
import { formats } from '../format/index.ts';
import { compileSyslogHeader } from '../format/syslog-header.ts';
import { toJsonText } from '../mapping/json.ts';
import type { DestinationSettings } from '../mapping/settings.ts';

/** A part of an event as it is shown; all of them, one after another, are the whole. */
export interface Piece {
  readonly text: string;
  /** Where the piece is a value: the same for the same place in another event of the destination. */
  readonly unit?: string;
  /** The key it stands under, where the shape has keys. */
  readonly name?: string;
  readonly value?: string;
}

/** Makes the pieces of an event. */
export type Dissect = (event: Event) => readonly Piece[];

/** Compiles what takes a destination's events apart; the format's own code makes them. */
export function compileDissect(settings: DestinationSettings): Dissect {
  const format = formats.get(settings.format)!;
  if (!format.compileLine) {
    const render = format.compile(settings);
    return (event) => jsonPieces(render(event, noProblems()));
  }
  const line = format.compileLine(settings);
  const header = settings.syslog && compileSyslogHeader(settings.syslog);
  return (event) => [
    ...(header ? [{ text: header(event), unit: 'syslog', name: 'syslog header' }] : []),
    ...line(event, noProblems()).flatMap(([fixed, value], index) => linePieces(fixed, value, index)),
  ];
}

const keyBefore = /^([^A-Za-z0-9]*)([A-Za-z0-9]+)=$/;

/** A piece of a line: `key=value`, or a field that is known by its place. */
function linePieces(fixed: string, value: string, index: number): Piece[] {
  const [, separator = '', name] = keyBefore.exec(fixed) ?? [];
  const before = (text: string): Piece[] => (text === '' ? [] : [{ text }]);
  if (name !== undefined)
    return [...before(separator), { text: `${name}=${value}`, unit: `=${name}`, name, value }];
  // CEF's severity has no value of its own: it stands between two pipes.
  const [, pipe = '', inside = '', rest = ''] = value === '' ? (/^(\|)([^|]+)(\|)$/.exec(fixed) ?? []) : [];
  if (inside !== '')
    return [{ text: pipe }, { text: inside, unit: `#${index}`, value: inside }, { text: rest }];
  return value === '' ? before(fixed) : [...before(fixed), { text: value, unit: `#${index}`, value }];
}

/**
 * A value as indented JSON, in pieces.
 *
 * @throws RangeError when it is nested beyond the stack
 */
export function jsonPieces(value: unknown): Piece[] {
  const pieces: Piece[] = [];
  let open = '';
  const add = (one: unknown, path: readonly string[], before: string, indent: string): void => {
    const isList = Array.isArray(one);
    const isObject =
      one !== null && typeof one === 'object' && !(one instanceof Uint8Array) && !(one instanceof Date);
    const entries = isObject ? Object.entries(one).filter(([, inner]) => inner !== undefined) : [];
    if (entries.length === 0) {
      const text = toJsonText(one);
      pieces.push({ text: open });
      pieces.push({ text: before + text, unit: JSON.stringify(path), name: path.join('.'), value: text });
      open = '';
      return;
    }
    open += `${before}${isList ? '[' : '{'}\n`;
    for (const [index, [key, inner]] of entries.entries()) {
      open += `${indent}  `;
      add(inner, [...path, key], isList ? '' : `${JSON.stringify(key)}: `, `${indent}  `);
      open += index < entries.length - 1 ? ',\n' : '\n';
    }
    open += `${indent}${isList ? ']' : '}'}`;
  };
  add(value, [], '', '');
  return [...pieces, { text: open }].filter(({ text }) => text !== '');
}

/** Indented JSON text. @throws RangeError */
export function indented(value: unknown): string {
  return jsonPieces(value)
    .map(({ text }) => text)
    .join('');
}
