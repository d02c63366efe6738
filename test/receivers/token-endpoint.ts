import { randomBytes } from 'node:crypto';
import { type Answer, type HttpRequest, mediaType } from './http-receiver.ts';

export interface TokenEndpointOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Seconds. */
  readonly lifetime: number;
  readonly scope: string;
  readonly now: () => number;
}

/**
 * Microsoft Entra's OAuth 2.0 token endpoint, for the client credentials grant only. As there, a wrong secret
 * is 401 and every other mistake 400.
 * https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow ,
 * https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  /** Tokens and when they end. */
  readonly #tokens = new Map<string, number>();

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /** Whether this is the value of an Authorization header that lets in. */
  accepts(authorization: string | undefined): boolean {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
    return token !== undefined && this.#options.now() < (this.#tokens.get(token) ?? Number.NEGATIVE_INFINITY);
  }

  /** Makes every token that was given out worthless. */
  revoke(): void {
    this.#tokens.clear();
  }

  answer({ method, headers, text = '' }: HttpRequest): Answer {
    const { clientId, clientSecret, lifetime, scope, now } = this.#options;
    if (method !== 'POST') return problem(405, 'invalid_request', 900561, 'The endpoint only accepts POST.');
    const isForm = mediaType(headers) === 'application/x-www-form-urlencoded';
    const form = new URLSearchParams(isForm ? text : '');
    const grant = form.get('grant_type');
    if (grant === null) return missing('grant_type');
    if (grant !== 'client_credentials') {
      return problem(
        400,
        'unsupported_grant_type',
        70003,
        `The app requested an unsupported grant type '${grant}'.`,
      );
    }
    const basic = fromBasic(headers.authorization);
    const id = basic?.id ?? form.get('client_id');
    const secret = basic?.secret ?? form.get('client_secret');
    if (id === null) return missing('client_id');
    if (id !== clientId) {
      return problem(
        400,
        'unauthorized_client',
        700016,
        `Application with identifier '${id}' was not found.`,
      );
    }
    if (form.get('scope') === null) return missing('scope');
    if (form.get('scope') !== scope) {
      return problem(
        400,
        'invalid_scope',
        1002012,
        `The provided value for scope ${form.get('scope')} is not valid.`,
      );
    }
    if (secret === null) {
      return problem(401, 'invalid_client', 7000218, "The request body must contain 'client_secret'.");
    }
    if (secret !== clientSecret)
      return problem(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, now() + lifetime * 1000);
    return {
      status: 200,
      headers: { 'cache-control': 'no-store, no-cache' },
      body: { token_type: 'Bearer', expires_in: lifetime, ext_expires_in: lifetime, access_token: token },
    };
  }
}

/** The other way to say who one is (RFC 6749, section 2.3.1), which Entra takes as well. */
function fromBasic(authorization = ''): { id: string; secret: string } | undefined {
  const [, packed] = /^Basic (\S+)$/.exec(authorization) ?? [];
  if (packed === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(packed, 'base64').toString('utf8').split(':');
  return { id: formDecoded(id), secret: formDecoded(secret.join(':')) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function missing(parameter: string): Answer {
  return problem(
    400,
    'invalid_request',
    900144,
    `The request body must contain the following parameter: '${parameter}'.`,
  );
}

function problem(status: number, error: string, code: number, text: string): Answer {
  return {
    status,
    body: { error, error_description: `AADSTS${code}: ${text}`, error_codes: [code] },
  };
}
