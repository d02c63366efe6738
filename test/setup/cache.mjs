import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A place of what the tests build or fetch once: below `FLUENT_BIT_SIEM_CACHE`, else the user's own cache. */
export function cachedPath(...names) {
  const { FLUENT_BIT_SIEM_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  const root = own || join(shared || join(homedir(), '.cache'), 'fluent-bit-siem');
  return resolve(root, ...names);
}
