import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { pino } from 'pino';
import { oncePer } from '../http/once-per.ts';
import { type Pem, pemProblems } from '../mapping/pem.ts';
import type { TlsSettings } from '../mapping/service-settings.ts';

/**
 * How often the files are looked at, in milliseconds. They are small, and read whole: a folder that is exchanged by a symlink, as
 * Kubernetes does, tells no watcher.
 */
const lookEvery = 5000;

const day = 86_400_000;
/** One that ends sooner is said, once a day. */
export const soon = 30 * day;

/** The service's own certificate: its files, and what of them is in use. */
export class Certificate {
  readonly #files: TlsSettings;
  #pem: Pem;
  /** What the files last held, good or not: what is wrong is said once. */
  #seen: string;
  readonly #isDue = oncePer(day);

  /** @throws Error when a file can't be read, or is no PEM */
  constructor(files: TlsSettings) {
    this.#files = files;
    this.#pem = readPem(files);
    this.#seen = JSON.stringify(this.#pem);
  }

  get pem(): Pem {
    return this.#pem;
  }

  /** When the one in use ends, epoch milliseconds. */
  get end(): number {
    return endOf(this.#pem);
  }

  /**
   * Looks at the files now and then, and on SIGHUP. One that will not do leaves the old one in use; so does one whose key
   * is still to come, and one that has ended while the old one has not. That the one in use ends soon, or has ended, is
   * said: it is shown all the same, for a sender that checks none goes on.
   *
   * @param use takes over a new one
   * @returns what ends it
   */
  follow(logger: pino.Logger, use: (pem: Pem) => void): () => void {
    const look = (): void => this.#look(logger, use);
    const timer = setInterval(look, lookEvery);
    process.on('SIGHUP', look);
    logger.info({ validTo: textOf(this.end) }, 'certificate loaded');
    this.#tellEnd(logger);
    return () => {
      clearInterval(timer);
      process.off('SIGHUP', look);
    };
  }

  #look(logger: pino.Logger, use: (pem: Pem) => void): void {
    this.#take(logger, use);
    this.#tellEnd(logger);
  }

  #tellEnd(logger: pino.Logger): void {
    const { end } = this;
    const left = end - Date.now();
    const validTo = textOf(end);
    if (left >= soon || !this.#isDue(`${validTo} ${left <= 0}`)) return;
    if (left > 0) logger.warn({ validTo }, 'the certificate of service.tls ends soon');
    else
      logger.error(
        { validTo },
        'the certificate of service.tls has expired: senders that check it keep their records',
      );
  }

  #take(logger: pino.Logger, use: (pem: Pem) => void): void {
    let seen: string;
    try {
      const pem = readPem(this.#files);
      seen = JSON.stringify(pem);
      if (seen === this.#seen) return;
      const end = endOf(pem);
      if (end <= Date.now() && end < this.end) throw new Error(`service.tls: it has expired, ${textOf(end)}`);
      use(pem);
      this.#pem = pem;
      logger.info({ validTo: textOf(end) }, 'new certificate in use');
    } catch (error) {
      const reason = (error as Error).message;
      seen = reason;
      if (seen !== this.#seen)
        logger.error({ reason }, 'the new certificate will not do: the old one stays in use');
    }
    this.#seen = seen;
  }
}

/** Has a server that listens with TLS show another certificate from its next connection on. */
export function useCertificate(server: FastifyInstance, pem: Pem): void {
  (server.server as unknown as Server).setSecureContext(pem);
}

/** @throws Error that names the file, and quotes none */
function readPem({ cert, key, ca }: TlsSettings): Pem {
  const read = (path: string): string => readFileSync(path, 'utf8');
  const pem = { cert: read(cert), key: read(key), ...(ca !== undefined && { ca: read(ca) }) };
  const [problem] = pemProblems(pem).values();
  if (problem !== undefined) throw new Error(`service.tls: ${problem}`);
  return pem;
}

function endOf({ cert }: Pem): number {
  return Date.parse(new X509Certificate(cert!).validTo);
}

function textOf(time: number): string {
  return new Date(time).toISOString();
}
