import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../plugin/cli/package-root.ts';

/** What differs from a shipped stanza. */
export interface StanzaChanges {
  /** Other values for keys that it has; undefined leaves the line out. */
  readonly change?: Readonly<Record<string, string | undefined>>;
  /** Lines that it leaves to the user. */
  readonly add?: readonly string[];
  /** The variables that it asks for. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Stanza {
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The stanza of a file in outputs/, for a destination of any name. Its variables end with that name, so that
 * one process can have several such stanzas.
 *
 * @throws Error when there is nothing to change
 */
export function stanzaFor(
  destination: string,
  file: string,
  { change = {}, add = [], environment = {} }: StanzaChanges,
): Stanza {
  const shipped = readFileSync(join(packageRoot, 'outputs', `${file}.conf`), 'utf8');
  const values = new Map(Object.entries(change).map(([key, value]) => [key.toLowerCase(), value]));
  const unused = new Set(values.keys());
  const lines = shipped.split('\n').flatMap((line) => {
    const [start = '', name = ''] = /^ +([\w.]+) +/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (!values.has(key)) return [line];
    unused.delete(key);
    const value = values.get(key);
    return value === undefined ? [] : [start + value];
  });
  if (unused.size > 0) throw new Error(`outputs/${file}.conf has no ${[...unused].join(', ')} to change`);
  let text = [...lines, ...add.map((line) => `    ${line}`), ''].join('\n');
  const own = (name: string): string => `${name}_${destination.replaceAll('-', '_')}`;
  for (const name of Object.keys(environment)) text = text.replaceAll(`\${${name}}`, `\${${own(name)}}`);
  return {
    text,
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [own(name), value])),
  };
}
