import type { Event } from '../compile/event.ts';
import type { SyslogSettings } from '../mapping/settings.ts';
import { withoutControls } from './clean.ts';
import { type SeverityLevel, severityLevel } from './severity.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A syslog header in parts: its time stands between the other two. */
export interface SyslogParts {
  readonly start: (severity: Event['severity']) => string;
  readonly timeOf: (time: Event['time']) => string;
  readonly end: string;
}

/**
 * The syslog header that stands in front of a CEF or LEEF line, with its space. Fluent Bit (2.2 and
 * later) sends a line that begins with `<` as it is: no second header, no byte-order mark before `CEF:`.
 *
 * RFC 5424, section 6.2; RFC 3164, section 4.1. The severity is the event's: 0-3 informational, 4-6 warning,
 * 7-8 error, 9-10 critical.
 */
export function syslogParts({ format, facility, hostname, appname }: SyslogSettings): SyslogParts {
  const priority = (severity: Event['severity']): number =>
    facility * 8 + syslogSeverities[severityLevel(severity)];
  if (format === 'rfc5424') {
    const host = headerWord(hostname, 255);
    const app = headerWord(appname, 48);
    // PROCID, MSGID and structured data: nothing to say.
    const end = ` ${host} ${app} - - - `;
    return { start: (severity) => `<${priority(severity)}>1 `, timeOf: isoTime, end };
  }
  const end = ` ${bsdHost(hostname)}`;
  return { start: (severity) => `<${priority(severity)}>`, timeOf: bsdTime, end };
}

/** Compiles what makes the header of an event. */
export function compileSyslogHeader(
  settings: SyslogSettings,
): (event: Pick<Event, 'time' | 'severity'>) => string {
  const { start, timeOf, end } = syslogParts(settings);
  return ({ time, severity }) => start(severity) + timeOf(time) + end;
}

/** A year has four digits here: with a time that has more, readers find no header at all. */
function isoTime(time: number): string {
  const text = new Date(time).toISOString();
  return text.length === 24 ? text : '-';
}

/** `Mmm dd hh:mm:ss`, the day padded with a space, in UTC: the format has no zone. */
function bsdTime(time: number): string {
  const date = new Date(time);
  const clock = date.toISOString().slice(-13, -5);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock}`;
}

/** With its space, or nothing: readers take what is no host name, `-` or an IPv6 address, for the program's. */
function bsdHost(hostname: string): string {
  const host = headerWord(hostname, 255);
  return /^[A-Za-z0-9._-]*[A-Za-z0-9]$/.test(host) ? `${host} ` : '';
}

/** One word of visible ASCII; `-` says that there is none. */
function headerWord(text: string, longest: number): string {
  return (
    withoutControls(text)
      .replace(/[^!-~]/g, '')
      .slice(0, longest) || '-'
  );
}

/** RFC 5424, table 2. */
const syslogSeverities: Readonly<Record<SeverityLevel, number>> = {
  info: 6,
  warning: 4,
  error: 3,
  critical: 2,
};
