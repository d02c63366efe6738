import { formats } from '../format/index.ts';
import { jsonBytes } from '../format/json-limit.ts';
import type { OutgoingRecord } from '../format/render.ts';
import type { DestinationSettings } from '../mapping/settings.ts';
import type { EventBuffer } from './event-buffer.ts';
import type { EventTime } from './event-time.ts';
import { packRecord } from './forward-message.ts';

/**
 * Adds an event that a format has rendered: a line travels as it is, an object becomes JSON text.
 *
 * @throws RangeError when it is nested beyond the stack
 */
export type AddRendered = (out: EventBuffer, time: EventTime, rendered: OutgoingRecord) => void;

/** A byte of msgpack is at most so many of JSON: `false` and its comma, or a control character's \u escape. */
const mostJsonBytes = 6;

/** Compiles what adds the events of a destination. */
export function compileAdd({ format, batch }: Pick<DestinationSettings, 'format' | 'batch'>): AddRendered {
  if (formats.get(format)!.isText)
    return (out, time, rendered) => out.addLine(time, rendered.message as string);
  return (out, time, rendered) => {
    const packed = packRecord(rendered);
    // More than its JSON text has, where a whole batch of such objects is still within its limit.
    const most = packed.length * mostJsonBytes;
    out.addRecord(time, packed, most * batch.records <= batch.bytes ? most : jsonBytes(rendered));
  };
}
