import { readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import type { Diagnostics, Span } from '../../mapping/diagnostic.ts';
import { readClassic } from './classic.ts';
import type { Configuration, Place, Section } from './configuration.ts';
import { readYaml } from './yaml.ts';

/** What the two forms need of the world while they are read. */
export interface Reading {
  readonly sections: Section[];
  /** Set by @SET and `env:`. */
  readonly own: Map<string, string>;
  readonly environment: NodeJS.ProcessEnv;
  /** Reads another file, or all that a pattern names, in this place. */
  readonly include: (path: string, from: Place) => void;
  /** Adds an error. */
  readonly error: (place: Place, message: string, hint?: string) => void;
}

// Fluent Bit's own limit for the classic form (FLB_CF_FILE_NUM_LIMIT is 32) is about loops as well.
const mostFiles = 100;

/**
 * Reads what a Fluent Bit process started with `-c FILE` would: the file and all it includes. What can't be read
 * becomes a finding, never an exception.
 */
export function readConfiguration(
  file: string,
  diagnostics: Diagnostics,
  environment: NodeJS.ProcessEnv = process.env,
): Configuration {
  const isYaml = isYamlFile(file);
  const sections: Section[] = [];
  const files = new Set([shown(file)]);
  const seen = new Set<string>();
  const own = new Map<string, string>();
  const root = dirname(resolve(file));
  const error = (place: Place, message: string, hint?: string): void =>
    diagnostics.add({
      code: 'D001',
      severity: 'error',
      ...place,
      message,
      ...(hint === undefined ? {} : { hint }),
    });

  const read = (path: string, from: Place): void => {
    const name = shown(path);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (reason) {
      const { code, message } = reason as NodeJS.ErrnoException;
      error(from, code === 'ENOENT' ? `there is no file ${name}` : `${name} can't be read: ${message}`);
      return;
    }
    const real = realpathSync(path);
    if (seen.has(real) || seen.size >= mostFiles) {
      error(from, `${name} is included twice: Fluent Bit does not start`, 'include it once');
      return;
    }
    seen.add(real);
    files.add(name);
    const include = (pattern: string, at: Place): void => {
      // Classic files are sought from the main file's folder (where Fluent Bit was started comes before it, which
      // nobody knows here); YAML files from the folder of the file that includes them.
      const base = isYamlFile(path) ? dirname(path) : root;
      if (!pattern.includes('*')) {
        read(isAbsolute(pattern) ? pattern : join(base, pattern), at);
        return;
      }
      const found = globSync(pattern, { cwd: base, absolute: true, expandDirectories: false }).sort();
      if (found.length === 0) error(at, `no file matches '${pattern}': Fluent Bit does not start`);
      for (const one of found) read(one, at);
    };
    const reading: Reading = { sections, own, environment, include, error };
    if (isYamlFile(path)) readYaml(name, text, reading);
    else readClassic(name, text, reading);
  };

  read(file, { file: shown(file), ...start, source: '' });
  return { file: shown(file), isYaml, sections, files: [...files] };
}

export const start: Span = { line: 1, column: 1, length: 1 };

function isYamlFile(file: string): boolean {
  return /\.ya?ml$/i.test(file);
}

/** A path as findings show it: relative where that is shorter. */
function shown(path: string): string {
  const near = relative('', resolve(path)) || '.';
  return near.startsWith(join('..', '..')) ? resolve(path) : near;
}
