import type { AuditRecord } from '../compile/event.ts';
import { unwrapLine } from '../fluent/decode.ts';
import type { EventTime } from '../fluent/event-time.ts';
import { msgpackEntryAt } from '../fluent/msgpack-body.ts';
import { toText } from '../mapping/text.ts';

/** A record that came, for whoever writes a mapping for it. */
export interface SeenRecord {
  /** When it came, ISO 8601. */
  readonly time: string;
  readonly tag: string;
  /** JSON. */
  readonly record: string;
}

/** As it is kept: what came packed is read when somebody looks. */
interface Kept {
  readonly time: EventTime;
  readonly at: number;
  readonly tag: string;
  readonly packed: Buffer;
}

/** Bytes of one record, and of all: a larger one is not kept, and the oldest make room. */
const largestRecord = 64 * 1024;
const mostBytes = 1024 * 1024;

/**
 * The last records that came, in memory and nowhere else (`service.keep_seen`). A record that goes to several
 * destinations comes once for each, and is kept once.
 */
export class SeenRecords {
  /** Records that are kept. */
  readonly most: number;
  readonly #kept: Kept[] = [];
  /** Where the last entries of the body at hand lie, in turn. */
  readonly #bounds: number[] = [];
  #bytes = 0;
  #count = 0;

  /** @param most records that are kept, at least 1 */
  constructor(most: number) {
    this.most = most;
  }

  /** A body begins. */
  begin(): void {
    this.#count = 0;
  }

  /** An entry lies there in it. */
  note(start: number, end: number): void {
    const place = (this.#count++ % this.most) * 2;
    this.#bounds[place] = start;
    this.#bounds[place + 1] = end;
  }

  /** The body is at its end: its last entries are kept. */
  keepNoted(body: Buffer, tag: string, time: EventTime): void {
    const length = Math.min(this.#count, this.most);
    for (let index = this.#count - length; index < this.#count; index++) {
      const place = (index % this.most) * 2;
      this.#keep(body.subarray(this.#bounds[place], this.#bounds[place + 1]), tag, time);
    }
  }

  /** The same for records that came as JSON. */
  keepRecords(records: readonly AuditRecord[], tag: string, time: EventTime): void {
    for (const record of records.slice(-this.most)) {
      const text = toText(record);
      if (text !== undefined) this.#keep(Buffer.from(text), tag, time);
    }
  }

  /** The newest first. */
  list(): SeenRecord[] {
    return this.#kept
      .flatMap(({ time, at, tag, packed }) => {
        const record = textOf(packed, time);
        return record === undefined ? [] : { time: new Date(at).toISOString(), tag, record };
      })
      .reverse();
  }

  #keep(packed: Buffer, tag: string, time: EventTime): void {
    if (packed.length > largestRecord) return;
    if (this.#kept.some((one) => one.tag === tag && one.packed.equals(packed))) return;
    // A copy: the body is not to be held for one record.
    this.#kept.push({ packed: Buffer.from(packed), tag, time, at: Date.now() });
    this.#bytes += packed.length;
    while (this.#kept.length > this.most || this.#bytes > mostBytes)
      this.#bytes -= this.#kept.shift()!.packed.length;
  }
}

const openBrace = 0x7b;

/** undefined for an entry that is none: the mark of a group, or no record. */
function textOf(packed: Buffer, time: EventTime): string | undefined {
  if (packed[0] === openBrace) return packed.toString('utf8');
  const { entry } = msgpackEntryAt(packed, 0, time);
  return entry && toText(unwrapLine(entry).record);
}
