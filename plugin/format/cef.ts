import { type Event, hasAny, noProblems, type Problems } from '../compile/event.ts';
import { type CefKey, cefDictionary } from '../mapping/cef-dictionary.ts';
import { asCefType } from '../mapping/cef-types.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { toText } from '../mapping/text.ts';
import { withoutControls } from './clean.ts';
import { cutEscaped, type Piece } from './line.ts';
import { remembered } from './remembered.ts';
import type { Render } from './render.ts';
import { renderable } from './renderable.ts';
import { cefSeverity } from './severity.ts';
import { compileText, type RenderLine } from './text.ts';

// Header lengths: ArcSight CEF implementation standard, ch. 1. It is silent on characters or bytes; the other
// encoders count UTF-8 bytes after escaping, the stricter reading.
const limits = { vendor: 63, product: 63, version: 31, eventClass: 1023, eventName: 512 };

/** Compiles the CEF renderer: the line stands under `message`. */
export function compileCef(settings: DestinationSettings): Render {
  // Event class, name and severity.
  return compileText(settings, compileCefLine, 3);
}

/**
 * Compiles what makes CEF lines (ArcSight CEF implementation standard, ch. 1-2). `rt`, the event's time in
 * epoch milliseconds, and `externalId`, the record's id, come first unless the mapping sets them.
 */
export function compileCefLine(settings: DestinationSettings): RenderLine {
  const moves = settings.cef.mistyped === 'move';
  const header = compileCefHeader(settings);
  return (event, problems) => {
    const { eventClass, eventName, severity } = event;
    return header(eventClass, eventName, severity, problems).concat(cefExtension(event, problems, moves));
  };
}

type RenderHeader = (
  eventClass: unknown,
  eventName: unknown,
  severity: unknown,
  problems: Problems,
) => readonly Piece[];

/** Headers of so many classes, names and severities are kept, none of them longer. */
const mostHeaders = 1000;
const longestHeader = 200;

/** Compiles what makes the seven fields of the header, with the last pipe. */
export function compileCefHeader(settings: DestinationSettings): RenderHeader {
  const { vendor, product, version } = settings.device;
  const device = [
    `CEF:${settings.cef.version}`,
    headerField(vendor, limits.vendor),
    headerField(product, limits.product),
    headerField(version, limits.version),
  ].join('|');
  const make: RenderHeader = (eventClass, eventName, severity, problems) => {
    // All header fields are mandatory, and readers refuse a blank one.
    const id = headerText(eventClass) ?? 'unknown';
    const name = headerText(eventName) ?? id;
    const onCut = (): void => void problems.shortenedValues++;
    const level = cefSeverity(severity, () => problems.clampedSeverities++);
    return [
      [`${device}|`, headerField(id, limits.eventClass, onCut)],
      ['|', headerField(name, limits.eventName, onCut)],
      [`|${level}|`, ''],
    ];
  };
  const known = new Map<string, readonly Piece[]>();
  return (eventClass, eventName, severity, problems) => {
    const isPlain = typeof severity === 'number' || typeof severity === 'string';
    if (typeof eventClass !== 'string' || typeof eventName !== 'string' || !isPlain)
      return make(eventClass, eventName, severity, problems);
    const key = `${severity} ${eventClass.length} ${eventClass}${eventName}`;
    const before = known.get(key);
    if (before) return before;
    const own = noProblems();
    const header = make(eventClass, eventName, severity, own);
    // One that is a problem is a problem each time.
    if (hasAny(own) || key.length > longestHeader) return make(eventClass, eventName, severity, problems);
    if (known.size >= mostHeaders) known.clear();
    known.set(key, header);
    return header;
  };
}

/** undefined when nothing would be seen of it. */
function headerText(value: unknown): string | undefined {
  const text = isEmpty(value) ? undefined : toText(value);
  return text !== undefined && withoutControls(text).trim() !== '' ? text : undefined;
}

/** A key as CEF has it: its name, what stands before its value, and what the dictionary says of it. */
const keyOf = remembered((key) => {
  const name = cefKey(key);
  return { name, before: ` ${name}=`, known: cefDictionary.get(name) };
});

/**
 * The pairs of an event as CEF's dictionary has them, escaped.
 *
 * @param moves a value that is not what its key holds goes under `<key>Text`
 */
function cefExtension(event: Event, problems: Problems, moves: boolean): readonly Piece[] {
  const pairs: Piece[] = [];
  const names = new Set<string>();
  for (const [key, text] of renderable(event.extension, toText, problems)) {
    const { name, before, known } = keyOf(key);
    const [fittedName, value] = known ? fitted(name, known, text, problems, moves) : [name, text];
    // A key appears once at most (ch. 1); two that differ only in what CEF does not take are the same.
    if (fittedName === '' || names.has(fittedName)) problems.failedValues++;
    else {
      names.add(fittedName);
      pairs.push([fittedName === name ? before : ` ${fittedName}=`, escapeValue(value)]);
    }
  }
  const id = isEmpty(event.externalId) ? undefined : toText(event.externalId);
  if (id !== undefined && !names.has('externalId')) {
    const [, value] = fittedCef('externalId', id, problems, false);
    pairs.unshift([' externalId=', escapeValue(value)]);
  }
  if (!names.has('rt')) pairs.unshift([' rt=', String(event.time)]);
  const [fixed, value] = pairs[0]!;
  pairs[0] = [fixed.slice(1), value];
  return pairs;
}

/**
 * A value as the dictionary has its key (ch. 2): times as epoch milliseconds, texts cut to their length at a
 * whole character. What is none of its type is sent as it is, or under a key of its own: both are counted.
 */
export function fittedCef(
  name: string,
  text: string,
  problems: Problems,
  moves: boolean,
): readonly [name: string, value: string] {
  const known = cefDictionary.get(name);
  return known ? fitted(name, known, text, problems, moves) : [name, text];
}

function fitted(
  name: string,
  { type, maxLength }: CefKey,
  text: string,
  problems: Problems,
  moves: boolean,
): readonly [name: string, value: string] {
  const value = asCefType(type, text);
  if (value === undefined) {
    problems.mistypedValues++;
    return [moves ? `${name}Text` : name, text];
  }
  return [name, maxLength === undefined ? value : cutTo(maxLength, value, problems)];
}

/** At most so many characters. */
function cutTo(maxLength: number, text: string, problems: Problems): string {
  if (text.length <= maxLength) return text;
  const characters = [...text.slice(0, maxLength * 2)];
  if (text.length <= maxLength * 2 && characters.length <= maxLength) return text;
  problems.shortenedValues++;
  return characters.slice(0, maxLength).join('');
}

/** A key is one alphanumeric word (ch. 4); other characters would end it or the value before it. */
export function cefKey(key: string): string {
  return key.replace(/[^A-Za-z0-9]/g, '');
}

// Controls, NEL and the Unicode line separators: CEF has no escape for them, and a receiver may take one
// for the end of the line.
const unsafe = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g;
const needsCare = /[\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029\\=\ud800-\udfff]/;

/**
 * Escapes an extension value: `\` and `=` by a backslash, line breaks as `\n` and `\r`; any other control
 * character becomes a space (a tab stays). Text that looks escaped already is text: it is escaped again.
 */
export function escapeValue(text: string): string {
  if (!needsCare.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\\=]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(unsafe, ' ');
}

/** Escapes a header field: `\` and `|`; it can't hold a line break or control, which becomes one space. */
export function headerField(text: string, maxBytes: number, onCut: () => void = () => {}): string {
  const escaped = withoutControls(text).replace(/[\\|]/g, '\\$&');
  const cut = cutEscaped(escaped, maxBytes);
  if (cut.length < escaped.length) onCut();
  return cut;
}
