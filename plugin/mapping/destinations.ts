import { type DestinationShape, readDestination } from './destination-settings.ts';
import { destinationsSchema } from './destinations-schema.ts';
import { codes, type Diagnostics } from './diagnostic.ts';
import { type ForwardShape, readForward } from './forward-settings.ts';
import { readAddress, readSize } from './quantities.ts';
import { resolveSecrets, type Secrets } from './secret.ts';
import {
  type AuthSettings,
  type AuthShape,
  checkReach,
  readAuth,
  readTls,
  type TlsSettings,
  type TlsShape,
} from './service-settings.ts';
import type { Settings } from './settings.ts';
import { checkShape, compileSchema } from './shape.ts';
import type { PathInFile, SourceFile } from './source.ts';
import type { Address } from './units.ts';
import { YamlSource } from './yaml-source.ts';

const validate = compileSchema(destinationsSchema);

/** What comes from outside the file: secrets, and the two addresses the environment may override. */
export interface SettingsContext {
  readonly secrets: Secrets;
  /** Version in the CEF header of a destination that names no device. */
  readonly version: string;
  /** This machine's name, for syslog headers. */
  readonly hostname: string;
}

interface ServiceShape {
  listen?: string;
  workers?: number;
  forward?: ForwardShape;
  body_limit?: string | number;
  in_flight?: string | number;
  state?: string;
  dead_letters?: string;
  auth?: AuthShape;
  tls?: TlsShape;
  watch?: boolean;
  keep_seen?: number;
}

interface SettingsShape {
  functions?: string;
  service?: ServiceShape | null;
  destinations: Record<string, DestinationShape>;
}

// Fluent Bit's largest chunk is 2 MB plus one append of up to 6 MB (its default input buffers).
const defaultBodyLimit = 64_000_000;
// A few of Fluent Bit's largest chunks; the process needs about three times as much for them.
const defaultInFlight = 2 ** 26;
const defaultListen = '127.0.0.1:2021';
const defaultForward = '127.0.0.1:24224';
const defaultState = '/var/lib/fluent-bit-siem/state.json';

/**
 * Reads destinations.yaml.
 *
 * @returns the settings and the file they came from, or undefined when there were errors (all of them are
 *   in `diagnostics`)
 */
export function readSettings(
  file: string,
  text: string,
  diagnostics: Diagnostics,
  context: SettingsContext,
): { settings: Settings; source: SourceFile } | undefined {
  const source = new YamlSource(file, text, diagnostics);
  if (!checkShape(source, validate)) return undefined;
  const written = source.value as SettingsShape;
  const content = resolveSecrets(source, written, context.secrets) as SettingsShape;
  // Paths of mapping files are shown in findings and logs, so nothing is put in them.
  for (const [name, { mappings }] of Object.entries(written.destinations))
    content.destinations[name]!.mappings = mappings;
  const settings = readContent(source, content, written.service?.auth ?? {}, context);
  return diagnostics.hasErrors ? undefined : { settings, source };
}

/** @param writtenAuth `service.auth` as it stands in the file, its secrets not in their places */
function readContent(
  source: SourceFile,
  content: SettingsShape,
  writtenAuth: AuthShape,
  { secrets, version, hostname }: SettingsContext,
): Settings {
  const service = content.service ?? {};
  const at = ['service'];
  // Set to nothing, as compose files do, is not set.
  const override = secrets.environment('FLUENT_BIT_SIEM_FORWARD') || undefined;
  // Findings come in the order of the file.
  const forward = readForward(source, [...at, 'forward'], service.forward ?? defaultForward, override);
  const auth = readAuth(source, [...at, 'auth'], writtenAuth, service.auth ?? {});
  const tls = service.tls && readTls(source, [...at, 'tls'], service.tls, secrets);
  const listen = readListen(source, [...at, 'listen'], service.listen, auth, tls, secrets);
  const bodyLimit = readSize(source, [...at, 'body_limit'], service.body_limit, defaultBodyLimit);
  const defaults = { forward, version, hostname };
  return {
    listen,
    auth,
    tls,
    workers: service.workers ?? 1,
    watch: service.watch ?? true,
    keepSeen: service.keep_seen ?? 0,
    bodyLimit,
    inFlight: readInFlight(source, [...at, 'in_flight'], service.in_flight, bodyLimit),
    stateFile: secrets.environment('FLUENT_BIT_SIEM_STATE') || service.state || defaultState,
    deadLetters: service.dead_letters,
    functions: content.functions,
    destinations: Object.entries(content.destinations).map(([name, one]) =>
      readDestination(source, ['destinations', name], name, one, defaults),
    ),
  };
}

function readListen(
  source: SourceFile,
  at: PathInFile,
  text: string | undefined,
  auth: AuthSettings,
  tls: TlsSettings | undefined,
  secrets: Secrets,
): Address {
  const override = secrets.environment('FLUENT_BIT_SIEM_LISTEN') || undefined;
  const variable = override === undefined ? undefined : 'FLUENT_BIT_SIEM_LISTEN';
  const listen = readAddress(source, at, override ?? text ?? defaultListen, variable);
  checkReach(source, at, { listen, auth, tls }, variable);
  return listen;
}

function readInFlight(
  source: SourceFile,
  at: PathInFile,
  text: string | number | undefined,
  bodyLimit: number,
): number {
  const size = readSize(source, at, text, Math.max(defaultInFlight, bodyLimit));
  if (size >= bodyLimit) return size;
  const message = `one body may have ${bodyLimit} bytes, so no less can be in flight`;
  const hint = `write ${bodyLimit} or more, or lower body_limit`;
  source.error(codes.wrongShape, at, message, hint);
  return bodyLimit;
}
