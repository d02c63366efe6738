import type { Event, Problems } from '../compile/event.ts';

/** A record for Fluent Bit: a text format's line stands under `message`, a JSON shape is the record itself. */
export type OutgoingRecord = Record<string, unknown>;

/** Renders one event. Never throws: what can't be rendered is left out and counted. */
export type Render = (event: Event, problems: Problems) => OutgoingRecord;
