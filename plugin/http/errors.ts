/**
 * Every answer that is no success, in one place. Fluent Bit drops a chunk on any 4xx but 408 and 429, so a
 * 4xx is given only where no repeat of the same bytes could ever help; all else is 503, and is repeated.
 */
export class ServiceError extends Error {
  readonly code: string;
  readonly statusCode: number;
  /** Byte offset in the unpacked body, where there is one. */
  readonly offset: number | undefined;

  constructor(statusCode: number, code: string, message: string, offset?: number) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.offset = offset;
  }
}

/** Seconds after which a refused request is worth repeating. */
export const retryAfter = 5;

export const undecodable = (message: string, offset?: number): ServiceError =>
  new ServiceError(400, 'undecodable_body', message, offset);

export const tooLarge = (limit: number): ServiceError =>
  new ServiceError(
    413,
    'body_too_large',
    `the unpacked body is larger than ${limit} bytes (service.body_limit)`,
  );

export const tooManyRecords = (message: string): ServiceError =>
  new ServiceError(413, 'body_too_large', `${message}: send fewer at a time`);

/** 503 and not 404: the name can be added to destinations.yaml, and until then the chunk must be kept. */
export const unknownDestination = (name: string, hint: string): ServiceError =>
  new ServiceError(503, 'unknown_destination', `there is no destination '${name}': ${hint}`);

/** 503 and not 404, for the same reason. */
export const unknownRoute = (method: string, url: string): ServiceError =>
  new ServiceError(
    503,
    'unknown_route',
    `there is nothing to ${method} to at ${url}; records go to /map/<destination>`,
  );

/** 503 and not 415: another setting of the sender's cures it, and until then the chunk must be kept. */
export const unknownEncoding = (encoding: string): ServiceError =>
  new ServiceError(
    503,
    'unknown_encoding',
    `a body in '${encoding}' can't be unpacked: send gzip, or no Content-Encoding`,
  );

/** 503 and not 400, 408 or 431: what is in the way can be mended. `code` is Node.js's. */
export const brokenRequest = (code: string): ServiceError =>
  new ServiceError(503, 'broken_request', `the request is no HTTP, too slow or its head too large (${code})`);

export const notAcknowledged = (message: string): ServiceError =>
  new ServiceError(503, 'not_acknowledged', message);

/** The SIEM fails, or someone paused it: Fluent Bit keeps the batch. */
export const held = (destination: string, reason: string): ServiceError =>
  new ServiceError(503, 'held', `'${destination}' is ${reason}`);

/** 503 and not 404: the gate can be added to destinations.yaml. */
export const noGate = (destination: string): ServiceError =>
  new ServiceError(503, 'no_gate', `'${destination}' has no 'deliver:' in destinations.yaml`);

/** The process with the gates is going, or gone; then this one goes, too. */
export const noPrimary = (reason: string): ServiceError =>
  new ServiceError(503, 'no_primary', `the service's first process does not answer: ${reason}`);

/** Its sender keeps it until others are settled. */
export const tooMuchInFlight = (): ServiceError =>
  new ServiceError(
    503,
    'too_much_in_flight',
    'as many bytes as may be are under way (service.in_flight): Fluent Bit acknowledges late, or more comes than it takes',
  );

/** 503 and not 401 for what Fluent Bit may have sent: right credentials cure it, and until then the chunk must be kept. */
export const unauthorized = (statusCode: 401 | 503, area: string): ServiceError =>
  new ServiceError(
    statusCode,
    'unauthorized',
    `credentials are missing or wrong: this needs those of service.auth.${area}`,
  );
