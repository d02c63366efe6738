import { Packr } from 'msgpackr';
import type { Fields, RecordSource } from './filecloud-mix.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Records as Fluent Bit's out_http and out_forward carry them: entries one after another. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly records: number;
}

/** How an entry is written: `[EventTime, record]` (1.8) or `[[EventTime, {}], record]` (2.1 and later). */
export type EntryForm = '1.8' | '5.x';

/** Where a chunk ends. */
export interface ChunkSize {
  readonly records?: number;
  readonly bytes?: number;
}

const firstSecond = 1772438400;

/** Makes chunks, the same for the same source and sizes. */
export function makeChunks(source: RecordSource, count: number, size: ChunkSize, form: EntryForm): Chunk[] {
  return Array.from({ length: count }, () => makeChunk(source, size, form));
}

function makeChunk(
  source: RecordSource,
  { records: mostRecords = Number.POSITIVE_INFINITY, bytes: mostBytes = Number.POSITIVE_INFINITY }: ChunkSize,
  form: EntryForm,
): Chunk {
  const entries: Buffer[] = [];
  let bytes = 0;
  while (entries.length < mostRecords && bytes < mostBytes) {
    const entry = packEntry(source(), entries.length, form);
    entries.push(entry);
    bytes += entry.length;
  }
  return { bytes: Buffer.concat(entries), records: entries.length };
}

/** @param milliseconds since the chunk's first record */
function packEntry(record: Fields, milliseconds: number, form: EntryForm): Buffer {
  const time = Buffer.alloc(10);
  time[0] = 0xd7; // EventTime: fixext 8 of type 0
  time.writeUInt32BE(firstSecond + Math.floor(milliseconds / 1000), 2);
  time.writeUInt32BE((milliseconds % 1000) * 1_000_000, 6);
  const header = form === '1.8' ? time : Buffer.concat([Buffer.of(0x92), time, Buffer.of(0x80)]);
  return Buffer.concat([Buffer.of(0x92), header, packr.pack(record)]);
}
