import type { AuditRecord } from '../compile/event.ts';
import { decodeBody } from '../fluent/decode.ts';
import { BodyError, isRecord } from '../fluent/entry.ts';
import { fromMilliseconds } from '../fluent/event-time.ts';
import { describeJsonError, toJsonText, tryParseJson } from '../mapping/json.ts';
import type { InputAnswer, RenderAnswer } from './answer.ts';
import { indented } from './pieces.ts';

/** What was pasted, as the service would take it. */
export interface Input extends InputAnswer {
  readonly record: AuditRecord;
}

/**
 * Reads the record out of what was pasted: by the code that reads a body of `/map`, or out of a dead letter.
 *
 * @param pasted a record, or text that holds one
 * @param tag Fluent Bit's; a dead letter brings its own
 * @param now epoch milliseconds
 */
export function readInput(
  pasted: unknown,
  tag: string,
  now: number,
): Input | NonNullable<RenderAnswer['problem']> {
  try {
    const text = typeof pasted === 'string' ? pasted : toJsonText(pasted);
    if (text.trim() === '') return { message: 'there is no record yet', offset: 0 };
    const { entries } = decodeBody(Buffer.from(text), fromMilliseconds(now));
    const [first] = entries;
    if (!first) return { message: 'no object in the list', offset: 0 };
    const letter = fromLetter(first.record);
    if (typeof letter === 'string') return { message: letter, offset: 0 };
    const record = letter?.record ?? first.record;
    const count = entries.length;
    const kind = letter ? 'dead-letter' : count > 1 ? 'lines' : 'record';
    return { kind, count, record, tag: letter?.tag ?? tag, text: indented(record) };
  } catch (error) {
    if (error instanceof RangeError) return { message: 'it is nested too deeply', offset: 0 };
    if (!(error instanceof BodyError)) throw error;
    const { offset, reason } =
      typeof pasted === 'string' ? describeJsonError(pasted) : { offset: 0, reason: '' };
    return { message: reason === '' ? error.message : `no JSON record: ${reason}`, offset };
  }
}

/** A dead letter's record (delivery/dead-letter.ts writes them), why it has none, or undefined when it is no letter. */
function fromLetter(letter: AuditRecord): { record: AuditRecord; tag: string } | string | undefined {
  const { time, destination, reason, tag, record, event, record_base64: bytes } = letter;
  if ([time, destination, reason].some((one) => typeof one !== 'string') || typeof tag !== 'string')
    return undefined;
  if (typeof event === 'string')
    return 'this dead letter holds a finished event, and no record that a map could take';
  if (typeof bytes === 'string') return 'this dead letter holds bytes that are no text';
  if (typeof record !== 'string') return undefined;
  const content = tryParseJson(record);
  return isRecord(content)
    ? { record: content, tag }
    : 'the record in this dead letter is no JSON object, or cut';
}
