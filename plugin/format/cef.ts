import type { Event, Problems } from '../compile/event.ts';
import { cefDictionary } from '../mapping/cef-dictionary.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { toText } from '../mapping/text.ts';
import { parseTime } from '../mapping/time.ts';
import { withoutControls } from './clean.ts';
import type { Render } from './render.ts';
import { renderable } from './renderable.ts';
import { cefSeverity } from './severity.ts';

// Header lengths: ArcSight CEF implementation standard, ch. 1. It is silent on characters or bytes; the other
// encoders count UTF-8 bytes after escaping, the stricter reading.
const limits = { vendor: 63, product: 63, version: 31, eventClass: 1023, eventName: 512 };

/**
 * Compiles the CEF renderer (ArcSight CEF implementation standard, ch. 1-2). The line stands under
 * `message`; `rt`, the event's time in epoch milliseconds, comes first unless the mapping sets it.
 */
export function compileCef(settings: DestinationSettings): Render {
  const { vendor, product, version } = settings.device;
  const header = [
    `CEF:${settings.cef.version}`,
    headerField(vendor, limits.vendor),
    headerField(product, limits.product),
    headerField(version, limits.version),
  ].join('|');
  return (event, problems) => ({
    message: `${header}|${eventFields(event, problems)}|${extension(event, problems)}`,
  });
}

function eventFields(event: Event, problems: Problems): string {
  // All header fields are mandatory, and readers refuse a blank one.
  const eventClass = headerText(event.eventClass) ?? 'unknown';
  const eventName = headerText(event.eventName) ?? eventClass;
  const severity = cefSeverity(event.severity, () => problems.clampedSeverities++);
  return `${headerField(eventClass, limits.eventClass)}|${headerField(eventName, limits.eventName)}|${severity}`;
}

/** undefined when nothing would be seen of it. */
function headerText(value: unknown): string | undefined {
  const text = isEmpty(value) ? undefined : toText(value);
  return text !== undefined && withoutControls(text).trim() !== '' ? text : undefined;
}

function extension(event: Event, problems: Problems): string {
  const pairs = new Map<string, string>();
  for (const [key, text] of renderable(event.extension, toText, problems)) {
    const name = cefKey(key);
    // A key appears once at most (ch. 1); two that differ only in what CEF does not take are the same.
    if (name === '' || pairs.has(name)) problems.failedValues++;
    else pairs.set(name, escapeValue(fitted(name, text, problems)));
  }
  const line = [...pairs].map(([name, text]) => `${name}=${text}`).join(' ');
  if (pairs.has('rt')) return line;
  return `rt=${event.time}${line === '' ? '' : ' '}${line}`;
}

/**
 * A value as the dictionary has its key (ch. 2): times as epoch milliseconds, texts cut to their length at a
 * whole character, and counted. What is no time is sent as it is: better odd than lost.
 */
function fitted(name: string, text: string, problems: Problems): string {
  const known = cefDictionary.get(name);
  if (known?.type === 'time') return String(parseTime(text) ?? text);
  const { maxLength } = known ?? {};
  if (maxLength === undefined || text.length <= maxLength) return text;
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
export function headerField(text: string, maxBytes: number): string {
  return cutEscaped(withoutControls(text).replace(/[\\|]/g, '\\$&'), maxBytes);
}

/** Cuts at a whole character, never between a backslash and what it escapes. */
function cutEscaped(escaped: string, maxBytes: number): string {
  if (Buffer.byteLength(escaped) <= maxBytes) return escaped;
  let bytes = 0;
  let end = 0;
  for (const [unit] of escaped.matchAll(/\\.|./gsu)) {
    bytes += Buffer.byteLength(unit);
    if (bytes > maxBytes) break;
    end += unit.length;
  }
  return escaped.slice(0, end);
}
