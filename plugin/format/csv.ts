import { isEmpty } from '../mapping/empty.ts';
import { toJsonText } from '../mapping/json.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import { withoutControls } from './clean.ts';
import { compileContent, plainText, withoutKeys } from './content.ts';
import type { Piece } from './line.ts';
import type { Render } from './render.ts';
import { compileText, type RenderLine } from './text.ts';

const own = new Set(['time']);

/** Compiles the CSV renderer: the line stands under `message`. */
export function compileCsv(settings: DestinationSettings): Render {
  return compileText(settings, compileCsvLine, Number.POSITIVE_INFINITY);
}

/**
 * Compiles what makes CSV lines (RFC 4180): the destination's columns in their order, and a last one with
 * everything else as JSON text. Every field stands in quotes. A line break or control character becomes a
 * space: an event is one line for every reader.
 */
export function compileCsvLine(settings: DestinationSettings): RenderLine {
  const { columns } = settings.csv;
  const content = compileContent(settings);
  return (event, problems) => {
    const fields: Record<string, unknown> = {
      time: new Date(event.time).toISOString(),
      externalId: event.externalId,
      ...withoutKeys(content(event, problems), own),
    };
    const rest = Object.entries(fields).filter(
      ([key, value]) => !columns.includes(key) && key !== 'time' && !isEmpty(value),
    );
    const values = [
      ...columns.map((column) => (Object.hasOwn(fields, column) ? fields[column] : undefined)),
      rest.length > 0 ? toJsonText(Object.fromEntries(rest)) : undefined,
    ];
    const line = values.map((value, index): Piece => [index === 0 ? '"' : '","', quoted(value)]);
    return [...line, ['"', '']];
  };
}

function quoted(value: unknown): string {
  return withoutControls(plainText(value) ?? '').replaceAll('"', '""');
}
