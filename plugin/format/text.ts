import type { Event, Problems } from '../compile/event.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { fitLine, joinLine, type Line } from './line.ts';
import type { Render } from './render.ts';
import { compileSyslogHeader } from './syslog-header.ts';

/** Makes the line of an event, in pieces. */
export type RenderLine = (event: Event, problems: Problems) => Line;

/**
 * Compiles a text format: the line stands under `message`, behind the syslog header where the destination
 * asks for one, within the destination's `record_limit`.
 *
 * @param header pieces of the line that are never left out
 */
export function compileText(
  settings: DestinationSettings,
  compileLine: (settings: DestinationSettings) => RenderLine,
  header: number,
): Render {
  const { syslog, recordLimit } = settings;
  const renderLine = compileLine(settings);
  const syslogHeader = syslog && compileSyslogHeader(syslog);
  const kept = header + (syslog ? 1 : 0);
  return (event, problems) => {
    const pieces = renderLine(event, problems);
    const line: Line = syslogHeader ? [[syslogHeader(event), ''], ...pieces] : pieces;
    return {
      message: recordLimit === undefined ? joinLine(line) : fitLine(line, recordLimit, kept, problems),
    };
  };
}
