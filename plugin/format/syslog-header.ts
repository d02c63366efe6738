import type { Event } from '../compile/event.ts';
import type { SyslogSettings } from '../mapping/settings.ts';
import { withoutControls } from './clean.ts';
import { parseSeverity } from './severity.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Compiles the syslog header that stands in front of a CEF or LEEF line, with its space. Fluent Bit (2.2 and
 * later) sends a line that begins with `<` as it is: no second header, no byte-order mark before `CEF:`.
 *
 * RFC 5424, section 6.2; RFC 3164, section 4.1. The severity is the event's: 0-3 informational, 4-6 warning,
 * 7-8 error, 9-10 critical.
 */
export function compileSyslogHeader({
  format,
  facility,
  hostname,
  appname,
}: SyslogSettings): (event: Event) => string {
  const host = headerWord(hostname, 255);
  const app = headerWord(appname, 48);
  const priority = (event: Event): number => facility * 8 + syslogSeverity(event.severity);
  if (format === 'rfc5424') {
    // PROCID, MSGID and structured data: nothing to say.
    return (event) => `<${priority(event)}>1 ${new Date(event.time).toISOString()} ${host} ${app} - - - `;
  }
  return (event) => `<${priority(event)}>${bsdTime(event.time)} ${host} `;
}

/** `Mmm dd hh:mm:ss`, the day padded with a space, in UTC: the format has no zone. */
function bsdTime(time: number): string {
  const date = new Date(time);
  const clock = date.toISOString().slice(11, 19);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock}`;
}

/** One word of visible ASCII; `-` says that there is none. */
function headerWord(text: string, longest: number): string {
  return (
    withoutControls(text)
      .replace(/[^!-~]/g, '')
      .slice(0, longest) || '-'
  );
}

const wordSeverities: ReadonlyMap<string, number> = new Map([
  ['Unknown', 6],
  ['Low', 6],
  ['Medium', 4],
  ['High', 3],
  ['Very-High', 2],
]);

function syslogSeverity(value: unknown): number {
  const severity = parseSeverity(value);
  if (typeof severity === 'string') return wordSeverities.get(severity)!;
  if (severity >= 9) return 2;
  if (severity >= 7) return 3;
  return severity >= 4 ? 4 : 6;
}
