import type { Check } from './check.ts';

/** A request that tells whether the credentials are right, and writes nothing. */
export interface HarmlessRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The provider's own: Splunk's `/services/collector/health` and Datadog's `/api/v1/validate`.
 *
 * @returns undefined where there is none
 */
export function requestFor(
  format: string,
  to: URL,
  headers: Readonly<Record<string, string>>,
): HarmlessRequest | undefined {
  if (format === 'splunk-hec' && to.pathname.startsWith('/services/collector'))
    return { url: new URL('/services/collector/health', to), headers };
  if (format === 'datadog') {
    // The intake has no such path: the API of the same site has. The key goes to Datadog only, or where `to` is.
    const url = new URL('/api/v1/validate', to);
    url.hostname = to.hostname.replace(/^http-intake\.logs\./, 'api.');
    return { url, headers };
  }
  return undefined;
}

/** What an answer says of the credentials. */
export function judgeCredentials(status: number): Pick<Check, 'status' | 'message'> & { hint?: string } {
  if (status === 200) return { status: 'ok', message: 'the credentials are taken' };
  if (status === 400 || status === 401 || status === 403)
    return {
      status: 'error',
      message: `the credentials are refused: ${status}`,
      hint: 'look at the token in deliver.headers and its environment variable',
    };
  if (status === 429 || status >= 500)
    return {
      status: 'warning',
      message: `it can't take events now: ${status}`,
      hint: 'events wait meanwhile; look at it if it stays so',
    };
  return { status: 'skipped', message: `it has no such check: ${status}` };
}
