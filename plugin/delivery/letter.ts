import { isRecord } from '../fluent/entry.ts';
import { tryParseJson } from '../mapping/json.ts';

/** A dead letter as `outputs/dead-letter.conf` writes it, read again. */
export interface Letter {
  /** ISO 8601. */
  readonly time: string;
  readonly destination: string;
  readonly reason: string;
  readonly tag: string;
  readonly content: string;
  /** The content is an event in the destination's own shape; otherwise it is a record. */
  readonly isEvent: boolean;
  /** Why it can't be sent again; undefined when it can. */
  readonly obstacle: string | undefined;
}

/** Reads a line of the file. @returns why it is no letter at all, when it is none */
export function readLetter(line: string): Letter | string {
  const letter = tryParseJson(line);
  if (!isRecord(letter)) return 'no JSON object';
  const { time, destination, reason, tag = '', record, event, record_base64, record_length } = letter;
  if (typeof destination !== 'string' || typeof tag !== 'string')
    return 'no dead letter: it names no destination';
  const content = event ?? record;
  return {
    time: typeof time === 'string' ? time : '',
    destination,
    reason: typeof reason === 'string' ? reason : '',
    tag,
    content: String(content ?? record_base64 ?? ''),
    isEvent: event !== undefined,
    obstacle: obstacleOf(content, record_length),
  };
}

/** One line, as it is sent again: a record of several would be several. */
export function lineOf({ content }: Letter): string {
  return content.replace(/[\r\n]+/g, ' ');
}

/** Whether two letters may go in one request. */
export function goTogether(one: Letter, other: Letter): boolean {
  return (
    one.destination === other.destination &&
    one.isEvent === other.isEvent &&
    (one.isEvent || one.tag === other.tag)
  );
}

/** Most letters in a request. */
export const mostTogether = 100;

function obstacleOf(content: unknown, length: unknown): string | undefined {
  if (length !== undefined) return 'its record was too long to be kept whole';
  if (typeof content !== 'string') return 'it holds bytes that are no text';
  // A record that was no JSON would only come back.
  return isRecord(tryParseJson(content)) ? undefined : 'its record is no JSON object';
}
