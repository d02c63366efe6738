import { basename } from './basename.ts';
import { bool } from './bool.ts';
import { dirname } from './dirname.ts';
import { epochMilliseconds } from './epoch-milliseconds.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { format } from './format.ts';
import { getSysAlertSeverity } from './get-sys-alert-severity.ts';
import { hash } from './hash.ts';
import { isoTime } from './iso-time.ts';
import { join } from './join.ts';
import { lookup } from './lookup.ts';
import { lower } from './lower.ts';
import { number } from './number.ts';
import { truncate } from './truncate.ts';
import type { MappingFunction } from './types.ts';
import { upper } from './upper.ts';

/** All functions that are built in, by name. */
export const builtInFunctions: ReadonlyMap<string, MappingFunction> = new Map(
  [
    basename,
    bool,
    dirname,
    epochMilliseconds,
    epochSeconds,
    format,
    getSysAlertSeverity,
    hash,
    isoTime,
    join,
    lookup,
    lower,
    number,
    truncate,
    upper,
  ].map((definition) => [definition.name, definition]),
);
