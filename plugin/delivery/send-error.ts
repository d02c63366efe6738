/**
 * The SIEM could not be reached, or did not answer in time; whether it took the records can't be known. The
 * message holds no URL, header or body: each may hold a secret.
 */
export class SendError extends Error {
  /** One of few words for it, to be counted by. */
  readonly kind: string;

  /** @param kind the code of Node.js, undici or OpenSSL, or a word of ours */
  constructor(message: string, kind = 'other') {
    super(message);
    this.kind = kind.toLowerCase();
  }
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
  EAI_NODATA: 'host not found',
  ECONNRESET: 'connection broke',
  ECONNABORTED: 'connection broke',
  EPIPE: 'connection broke',
  UND_ERR_SOCKET: 'connection broke',
  ETIMEDOUT: 'no connection',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'host unreachable',
  UND_ERR_DESTROYED: 'the service is stopping',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'no proper HTTP answer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another host',
};

/**
 * Says it in plain words that come from here or from OpenSSL. Messages of undici and Node.js are left out: they
 * quote what they were given.
 *
 * @throws what has no code: a fault of ours
 */
export function toSendError(error: unknown): SendError {
  if (error instanceof SendError) return error;
  const { code, message, reason } = error as { code?: unknown; message?: string; reason?: unknown };
  if (typeof code !== 'string') throw error;
  return new SendError(`${plainWords[code] ?? otherWords(code, message, reason)} (${code})`, code);
}

function otherWords(code: string, message: string | undefined, reason: unknown): string {
  if (code.startsWith('HPE_')) return 'no HTTP answer';
  if (/^(?:ERR_SSL_|EPROTO$)/.test(code)) return `TLS: ${typeof reason === 'string' ? reason : 'it failed'}`;
  // What verifying found, in OpenSSL's fixed words: X509_verify_cert_error_string.
  const isVerdict =
    /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_|INVALID_|PATH_LENGTH_)/.test(code);
  // Node.js 24 adds advice after a semicolon.
  return isVerdict ? `TLS: ${message?.split(';', 1)[0]}` : 'the request failed';
}
