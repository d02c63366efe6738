import type { DeliverSettings } from '../mapping/deliver-settings.ts';
import { eventTimes } from '../mapping/format-settings.ts';
import { toJsonText, tryParseJson } from '../mapping/json.ts';
import { parseTime } from '../mapping/time.ts';

/** What becomes of an event whose time the SIEM does not take. */
export type Aged =
  | { readonly kind: 'send'; readonly line: string }
  | { readonly kind: 'restamped'; readonly line: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Compiles the rule about events that are too old or too far ahead for a SIEM: sent with the time of sending
 * and their own in a field beside it, sent as they are, or set aside.
 *
 * The time is the first key of every JSON shape that has one; the line is Fluent Bit's JSON text of it, and nothing
 * else of it is touched.
 */
export function compileAge(
  format: string,
  { oldestEvent, newestEvent, whenOlder }: DeliverSettings,
): (line: string, now: number) => Aged {
  const { key, unit } = eventTimes(format);
  if (key === undefined || (oldestEvent === undefined && newestEvent === undefined) || whenOlder === 'send') {
    return (line) => ({ kind: 'send', line });
  }
  const first = new RegExp(`^\\s*\\{\\s*"${key}"\\s*:\\s*("[^"\\\\]*"|[0-9.eE+-]+)`);
  const original = format === 'sentinel' ? 'OriginalTime' : 'original_timestamp';
  return (line, now) => {
    const [start, written] = first.exec(line) ?? [];
    const time = written === undefined ? undefined : parseTime(tryParseJson(written));
    if (time === undefined) return { kind: 'send', line };
    const isOld = oldestEvent !== undefined && time < now - oldestEvent;
    const isNew = newestEvent !== undefined && time > now + newestEvent;
    if (!isOld && !isNew) return { kind: 'send', line };
    if (whenOlder === 'dead-letter') {
      const what = isOld ? 'older' : 'further ahead';
      return { kind: 'refused', reason: `the event's time is ${what} than the SIEM takes` };
    }
    const stamps = {
      iso: JSON.stringify(new Date(now).toISOString()),
      ms: String(now),
      s: String(now / 1000),
    };
    const rest = line.slice(start!.length);
    if (format === 'splunk-hec')
      return { kind: 'restamped', line: withField(`{"time":${stamps.s}${rest}`, written!) };
    return { kind: 'restamped', line: `{"${key}":${stamps[unit!]},"${original}":${written}${rest}` };
  };
}

/** HEC takes no key of ours beside its own: the event's own time becomes an indexed field. */
function withField(line: string, written: string): string {
  const envelope = tryParseJson(line);
  if (typeof envelope !== 'object' || envelope === null) return line;
  const { fields } = envelope as { fields?: Record<string, unknown> };
  return toJsonText({ ...envelope, fields: { ...fields, original_timestamp: written } });
}
