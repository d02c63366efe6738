import { codes } from './diagnostic.ts';
import { eventTimes } from './format-settings.ts';
import { type Pem, pemProblems } from './pem.ts';
import { readDuration } from './quantities.ts';
import type { PathInFile, SourceFile } from './source.ts';
import { isLocal } from './units.ts';

/** OAuth 2.0 client credentials (RFC 6749, section 4.4): how to get a bearer token. */
export interface OAuthSettings {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
}

/** The gate: where a destination's batches go, and by which rules. Times in milliseconds. */
export interface DeliverSettings {
  /** An https URL; http only on this machine. */
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A request's records: one JSON array, one a line, or Elasticsearch's lines in pairs. */
  readonly body: 'array' | 'lines' | 'bulk';
  readonly compress: boolean;
  /** For the whole answer. */
  readonly timeout: number;
  /** Most requests to the SIEM at a time. */
  readonly connections: number;
  /** Attempts at a SIEM that fails: `every` so often `for` so long, and less often `later`. */
  readonly retry: { readonly every: number; readonly for: number; readonly later: number };
  /** How long after the service took it a record may still be sent. */
  readonly retention: number;
  /** Oldest and newest time that the SIEM takes, back and ahead; undefined: any. */
  readonly oldestEvent: number | undefined;
  readonly newestEvent: number | undefined;
  readonly whenOlder: 'restamp' | 'send' | 'dead-letter';
  readonly tls: Pem;
  readonly oauth2: OAuthSettings | undefined;
}

/** `deliver:` as it is written. */
export interface DeliverShape {
  to: string;
  headers?: Record<string, string> | null;
  body?: DeliverSettings['body'];
  compress?: boolean;
  timeout?: string;
  connections?: number;
  retry?: { every?: string; for?: string; then?: string };
  retention?: string;
  oldest_event?: string;
  newest_event?: string;
  when_older?: DeliverSettings['whenOlder'];
  tls?: Pem;
  oauth2?: { token_url: string; client_id: string; client_secret: string; scope?: string };
}

const minute = 60_000;
const day = 86_400_000;

/** They follow from the request, or from the connection; of the last four undici refuses three. */
const notYours =
  /^(?:host|content-length|content-type|content-encoding|transfer-encoding|connection|keep-alive|upgrade|expect|proxy-authorization)$/i;

/** Bodies by format: what each provider takes. */
const bodies: Readonly<Record<string, DeliverSettings['body']>> = {
  'splunk-hec': 'lines',
  sumo: 'lines',
  cef: 'lines',
  leef: 'lines',
  csv: 'lines',
};

/**
 * Reads the gate's settings of a destination. No finding quotes a header, a URL or a secret: what they hold may
 * have come from the environment.
 */
export function readDeliverSettings(
  source: SourceFile,
  at: PathInFile,
  content: DeliverShape,
  format: string,
): DeliverSettings {
  const duration = (path: PathInFile, text: string | undefined, fallback: number): number =>
    readDuration(source, [...at, ...path], text, fallback);
  const optional = (path: PathInFile, text: string | undefined, usual?: number): number | undefined =>
    text === undefined ? usual : duration(path, text, day);
  const { retry = {}, oauth2, tls = {} } = content;
  const times = eventTimes(format);
  checkUrl(source, [...at, 'to'], content.to);
  if (oauth2) checkUrl(source, [...at, 'oauth2', 'token_url'], oauth2.token_url);
  checkHeaders(source, [...at, 'headers'], content.headers ?? {}, oauth2 !== undefined);
  if ((tls.cert === undefined) !== (tls.key === undefined))
    source.error(codes.missingKey, [...at, 'tls'], 'cert and key go together');
  checkTls(source, [...at, 'tls'], tls);
  const wantsTimes = content.oldest_event !== undefined || content.newest_event !== undefined;
  if (wantsTimes && !times.key) {
    const name = content.oldest_event === undefined ? 'newest_event' : 'oldest_event';
    source.error(codes.wrongShape, [...at, name], `${format} has no time that could be told apart`);
  }
  return {
    to: content.to,
    headers: content.headers ?? {},
    body: content.body ?? bodies[format] ?? 'array',
    compress: content.compress ?? true,
    timeout: duration(['timeout'], content.timeout, 30_000),
    connections: content.connections ?? 4,
    retry: {
      every: duration(['retry', 'every'], retry.every, minute),
      for: duration(['retry', 'for'], retry.for, 5 * minute),
      later: duration(['retry', 'then'], retry.then, 15 * minute),
    },
    retention: duration(['retention'], content.retention, 7 * day),
    oldestEvent: optional(['oldest_event'], content.oldest_event, times.oldest),
    newestEvent: optional(['newest_event'], content.newest_event, times.newest),
    whenOlder: content.when_older ?? 'restamp',
    tls,
    oauth2: oauth2 && {
      tokenUrl: oauth2.token_url,
      clientId: oauth2.client_id,
      clientSecret: oauth2.client_secret,
      scope: oauth2.scope,
    },
  };
}

/** A credential must not cross a network in clear text. */
function checkUrl(source: SourceFile, at: PathInFile, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url !== undefined && isLocal({ host: url.hostname.replace(/^\[|\]$/g, ''), port: 0 });
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) {
    if (url.username === '' && url.password === '') return;
    source.error(codes.badAddress, at, 'a user and password in a URL end up in logs', 'put them in a header');
    return;
  }
  const hint = url?.protocol === 'http:' ? 'plain http is for this machine only' : 'write https://host/path';
  source.error(codes.badAddress, at, 'this is no https URL', hint);
}

function checkTls(source: SourceFile, at: PathInFile, tls: DeliverSettings['tls']): void {
  for (const [name, problem] of pemProblems(tls)) {
    const isUnreadable = problem.endsWith("can't be read");
    const hint = "write '${file:PATH}' for a file in PEM; a key must have no passphrase";
    source.error(codes.wrongShape, [...at, name], problem, isUnreadable ? hint : undefined);
  }
}

function checkHeaders(
  source: SourceFile,
  at: PathInFile,
  headers: Readonly<Record<string, string>>,
  hasToken: boolean,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
      source.error(codes.wrongShape, [...at, name], 'this is no name of a header', undefined, 'key');
    if (notYours.test(name) || (hasToken && /^authorization$/i.test(name))) {
      const hint = 'leave it out: it follows from the request';
      source.error(codes.wrongShape, [...at, name], `'${name}' is not yours to set`, hint, 'key');
    }
    // RFC 9110, section 5.5: a line break would begin another header.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      source.error(codes.wrongShape, [...at, name], `'${name}' has a character that no header may hold`);
  }
}
