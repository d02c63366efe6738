import { toJsonText } from '../mapping/json.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { compileContent, compileTexts, type Fields, messageOf, plainText, withoutKeys } from './content.ts';
import { withRecordLimit } from './json-limit.ts';
import type { Render } from './render.ts';
import { severityLevel } from './severity.ts';

// https://docs.newrelic.com/docs/data-apis/manage-data/view-system-limits/
const mostAttributes = 255;
const longestName = 255;
/** Holds what has no room among the attributes. */
const overflow = 'moreAttributes';
const own = ['timestamp', overflow];
/** A mapping may set them; a record's own, sent as it is, means something else by them. */
const reserved = ['message', 'level'];

/**
 * A log for New Relic's Log API, in its simple form: every attribute is a text, a number or a truth value. Lists
 * are joined by commas, objects are JSON text (in a record sent as it is, their keys become `outer.inner`); beyond 255
 * attributes the rest is JSON text in one. Long values stay whole: New Relic indexes their first 4,094 characters
 * and keeps the rest.
 * https://docs.newrelic.com/docs/logs/log-api/introduction-log-api/
 */
export function compileNewRelic(settings: DestinationSettings): Render {
  const content = compileContent(settings);
  const fixed = compileTexts(settings.newrelic.attributes);
  const isRecord = settings.event === 'record';
  const taken = new Set(isRecord ? [...own, ...reserved] : own);
  const render: Render = (event, problems) => {
    const attributes = new Map<string, unknown>([['level', severityLevel(event.severity)]]);
    for (const [key, text] of Object.entries(fixed(event, problems))) attributes.set(key, text);
    for (const [key, value] of flat(withoutKeys(content(event, problems), taken), isRecord))
      attributes.set(key, value);
    const message = plainText(attributes.get('message')) ?? messageOf(event);
    attributes.delete('message');
    return { timestamp: BigInt(event.time), message, ...withinLimits(attributes) };
  };
  return withRecordLimit(render, settings.recordLimit);
}

/** Lists are joined; an object is JSON text, or with `opens` its own keys behind a point. */
function* flat(fields: Fields, opens: boolean, prefix = ''): Generator<[key: string, value: unknown]> {
  for (const [key, value] of Object.entries(fields)) {
    const name = prefix + key;
    if (value === null) continue;
    if (typeof value !== 'object') yield [name, value];
    else if (Array.isArray(value)) yield [name, listText(value)];
    // A name beyond the longest is no attribute: the names below it would only be longer.
    else if (opens && name.length <= longestName) yield* flat(value as Fields, opens, `${name}.`);
    else yield [name, toJsonText(value)];
  }
}

/** A list of plain values joined by commas; any other as JSON text. */
function listText(list: readonly unknown[]): string {
  const isPlain = list.every((item) => typeof item !== 'object');
  return isPlain ? list.join(', ') : toJsonText(list);
}

/** Everything that has room, in order, and the rest in one attribute. */
function withinLimits(attributes: ReadonlyMap<string, unknown>): Fields {
  const entries = [...attributes];
  const isNamed = ([name]: [string, unknown]): boolean => name !== '' && name.length <= longestName;
  // timestamp and message count as well.
  const room = mostAttributes - 2;
  if (entries.length <= room && entries.every(isNamed)) return Object.fromEntries(entries);
  const kept = new Map(entries.filter(isNamed).slice(0, room - 1));
  const rest = entries.filter(([name]) => !kept.has(name));
  return { ...Object.fromEntries(kept), [overflow]: toJsonText(Object.fromEntries(rest)) };
}
