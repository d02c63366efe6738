import { type EventTime, toMilliseconds } from '../fluent/event-time.ts';
import { packEvent } from '../fluent/forward-message.ts';

/** Beyond this a dead letter holds only the beginning: it must fit Fluent Bit's default input buffer (6 MB). */
const longestContent = 1_000_000;

/** A record that can't become an event, and why. */
export interface DeadLetter {
  readonly time: EventTime;
  readonly reason: string;
  /** The record as text, or what came in its stead. */
  readonly content: string;
  /** Set when the content is bytes that are no text, in base64. */
  readonly isBase64?: boolean;
  /** Set when the content is an event in the destination's own shape, made already. */
  readonly isEvent?: boolean;
  /** The tag it came with. */
  readonly tag: string;
}

/** Packs a dead letter as the record that `outputs/dead-letter.conf` writes to a file. */
export function packDeadLetter(letter: DeadLetter, destination: string): Buffer {
  const content = letter.content.toWellFormed();
  const isCut = content.length > longestContent;
  return packEvent(letter.time, {
    time: new Date(toMilliseconds(letter.time)).toISOString(),
    destination,
    reason: letter.reason,
    tag: letter.tag,
    [letter.isBase64 ? 'record_base64' : letter.isEvent ? 'event' : 'record']: isCut
      ? content.slice(0, longestContent).toWellFormed()
      : content,
    ...(isCut ? { record_length: content.length } : {}),
  });
}
