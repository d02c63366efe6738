import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Pem } from '../mapping/pem.ts';
import type { Area } from '../mapping/service-settings.ts';
import type { Settings } from '../mapping/settings.ts';
import { type Address, formatAddress } from '../mapping/units.ts';
import { Certificate } from './certificate.ts';

/** The service does not answer, or answers with an error: the message says what to do. */
export class ServiceProblem extends Error {}

export interface ServiceAnswer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Asks the running service, with the credentials that destinations.yaml has for it.
 *
 * @param body sent as it is; without it there is none
 * @throws ServiceProblem when it can't be reached, or does not know the credentials
 */
export async function askService(
  service: Pick<Settings, 'listen' | 'auth' | 'tls'>,
  method: 'GET' | 'POST',
  path: string,
  body?: string | Buffer,
): Promise<ServiceAnswer> {
  const where = formatAddress(service.listen);
  const authorization = authorizationFor(service, path.startsWith('/map/') ? 'map' : 'admin');
  let status: number;
  let text: string;
  try {
    const socket = await connect(service);
    const headers = { connection: 'close', ...(authorization !== undefined && { authorization }) };
    const asked = request({ createConnection: () => socket, method, path, headers });
    [status, text] = await answerTo(asked.end(body));
  } catch (error) {
    if (error instanceof ServiceProblem) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ServiceProblem(`the service at ${where} can't be reached (${code ?? message}): is it running?`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ServiceProblem(`what answers at ${where} is not fluent-bit-siem`);
  }
  if ((json as { error?: unknown } | null)?.error === 'unauthorized') {
    const hint = 'start it again if service.auth has changed';
    throw new ServiceProblem(`the service at ${where} does not take these credentials: ${hint}`);
  }
  return { status, json };
}

/** The answer's content. @throws ServiceProblem when the service says no */
export function expectOk({ status, json }: ServiceAnswer): unknown {
  if (status === 200) return json;
  const { message } = (json ?? {}) as { message?: unknown };
  throw new ServiceProblem(`${status} ${String(message ?? 'the service refuses')}`);
}

async function answerTo(asked: ClientRequest): Promise<[status: number, text: string]> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  // From here on it is the answer that breaks off.
  asked.on('error', () => {});
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return [response.statusCode!, Buffer.concat(parts).toString()];
}

/**
 * Connects, and with TLS makes sure who answers: it must show the very certificate that destinations.yaml names, whatever
 * name that is for. Where clients need one, the same is shown to it.
 */
async function connect({ listen, tls }: Pick<Settings, 'listen' | 'tls'>): Promise<Socket> {
  const address = 'path' in listen ? listen : { ...listen, host: reachable(listen) };
  if (!tls) {
    const socket = connectPlain(address);
    await once(socket, 'connect');
    return socket;
  }
  const { cert, key, ca } = ownCertificate(tls);
  const socket = connectTls({
    ...address,
    rejectUnauthorized: false,
    ...(ca !== undefined && { cert, key }),
  });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  if (shown === new X509Certificate(cert!).fingerprint256) return socket;
  socket.destroy();
  throw new ServiceProblem(
    `what answers at ${formatAddress(listen)} shows another certificate than service.tls.cert`,
  );
}

/** @throws ServiceProblem */
function ownCertificate(tls: NonNullable<Settings['tls']>): Pem {
  try {
    return new Certificate(tls).pem;
  } catch (error) {
    throw new ServiceProblem((error as Error).message);
  }
}

/** Who listens at every address is asked at this machine's own. */
function reachable({ host }: Extract<Address, { host: string }>): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function authorizationFor({ auth }: Pick<Settings, 'auth'>, area: Area): string | undefined {
  const [token] = auth[area]?.tokens ?? [];
  if (token !== undefined) return `Bearer ${token}`;
  const [user] = auth[area]?.users ?? [];
  if (!user) return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
}
