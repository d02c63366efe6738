import { TLSSocket } from 'node:tls';
import { type buildConnector, Pool } from 'undici';
import { connector, createSecureContext } from '../../../delivery/connection.ts';
import { type HttpProxy, proxyFor, type Target, targetOf } from '../../../delivery/proxy.ts';
import { SendError, toSendError } from '../../../delivery/send-error.ts';
import type { Answer } from '../../../delivery/sender.ts';
import type { DeliverSettings } from '../../../mapping/deliver-settings.ts';
import { type Checks, patience } from './check.ts';

const day = 86_400_000;
/** A certificate that ends sooner is said. */
const soon = 30 * day;
/** Two clocks may differ by this many ms. */
const clockTolerance = 60_000;
/** Characters of an answer that are read. */
const mostText = 65_536;

/** A look at a server: connections as the gate makes them, and what is seen on the way. */
export class Visit {
  readonly #tls: DeliverSettings['tls'];
  readonly #checks: Checks;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param environment for HTTPS_PROXY, HTTP_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS */
  constructor(tls: DeliverSettings['tls'], checks: Checks, environment: NodeJS.ProcessEnv) {
    this.#tls = tls;
    this.#checks = checks;
    this.#environment = environment;
  }

  /**
   * Opens a connection, and looks at the certificate.
   *
   * @throws SendError
   */
  async connection(url: URL): Promise<void> {
    const target = targetOf(url);
    const socket = await new Promise<unknown>((resolve, reject) => {
      const { hostname, port, protocol } = target;
      const options = { hostname, port: String(port), protocol };
      this.#connector(target)(options, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    if (!(socket instanceof TLSSocket)) {
      (socket as { destroy: () => void }).destroy();
      this.#checks.add('ok', `${url.host} takes connections`);
      return;
    }
    const end = Date.parse(socket.getPeerCertificate().valid_to);
    socket.destroy();
    const until = new Date(end).toISOString().slice(0, 10);
    if (end - Date.now() < soon) {
      const hint = 'have it renewed before: events wait from then on';
      this.#checks.add('warning', `the certificate of ${url.host} ends on ${until}`, hint);
    } else this.#checks.add('ok', `${url.host} takes connections; its certificate is good until ${until}`);
  }

  /**
   * One bounded request; its answer's date is compared with our clock.
   *
   * @throws SendError
   */
  async ask(
    url: URL,
    method: 'GET' | 'POST',
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    const pool = new Pool(url.origin, { connect: this.#connector(targetOf(url)), connections: 1 });
    const signal = AbortSignal.timeout(patience);
    try {
      const answer = await pool.request({
        method,
        path: url.pathname + url.search,
        headers: { 'accept-encoding': 'identity', ...headers },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      this.#clock([answer.headers.date].flat()[0]);
      let text = '';
      for await (const part of answer.body) {
        text += String(part);
        if (text.length > mostText) break;
      }
      return { status: answer.statusCode, retryAfter: undefined, text };
    } catch (error) {
      throw signal.aborted ? new SendError(`no answer within ${patience} ms`) : toSendError(error);
    } finally {
      await pool.destroy();
    }
  }

  #clock(date: string | undefined): void {
    const apart = Math.abs(Date.parse(date ?? '') - Date.now());
    if (!(apart > clockTolerance)) return;
    const message = `its clock and ours are ${Math.round(apart / 1000)} s apart`;
    this.#checks.add(
      'warning',
      message,
      'set the clock here (NTP): events get times, and batches ages, by it',
    );
  }

  #connector(target: Target): buildConnector.connector {
    const secureContext = createSecureContext(this.#tls, this.#environment);
    return connector({ secureContext, proxy: this.#proxyFor(target), timeout: patience }, target);
  }

  #proxyFor(target: Target): HttpProxy | undefined {
    try {
      return proxyFor(target, this.#environment);
    } catch (error) {
      throw new SendError((error as Error).message);
    }
  }
}

/** What to do when there was no connection, or no answer. */
export function adviceFor({ message }: SendError): string {
  if (/proxy/i.test(message)) return 'look at HTTPS_PROXY and NO_PROXY';
  if (/host not found/.test(message)) return 'correct the host, or the name server';
  if (/self.signed|issuer|unable to verify/i.test(message))
    return 'name its authority: tls: { ca }, tls.ca_file';
  if (/TLS/.test(message)) return "look at the address and the TLS settings, and at the server's certificate";
  return 'look at the host and port, and at firewalls between';
}
