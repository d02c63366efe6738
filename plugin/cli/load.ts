import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { compileMapper, type Mapper } from '../compile/mapper.ts';
import { formats, type Render } from '../format/index.ts';
import {
  type DestinationSettings,
  type MappingReference,
  readSettings,
  type Settings,
} from '../mapping/destinations.ts';
import { codes, Diagnostics } from '../mapping/diagnostic.ts';
import { type MappingFileOptions, readMappingFile } from '../mapping/mapping-file.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { SourceFile } from '../mapping/source.ts';
import { version } from './package-root.ts';

/** A destination with everything that is decided before the first record comes. */
export interface LoadedDestination {
  readonly settings: DestinationSettings;
  readonly sets: readonly MappingSet[];
  readonly map: Mapper;
  readonly render: Render;
}

export interface Loaded {
  readonly settings: Settings;
  readonly destinations: readonly LoadedDestination[];
}

export interface LoadResult {
  /** undefined when there were errors. */
  readonly loaded: Loaded | undefined;
  readonly diagnostics: Diagnostics;
  /** Every file that was read, as findings name it. */
  readonly files: readonly string[];
}

/**
 * Reads, checks and compiles destinations.yaml and all the mapping files it names. `serve`, `validate` and
 * `try` all come through here, so that what one accepts the others do.
 */
export function load(config: string, environment: NodeJS.ProcessEnv = process.env): LoadResult {
  const loader = new Loader(config, environment);
  const loaded = loader.load();
  return { loaded, diagnostics: loader.diagnostics, files: [...loader.files] };
}

class Loader {
  readonly diagnostics = new Diagnostics();
  readonly files = new Set<string>();
  readonly #config: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** One file may serve several destinations; with the same options it is read, and its findings told, once. */
  readonly #sets = new Map<string, MappingSet | undefined>();

  constructor(config: string, environment: NodeJS.ProcessEnv) {
    this.#config = shown(resolve(config));
    this.#folder = dirname(resolve(config));
    this.#environment = environment;
  }

  load(): Loaded | undefined {
    const text = this.#read(this.#config);
    if (text === undefined) return undefined;
    const secrets = {
      environment: (name: string) => this.#environment[name],
      file: (path: string) => tryRead(resolve(this.#folder, path))?.replace(/\r?\n$/, ''),
    };
    const result = readSettings(this.#config, text, this.diagnostics, { secrets, version });
    if (!result) return undefined;
    const { settings, source } = result;
    const destinations = settings.destinations.map((destination) => this.#destination(destination, source));
    return this.diagnostics.hasErrors ? undefined : { settings, destinations };
  }

  #destination(settings: DestinationSettings, source: SourceFile): LoadedDestination {
    const sets = settings.mappings.flatMap((reference) => this.#setsOf(reference, source));
    return {
      settings,
      sets,
      map: compileMapper(sets),
      render: formats.get(settings.format)!.compile(settings),
    };
  }

  #setsOf({ pattern, options, at }: MappingReference, source: SourceFile): MappingSet[] {
    const files = globSync(pattern, {
      cwd: this.#folder,
      absolute: true,
      expandDirectories: false,
      onlyFiles: true,
    }).sort();
    if (files.length === 0) {
      source.error(
        codes.noFileMatches,
        at,
        `no file matches '${pattern}'`,
        `paths are relative to ${shown(this.#folder)}`,
      );
    }
    return files.map((file) => this.#set(shown(file), options)).filter((set) => set !== undefined);
  }

  #set(file: string, options: MappingFileOptions): MappingSet | undefined {
    const key = JSON.stringify([file, options]);
    if (!this.#sets.has(key)) {
      const text = this.#read(file);
      this.#sets.set(
        key,
        text === undefined ? undefined : readMappingFile(file, text, this.diagnostics, options),
      );
    }
    return this.#sets.get(key);
  }

  #read(file: string): string | undefined {
    this.files.add(file);
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const reason =
        (error as NodeJS.ErrnoException).code === 'ENOENT'
          ? 'there is no such file'
          : (error as Error).message;
      this.diagnostics.add({
        code: codes.unreadableFile,
        severity: 'error',
        file,
        line: 1,
        column: 1,
        length: 1,
        message: reason,
      });
      return undefined;
    }
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A path as findings show it: relative where that is shorter. */
function shown(path: string): string {
  const near = relative('', path) || '.';
  return near.startsWith(join('..', '..')) ? path : near;
}
