import type { ServerOptions } from '../http/server.ts';
import type { Settings } from '../mapping/settings.ts';
import { pageFolder, version } from './package-root.ts';

/** What the web page needs of the settings, and of this package. */
export function pageParts({
  listen,
  tls,
  deadLetters,
  stateFile,
}: Settings): Pick<ServerOptions, 'listen' | 'isSecure' | 'version' | 'page' | 'deadLetters'> {
  return {
    listen,
    isSecure: tls !== undefined,
    version,
    page: pageFolder,
    deadLetters:
      deadLetters === undefined ? undefined : { file: deadLetters, replayedFile: `${stateFile}.replayed` },
  };
}
