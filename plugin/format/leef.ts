import type { Event, Problems } from '../compile/event.ts';
import { isEmpty } from '../mapping/empty.ts';
import type { DestinationSettings, LeefSettings } from '../mapping/settings.ts';
import { toText } from '../mapping/text.ts';
import { withoutControls } from './clean.ts';
import { leefKeys } from './leef-keys.ts';
import type { Piece } from './line.ts';
import type { Render } from './render.ts';
import { renderable } from './renderable.ts';
import { leefSeverity } from './severity.ts';
import { compileText, type RenderLine } from './text.ts';

/** "Event ID ... at most 255 characters" (IBM, "LEEF event components"). */
const longestEventId = 255;
const tab = '\t';

/** Compiles the LEEF renderer: the line stands under `message`. */
export function compileLeef(settings: DestinationSettings): Render {
  // EventID and delimiter.
  return compileText(settings, compileLeefLine, 2);
}

/**
 * Compiles what makes LEEF lines (IBM DSM guide, "LEEF event components"). EventID is the event's name, `cat`
 * its class, `sev` its severity, `devTime` its time, `externalId` the record's id; a mapping that sets one of
 * the last four itself wins. LEEF has no escapes: what would end a field is replaced.
 */
export function compileLeefLine(settings: DestinationSettings): RenderLine {
  const { leef } = settings;
  const header = compileLeefHeader(settings);
  return (event, problems) => {
    const line = header(event, problems);
    let before = '';
    for (const [name, text] of attributes(event, leef, problems)) {
      line.push([`${before}${name}=`, text]);
      before = leef.delimiter;
    }
    return line;
  };
}

/** Compiles what makes the header's fields, with the last pipe. */
export function compileLeefHeader(
  settings: DestinationSettings,
): (event: Pick<Event, 'eventName' | 'eventClass'>, problems: Problems) => Piece[] {
  const { vendor, product, version } = settings.device;
  const { leef } = settings;
  const device = [`LEEF:${leef.version}`, vendor, product, version].map(headerField).join('|');
  const delimiterField = leef.version === '1.0' ? '' : `${writtenDelimiter(leef.delimiter)}|`;
  return (event, problems) => [
    [`${device}|`, eventId(event, problems)],
    [`|${delimiterField}`, ''],
  ];
}

/** Readers differ on the spelling: a visible character as itself, any other as 0x and two digits. */
function writtenDelimiter(delimiter: string): string {
  return /[!-~]/.test(delimiter) ? delimiter : `0x${delimiter.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** LEEF can't escape a pipe in its header. */
function headerField(text: string): string {
  return withoutControls(text).replaceAll('|', '/');
}

function eventId(
  { eventName, eventClass }: Pick<Event, 'eventName' | 'eventClass'>,
  problems: Problems,
): string {
  const [id = 'unknown'] = [eventName, eventClass].flatMap((value) => {
    const text = isEmpty(value) ? '' : headerField(toText(value) ?? '');
    return text.trim() === '' ? [] : [text];
  });
  const characters = [...id];
  if (characters.length <= longestEventId) return id;
  problems.shortenedValues++;
  return characters.slice(0, longestEventId).join('');
}

function attributes(
  event: Event,
  { delimiter, keys }: LeefSettings,
  problems: Problems,
): Iterable<readonly [name: string, text: string]> {
  const pairs = new Map<string, string>();
  for (const [key, text] of renderable(event.extension, toText, problems)) {
    const name = leefName(key, keys);
    if (name === '' || pairs.has(name)) problems.failedValues++;
    else pairs.set(name, attributeValue(text, delimiter));
  }
  const own = new Map([...timeAttributes(event.time), ...leefKind(event, delimiter, problems)]);
  const id = isEmpty(event.externalId) ? undefined : toText(event.externalId);
  if (id !== undefined) own.set('externalId', attributeValue(id, delimiter));
  // A devTime of the mapping's may be in a form of its own, which our devTimeFormat would belie.
  if (pairs.has('devTime')) own.delete('devTimeFormat');
  for (const name of pairs.keys()) own.delete(name);
  return [...own, ...pairs];
}

/** An event's class and severity. */
export function leefKind(
  { eventClass, severity }: Pick<Event, 'eventClass' | 'severity'>,
  delimiter: string,
  problems: Problems,
): [name: string, text: string][] {
  return [
    ['cat', attributeValue(isEmpty(eventClass) ? '' : (toText(eventClass) ?? ''), delimiter)],
    ['sev', leefSeverity(severity, () => problems.clampedSeverities++)],
  ];
}

/** A mapping's key as an attribute's name; '' when nothing is left of it. */
export function leefName(key: string, keys: LeefSettings['keys']): string {
  return (keys === 'translate' ? leefKeys.get(key) : undefined) ?? key.replace(/[^A-Za-z0-9]/g, '');
}

/** A value can't hold the delimiter or a line break: each becomes a space, or `_` where a space delimits. */
export function attributeValue(text: string, delimiter: string): string {
  const clean = withoutControls(text);
  return delimiter === tab ? clean : clean.replaceAll(delimiter, delimiter === ' ' ? '_' : ' ');
}

/** Whether readers take a number for a time in epoch milliseconds. */
export function isPlainTime(time: number): boolean {
  return time >= 1e12 && time < 1e13;
}

/** 13 digits say what they are; any other time needs its format beside it. */
function timeAttributes(time: number): [string, string][] {
  if (isPlainTime(time)) return [['devTime', String(time)]];
  return [
    ['devTime', new Date(time).toISOString()],
    ['devTimeFormat', "yyyy-MM-dd'T'HH:mm:ss.SSSX"],
  ];
}
