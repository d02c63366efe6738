import { createHash, type Hash } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { inspect } from 'node:util';
import { MappingHits } from '../compile/hits.ts';
import { compileKind, compileMapper } from '../compile/mapper.ts';
import type { CompiledDestination } from '../delivery/destination.ts';
import { compileDirect } from '../direct/direct-mapper.ts';
import { formats } from '../format/index.ts';
import { readSettings } from '../mapping/destinations.ts';
import { codes, Diagnostics } from '../mapping/diagnostic.ts';
import { builtInFunctions } from '../mapping/functions/index.ts';
import type { MappingFunction } from '../mapping/functions/types.ts';
import { type MappingFileOptions, readMappingFile } from '../mapping/mapping-file.ts';
import type { MappingSet } from '../mapping/model.ts';
import type { Secrets } from '../mapping/secret.ts';
import type { DestinationSettings, MappingReference, Settings } from '../mapping/settings.ts';
import type { SourceFile } from '../mapping/source.ts';
import { suggestion } from '../mapping/suggest.ts';
import { ConfigFiles, type Seen, type Snapshot } from './config-files.ts';
import { checkExamples } from './examples.ts';
import { importFunctions } from './functions-module.ts';
import { ownFunctions } from './own-functions.ts';
import { version } from './package-root.ts';
import { UsageError } from './usage.ts';
import { withoutConnections } from './without-connections.ts';

/** A destination with everything that is decided before the first record comes. */
export interface LoadedDestination extends CompiledDestination {
  readonly sets: readonly MappingSet[];
  /** For each of the sets, what destinations.yaml says in its file's stead. */
  readonly options: readonly MappingFileOptions[];
}

export interface Loaded {
  readonly settings: Settings;
  /** What mappings may call: built in, and the administrator's own. */
  readonly functions: ReadonlyMap<string, MappingFunction>;
  readonly destinations: readonly LoadedDestination[];
}

export interface LoadResult {
  /** undefined when there were errors. */
  readonly loaded: Loaded | undefined;
  /** What destinations.yaml says, also when only a mapping file has errors. */
  readonly settings: Settings | undefined;
  readonly diagnostics: Diagnostics;
  /** Every file that was read, as findings name it. */
  readonly files: readonly string[];
  /** Of those that are text for people, destinations.yaml and mapping files: what they hold. */
  readonly texts: ReadonlyMap<string, string>;
  /** SHA-256 (hex) of the names and contents of those files, in the order they were read. */
  readonly digest: string;
  /** Of all that was read, secrets too. */
  readonly snapshot: Snapshot;
  /** The same, for who is to tell whether it has changed. */
  readonly seen: Seen;
}

/**
 * Reads, checks and compiles destinations.yaml and all the mapping files it names. `serve`, `validate` and
 * `try` all come through here, so that what one accepts the others do.
 *
 * @param snapshot what another process has read, to be taken in the files' stead
 */
export async function load(
  config: string,
  environment: NodeJS.ProcessEnv = process.env,
  snapshot?: Snapshot,
): Promise<LoadResult> {
  const loader = new Loader(config, environment, snapshot);
  const loaded = await loader.load();
  return loader.result(loaded);
}

/**
 * Compiles a configuration that was loaded before once more, with other words in the secrets' places and without what
 * it takes to connect. What its examples give was checked with the secrets.
 *
 * @param snapshot what was read; files of secrets need not be in it
 */
export async function loadWithoutSecrets(
  config: string,
  snapshot: Snapshot,
  secrets: Secrets,
): Promise<LoadResult> {
  const loader = new Loader(config, {}, snapshot, secrets);
  const loaded = await loader.load();
  return loader.result(loaded);
}

/**
 * Reads and checks mapping files alone, without destinations.
 *
 * @param files paths; what a mapping function may need of the environment must be set all the same
 */
export function loadMappingFiles(
  files: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): LoadResult {
  const loader = new Loader('', environment);
  for (const file of files) loader.mappingFile(shown(resolve(file)), {});
  return loader.result(undefined);
}

class Loader {
  readonly diagnostics = new Diagnostics();
  readonly files = new Set<string>();
  readonly #texts = new Map<string, string>();
  readonly #config: string;
  readonly #folder: string;
  readonly #disk: ConfigFiles;
  readonly #digest = createHash('sha256');
  /** One file may serve several destinations; with the same options it is read, and its findings told, once. */
  readonly #sets = new Map<string, MappingSet | undefined>();
  /** Of each set: its file's text and the secrets in it. */
  readonly #digests = new Map<MappingSet, string>();
  /** Of each set: its file's text, as `sha256sum` tells it. */
  readonly #sums = new Map<MappingSet, string>();
  readonly #secrets: Secrets;
  /** Nothing is to be known of secrets, nor of where they lead to. */
  readonly #isForShow: boolean;
  #settings: Settings | undefined;
  #functionsText = '';
  #functions: ReadonlyMap<string, MappingFunction> = builtInFunctions;

  constructor(config: string, environment: NodeJS.ProcessEnv, snapshot?: Snapshot, secrets?: Secrets) {
    this.#disk = new ConfigFiles(snapshot);
    this.#config = shown(resolve(config));
    this.#folder = dirname(resolve(config));
    this.#isForShow = secrets !== undefined;
    this.#secrets = secrets ?? {
      // A variable that is set to nothing holds no secret.
      environment: (name) => (Object.hasOwn(environment, name) && environment[name]) || undefined,
      file: (path) => this.#disk.tryRead(resolve(this.#folder, path))?.replace(/\r?\n$/, ''),
    };
  }

  /** To be called once, at the end. */
  result(loaded: Loaded | undefined): LoadResult {
    return {
      loaded,
      settings: this.#settings,
      diagnostics: this.diagnostics,
      files: [...this.files],
      texts: this.#texts,
      digest: this.#digest.digest('hex'),
      snapshot: this.#disk.snapshot,
      seen: this.#disk.seen,
    };
  }

  async load(): Promise<Loaded | undefined> {
    const text = this.#read(this.#config);
    if (text === undefined) return undefined;
    const shownText = this.#isForShow ? withoutConnections(this.#config, text) : text;
    const result = readSettings(this.#config, shownText, this.diagnostics, {
      secrets: this.#secrets,
      version,
      hostname: hostname(),
    });
    if (!result) return undefined;
    const { source } = result;
    const { stateFile, deadLetters, tls } = result.settings;
    const path = (name: string): string => resolve(this.#folder, name);
    const settings = {
      ...result.settings,
      stateFile: path(stateFile),
      deadLetters: deadLetters === undefined ? undefined : path(deadLetters),
      tls: tls && { cert: path(tls.cert), key: path(tls.key), ca: tls.ca && path(tls.ca) },
    };
    this.#settings = settings;
    if (settings.functions !== undefined) await this.#importFunctions(settings.functions, source);
    const destinations = settings.destinations.map((destination) => this.#destination(destination, source));
    return this.diagnostics.hasErrors ? undefined : { settings, destinations, functions: this.#functions };
  }

  #destination(settings: DestinationSettings, source: SourceFile): LoadedDestination {
    const read = settings.mappings.flatMap((reference) => this.#setsOf(reference, source));
    const sets = read.map(({ set }) => set);
    const hits = new MappingHits(sets);
    return {
      settings,
      sets,
      options: read.map(({ options }) => options),
      map: compileMapper(sets, hits),
      direct: compileDirect(sets, settings, hits),
      hits,
      kind: compileKind(sets),
      files: sets.map((set) => ({ set, digest: this.#sums.get(set)! })),
      render: formats.get(settings.format)!.compile(settings),
      digest: this.#digestOf(settings, sets),
    };
  }

  /** Where events go, and how many at a time, does not decide which they are. */
  #digestOf(
    { forward, deliver, batch, ...settings }: DestinationSettings,
    sets: readonly MappingSet[],
  ): string {
    const everything = { depth: null, maxArrayLength: null, maxStringLength: null };
    const hash = createHash('sha256').update(`${inspect(settings, everything)}\n${this.#functionsText}\n`);
    for (const set of sets) hash.update(`${this.#digests.get(set)}\n`);
    return hash.digest('base64');
  }

  #setsOf(
    { pattern, options, at }: MappingReference,
    source: SourceFile,
  ): { set: MappingSet; options: MappingFileOptions }[] {
    const files = this.#disk.find(pattern, this.#folder);
    if (files.length === 0) {
      source.error(
        codes.noFileMatches,
        at,
        `no file matches '${pattern}'`,
        `paths are relative to ${shown(this.#folder)}`,
      );
    }
    return files.flatMap((file) => {
      const set = this.mappingFile(shown(file), options);
      return set ? [{ set, options }] : [];
    });
  }

  /** Reads one mapping file, checks it and its examples. */
  mappingFile(file: string, options: MappingFileOptions): MappingSet | undefined {
    const key = JSON.stringify([file, options]);
    if (!this.#sets.has(key)) {
      const text = this.#read(file);
      const digest = createHash('sha256').update(`${key}\n${text}\n`);
      const context = { functions: this.#functions, secrets: noting(this.#secrets, digest) };
      const set =
        text === undefined ? undefined : readMappingFile(file, text, this.diagnostics, options, context);
      this.#sets.set(key, set);
      if (set) {
        this.#digests.set(set, digest.digest('base64'));
        this.#sums.set(set, createHash('sha256').update(text!).digest('hex'));
        if (!this.#isForShow) checkExamples(set, text!, this.diagnostics);
      }
    }
    return this.#sets.get(key);
  }

  async #importFunctions(module: string, source: SourceFile): Promise<void> {
    const path = resolve(this.#folder, module);
    this.files.add(shown(path));
    const text = this.#disk.tryRead(path);
    this.#functionsText = text ?? '';
    this.#digest.update(`${shown(path)}\n${text ?? ''}\n`);
    try {
      const exported = await importFunctions(path, text);
      this.#functions = new Map([...ownFunctions(exported, source), ...builtInFunctions]);
    } catch (error) {
      source.error(
        codes.brokenModule,
        ['functions'],
        `the module can't be loaded: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #read(file: string): string | undefined {
    this.files.add(file);
    try {
      const text = this.#disk.read(resolve(file));
      this.#texts.set(file, text);
      this.#digest.update(`${file}\n${text}\n`);
      return text;
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

/**
 * @throws UsageError that names the nearest one, when there is no such destination
 */
export function findDestination({ destinations }: Loaded, name: string): LoadedDestination {
  const found = destinations.find(({ settings }) => settings.name === name);
  if (found) return found;
  const names = destinations.map(({ settings }) => settings.name);
  throw new UsageError(`there is no destination '${name}': ${suggestion(name, names)}`);
}

/** The same secrets; each that is asked for goes into the digest. */
function noting({ environment, file }: Secrets, digest: Hash): Secrets {
  const note = (secret: string | undefined): string | undefined => {
    digest.update(`${secret}\n`);
    return secret;
  };
  return { environment: (name) => note(environment(name)), file: (path) => note(file(path)) };
}

/** A path as findings show it: relative where that is shorter. */
function shown(path: string): string {
  const near = relative('', path) || '.';
  return near.startsWith(join('..', '..')) ? path : near;
}
