import type { OAuthSettings } from '../mapping/deliver-settings.ts';
import { tryParseJson } from '../mapping/json.ts';
import { SendError } from './send-error.ts';
import type { Answer } from './sender.ts';

/** A token is given up before its end by this much, or by a tenth of its life when that is less: clocks differ. */
const longestMargin = 60_000;

interface Token {
  readonly text: string;
  /** By `performance.now()`, which no one sets. */
  readonly goodUntil: number;
}

/**
 * Gets bearer tokens by client credentials (RFC 6749, section 4.4) and keeps the last one while it is good.
 * Id and secret go into the form: every endpoint that knows this grant takes them there, Microsoft's too.
 */
export class TokenSource {
  readonly #form: string;
  readonly #post: (form: string) => Promise<Answer>;
  #token: Token | undefined;
  #asking: Promise<string> | undefined;

  /** @param post sends a form to the token endpoint; it fails with a SendError */
  constructor({ clientId, clientSecret, scope }: OAuthSettings, post: (form: string) => Promise<Answer>) {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    if (scope !== undefined) form.set('scope', scope);
    this.#form = form.toString();
    this.#post = post;
  }

  /**
   * The token to use now. Those who ask at the same time share one request.
   *
   * @throws SendError
   */
  async token(): Promise<string> {
    if (this.#token && performance.now() < this.#token.goodUntil) return this.#token.text;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Forgets a token that was refused. A newer one that somebody else got meanwhile stays. */
  invalidate(token: string): void {
    if (this.#token?.text === token) this.#token = undefined;
  }

  async #ask(): Promise<string> {
    const asked = performance.now();
    const answer = await this.#post(this.#form);
    const body = (tryParseJson(answer.text) ?? {}) as Readonly<Record<string, unknown>>;
    if (answer.status !== 200)
      throw new SendError(`${answer.status} ${errorCode(body)}`.trim(), `${answer.status}`);
    const { access_token: text, token_type: type = 'Bearer' } = body;
    // RFC 6750, section 2.1. Anything else would break the header, or could not be one.
    if (typeof text !== 'string' || !/^[\w.~+/-]+=*$/.test(text)) {
      throw new SendError('200 without a usable access_token', 'unusable');
    }
    if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
      throw new SendError('200 with a token that is not of the type Bearer', 'unusable');
    }
    this.#token = { text, goodUntil: asked + lifetime(body.expires_in) };
    return text;
  }
}

/** How long a token is used, in ms. Without `expires_in` (RFC 6749 only recommends it): until it is refused. */
function lifetime(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' ? Number.parseFloat(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !(seconds > 0)) return Number.POSITIVE_INFINITY;
  return seconds * 1000 - Math.min(longestMargin, seconds * 100);
}

/** The endpoint's error code (RFC 6749, section 5.2). Its description is left out: it may quote the request. */
function errorCode({ error }: Readonly<Record<string, unknown>>): string {
  return typeof error === 'string' && /^\w{1,50}$/.test(error) ? error : '';
}
