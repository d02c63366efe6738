import { codes } from './diagnostic.ts';
import { pemProblems } from './pem.ts';
import type { Secrets } from './secret.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { type Address, isLocal } from './units.ts';

/** What credentials are for, each apart: a collector maps, the Fluent Bit that delivers knocks, people do the rest. */
export const areas = ['map', 'deliver', 'admin'] as const;

export type Area = (typeof areas)[number];

/** Any of them lets in: while one is rotated there are two. */
export interface Credentials {
  readonly tokens: readonly string[];
  readonly users: readonly { readonly username: string; readonly password: string }[];
}

/** An area without credentials is open. */
export type AuthSettings = Readonly<Partial<Record<Area, Credentials>>>;

/** Paths of files in PEM. With `ca`, clients must show a certificate of its. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/** Credentials of an area as they are written. */
export interface CredentialsShape {
  token?: string | string[];
  username?: string;
  password?: string | string[];
}

export type AuthShape = Partial<Record<Area, CredentialsShape>>;

export interface TlsShape {
  cert: string;
  key: string;
  ca?: string;
}

/** RFC 6750, section 2.1. */
const tokenSyntax = /^[A-Za-z0-9._~+/-]+=*$/;
const shortest = 16;

/**
 * Reads `service.auth`. No finding shows a line of it, nor a value.
 *
 * @param written as it stands in the file: a secret is to come from elsewhere
 * @param content the same with the secrets in their places
 */
export function readAuth(
  source: SourceFile,
  at: PathInFile,
  written: AuthShape,
  content: AuthShape,
): AuthSettings {
  const read = (area: Area): Credentials | undefined => {
    const shape = content[area];
    if (!shape) return undefined;
    const { username } = shape;
    const place = [...at, area];
    if ((username === undefined) !== (shape.password === undefined))
      source.error(codes.missingKey, place, 'username and password go together', undefined, 'key');
    else if (username === undefined && shape.token === undefined)
      source.error(codes.missingKey, place, `'${area}' has neither a token nor a username`, undefined, 'key');
    if (username?.includes(':'))
      source.errorInSecret(codes.wrongShape, [...place, 'username'], "a username can't have a colon");
    const secrets = (key: 'token' | 'password'): readonly string[] => {
      const raw = [written[area]?.[key] ?? []].flat();
      const values = [shape[key] ?? []].flat();
      values.forEach((value, index) => {
        checkSecret(source, [...place, key], raw[index]!, value, key === 'token');
      });
      return values;
    };
    return {
      tokens: secrets('token'),
      users: secrets('password').map((password) => ({ username: username ?? '', password })),
    };
  };
  return Object.fromEntries(
    areas.flatMap((area) => {
      const credentials = read(area);
      return credentials ? [[area, credentials]] : [];
    }),
  );
}

function checkSecret(
  source: SourceFile,
  at: PathInFile,
  written: string,
  value: string,
  isToken: boolean,
): void {
  if (!/\$\{[^}]+\}/.test(written)) {
    const hint = 'write ${NAME} of the environment, or ${file:PATH}';
    source.errorInSecret(codes.secretInFile, at, 'a secret does not stand in this file', hint);
    return;
  }
  // It is not there: that has been said.
  if (value === written) return;
  if (isToken && !tokenSyntax.test(value)) {
    const hint = 'openssl rand -hex 32 makes a good one';
    source.errorInSecret(
      codes.wrongShape,
      at,
      'a token is letters, digits and -._~+/, with = at its end',
      hint,
    );
  } else if (value.length < shortest) {
    const message = `a secret of less than ${shortest} characters can be guessed`;
    source.errorInSecret(codes.wrongShape, at, message, 'openssl rand -hex 32 makes a good one');
  }
}

/** Reads `service.tls`, and the files it names, to see whether they will do. */
export function readTls(
  source: SourceFile,
  at: PathInFile,
  { cert, key, ca }: TlsShape,
  secrets: Secrets,
): TlsSettings {
  const read = (name: keyof TlsShape, path: string | undefined): { [name: string]: string } => {
    if (path === undefined) return {};
    const text = secrets.file(path);
    if (text !== undefined) return { [name]: text };
    // Not quoted: it may be the key itself.
    const hint = 'write its path as it is, from the folder of this file or from /';
    source.errorInSecret(codes.missingSecret, [...at, name], `the file of '${name}' can't be read`, hint);
    return {};
  };
  const texts = { ...read('ca', ca), ...read('cert', cert), ...read('key', key) };
  for (const [name, problem] of pemProblems(texts))
    source.error(codes.wrongShape, [...at, name], problem, 'it is to be PEM; a key must have no passphrase');
  return { cert, key, ca };
}

/**
 * What listens beyond this machine asks everyone who they are, and had better do so where nobody listens in.
 *
 * @param variable the environment's, when the address comes from there
 */
export function checkReach(
  source: SourceFile,
  at: PathInFile,
  { listen, auth, tls }: { listen: Address; auth: AuthSettings; tls: TlsSettings | undefined },
  variable: string | undefined,
): void {
  if (isLocal(listen)) return;
  const what = `${variable ?? 'listen'} reaches beyond this machine`;
  const open = areas.filter((area) => !auth[area]);
  if (open.length > 0) {
    const hint = 'listen on 127.0.0.1, [::1] or a unix socket, or set service.auth (docs/beyond-loopback.md)';
    const missing = open.map((area) => `service.auth.${area}`).join(', ');
    source.error(codes.wideListener, at, `${what}, and there is no ${missing}`, hint);
  } else if (!tls) {
    const hint = 'set service.tls: { cert, key }, or let a proxy on this machine do it';
    source.warning(codes.clearText, at, `${what}: records and credentials go in clear text`, hint);
  }
}
