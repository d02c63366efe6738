import { Unpackr } from 'msgpackr';
import { packEvent } from '../../plugin/fluent/forward-message.ts';

// Integers come back as bigints beyond 32 bits and floats as numbers, so that a test can tell them apart; maps
// come back as Map, which has no key of its own.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'bigint' });

/** What Fluent Bit reads out of an event packed for it: the record. */
export function packAndUnpack(record: Record<string, unknown>): Map<string, unknown> {
  const event = packEvent({ seconds: 1772438400, nanoseconds: 0 }, record);
  // `[EventTime, record]`: a byte for the array of two, ten for the time.
  return unpackr.unpack(event.subarray(11)) as Map<string, unknown>;
}
