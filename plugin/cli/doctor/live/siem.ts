import { TLSSocket } from 'node:tls';
import { type buildConnector, Pool } from 'undici';
import { connector, createSecureContext } from '../../../delivery/connection.ts';
import { TokenSource } from '../../../delivery/oauth.ts';
import { proxyFor, type Target, targetOf } from '../../../delivery/proxy.ts';
import { SendError, toSendError } from '../../../delivery/send-error.ts';
import type { Answer } from '../../../delivery/sender.ts';
import type { DeliverSettings } from '../../../mapping/deliver-settings.ts';
import type { DestinationSettings } from '../../../mapping/settings.ts';
import { type Check, Checks, patience } from './check.ts';
import { judgeCredentials, requestFor } from './credentials.ts';

const day = 86_400_000;
/** A certificate that ends sooner is said. */
const soon = 30 * day;
/** Two clocks may differ by this many ms. */
const clockTolerance = 60_000;
const mostText = 65_536;

/** The SIEM of a destination with a gate: the connection, its certificate, the clocks, and the credentials. */
export async function checkSiem(
  { name, format, deliver }: DestinationSettings,
  environment = process.env,
): Promise<Check[]> {
  const checks = new Checks(name);
  if (!deliver) return [];
  try {
    await new Visit(deliver, checks, environment).of(format);
  } catch (error) {
    checks.add('error', reasonOf(error), adviceFor(reasonOf(error)));
  }
  return checks.all;
}

class Visit {
  readonly #deliver: DeliverSettings;
  readonly #checks: Checks;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(deliver: DeliverSettings, checks: Checks, environment: NodeJS.ProcessEnv) {
    this.#deliver = deliver;
    this.#checks = checks;
    this.#environment = environment;
  }

  async of(format: string): Promise<void> {
    const { to, oauth2 } = this.#deliver;
    const url = new URL(to);
    await this.#connection(url);
    if (oauth2) await this.#token(new URL(oauth2.tokenUrl));
    const request = requestFor(format, url, this.#deliver.headers);
    if (!request) {
      const hint = oauth2 ? undefined : 'doctor --send, or fluent-bit-siem test, sends an event';
      if (!oauth2)
        this.#checks.add('skipped', 'it has no way to ask whether the credentials are right', hint);
      return;
    }
    const { status } = await this.#ask(request.url, 'GET', request.headers);
    const { status: result, message, hint } = judgeCredentials(status);
    this.#checks.add(result, message, hint);
  }

  /** Opens a connection as the gate does, and looks at the certificate. */
  async #connection(url: URL): Promise<void> {
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
    const left = end - Date.now();
    const until = new Date(end).toISOString().slice(0, 10);
    if (left < soon) {
      const hint = 'have it renewed before: with the gate events wait then, none is lost';
      this.#checks.add('warning', `the certificate of ${url.host} ends on ${until}`, hint);
    } else this.#checks.add('ok', `${url.host} takes connections; its certificate is good until ${until}`);
  }

  async #token(url: URL): Promise<void> {
    const post = (form: string): Promise<Answer> =>
      this.#ask(url, 'POST', { 'content-type': 'application/x-www-form-urlencoded' }, form);
    try {
      await new TokenSource(this.#deliver.oauth2!, post).token();
      this.#checks.add('ok', `${url.host} gives a token`);
    } catch (error) {
      const hint = 'look at oauth2: client_id, client_secret, scope, token_url';
      this.#checks.add('error', `token endpoint: ${reasonOf(error)}`, hint);
    }
  }

  /** One bounded request; its answer's date is compared with our clock. */
  async #ask(
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
    const theirs = Date.parse(date ?? '');
    const apart = Math.abs(theirs - Date.now());
    if (!(apart > clockTolerance)) return;
    const message = `its clock and ours are ${Math.round(apart / 1000)} s apart`;
    this.#checks.add(
      'warning',
      message,
      'set the clock here (NTP): events get times, and batches ages, by it',
    );
  }

  #connector(target: Target): buildConnector.connector {
    const secureContext = createSecureContext(this.#deliver.tls, this.#environment);
    const proxy = proxyFor(target, this.#environment);
    return connector({ secureContext, proxy, timeout: patience }, target);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof SendError ? error.message : toSendError(error).message;
}

function adviceFor(reason: string): string {
  if (/host not found/.test(reason)) return "correct the host in 'to', or the name server";
  if (/proxy/.test(reason)) return 'look at HTTPS_PROXY and NO_PROXY';
  if (/self.signed|issuer|unable to verify/i.test(reason))
    return "name its authority: tls: { ca: '${file:ca.pem}' }";
  if (/TLS/.test(reason)) return "look at 'to' and tls:, and at the server's certificate";
  return "look at the host and port in 'to', and at firewalls between";
}
